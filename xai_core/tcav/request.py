"""The request: is a concept used for some classes, at some layers?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.datasets.dataset import Shelf
from xai_core.progress import Progress, silent
from xai_core.tcav.settings import USUAL, Settings

if TYPE_CHECKING:
    from xai_core.hub import Hub
    from xai_core.tcav.result import TcavResult

Entry = tuple[str, int]  # key and revision of a concept set or a pool in the library


@dataclass(frozen=True)
class Examples:
    """Pictures of one class of the model: a class of a data set, all of it, or what the model takes for the class."""

    target: int  # the model's class
    shelf: Shelf
    key: str
    revision: int
    label: int | None = None  # of the data set's classes; None: all its pictures
    predicted: bool = False  # only those that the model itself takes for `target`


@dataclass(frozen=True)
class Tcav:
    """One concept. Several concepts are several requests: each is remembered, and may be stopped, by itself."""

    model: str
    concept: Entry
    against: tuple[Entry, ...]  # pools of counter-examples; the other concepts where `relative`
    classes: tuple[Examples, ...]
    layers: tuple[str, ...]
    relative: bool = False
    settings: Settings = USUAL

    def answer(self, hub: Hub, progress: Progress = silent) -> TcavResult:
        """Refused cell by cell where a test is not possible. LibraryError or UnusableData for pictures that are gone
        or were changed since they were chosen, UnsupportedMethod for a layer that cannot be tested."""
        from xai_core.tcav.answering import answered

        return answered(self, hub, progress)
