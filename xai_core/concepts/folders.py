"""Which concept each file of an upload belongs to: a folder is a concept, and `concepts.json` knows more about it.

The layout is that of TensorFlow's TCAV: a folder of pictures for each concept, and `random500_0`, `random500_1`, ...
for counter-examples.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xai_core.datasets import tables
from xai_core.datasets.archive import UnusableArchive
from xai_core.datasets.layout import arrange
from xai_core.datasets.pictures import CLAIMED
from xai_core.datasets.sources import Found, Source
from xai_core.datasets.tables import Told
from xai_core.library.filenames import titled
from xai_core.names import safe_label
from xai_core.progress import Progress, silent

LIST, FORMAT = "concepts.json", 1
RANDOM = re.compile(r"random(500|[ _-].*)?(_?\d+)?", re.IGNORECASE)
UPLOADED, COUNTER_EXAMPLES = "uploaded", "Random counter-examples"

Path = tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """A concept that is to be made."""

    title: str
    origin: str = UPLOADED
    pool: bool = False
    number: int = 0  # tells those of one list apart


@dataclass(frozen=True)
class Sorted:
    """The files, the concept of each, and sentences about what could not be taken as it was meant."""

    sources: tuple[Source, ...]
    wanted: tuple[Wanted, ...]  # one for each source; the same one for all of a concept
    notes: tuple[str, ...]
    told: Told  # by tables that came along, of the sources

    @property
    def claimed(self) -> dict[Wanted, None]:
        """The concepts of files that are called pictures, in their order."""
        pairs = zip(self.sources, self.wanted, strict=True)
        return {wanted: None for source, wanted in pairs if source.path[-1].casefold().endswith(CLAIMED)}


def sort_out(found: Found, title: str, pool: bool, progress: Progress = silent) -> Sorted:
    """A concept for each folder; `title` is for pictures outside any, and for a single folder. A pool takes all."""
    lists = [source for source in found.sources if source.path[-1].casefold() == LIST]
    rest, told = tables.apart([source for source in found.sources if source not in lists], progress)
    if pool:
        return Sorted(tuple(rest), (Wanted(title, pool=True),) * len(rest), (), told)
    folders, notes = {}, []
    for source in lists:
        try:
            folders.update(_folders(source))
        except (UnusableArchive, ValueError, KeyError, TypeError, RecursionError):
            notes.append(f"{source.name} cannot be read; the concepts are named after their folders.")
    listed = [_listed(source.path, folders) for source in rest]
    others = iter(_arranged([source for source, one in zip(rest, listed, strict=True) if one is None], title))
    return Sorted(tuple(rest), tuple(one or next(others) for one in listed), tuple(notes), told)


def described(title: str, origin: str, pool: bool, folders: Sequence[str], digests: Sequence[str]) -> dict[str, Any]:
    """A concept as `concepts.json` lists it."""
    return {"title": title, "origin": origin, "pool": pool, "folders": list(folders), "digests": list(digests)}


def _folders(source: Source) -> dict[Path, Wanted]:
    """Folders with what the list beside them says of them; several errors where it is none of ours."""
    told = {}
    for number, each in enumerate(json.loads(source.read())["concepts"]):
        origin = safe_label(each["origin"]) if each["origin"] else ""
        one = Wanted(titled(each["title"]), origin, each["pool"] is True, number)
        told.update({(*source.path[:-1], safe_label(folder)): one for folder in each["folders"]})
    return told


def _listed(path: Path, told: dict[Path, Wanted]) -> Wanted | None:
    return next((told[path[:depth]] for depth in range(len(path) - 1, 0, -1) if path[:depth] in told), None)


def _arranged(sources: Sequence[Source], title: str) -> list[Wanted]:
    layout = arrange([source.path for source in sources])
    folders = [layout.classes[place.label] if place.label is not None else "" for place in layout.places]
    if title.strip() and len(layout.classes) == 1 and not RANDOM.fullmatch(layout.classes[0]):
        return [Wanted(title)] * len(folders)
    return [_of_folder(folder) if folder else Wanted(title) for folder in folders]


def _of_folder(folder: str) -> Wanted:
    return Wanted(COUNTER_EXAMPLES, pool=True) if RANDOM.fullmatch(folder) else Wanted(folder)
