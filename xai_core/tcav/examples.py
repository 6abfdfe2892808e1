"""The pictures of a class whose gradients are asked: of a data set, or those that the model takes for the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_core.errors import UnusableData
from xai_core.features.answers import answers
from xai_core.features.located import Located
from xai_core.names import safe_label
from xai_core.progress import Progress, silent
from xai_core.tcav.sets import distinct, drawn
from xai_core.tcav.settings import Settings
from xai_core.training.source import dataset_of

if TYPE_CHECKING:
    from xai_core.hub import Hub
    from xai_core.tcav.request import Examples

LOOK = 64  # pictures that are judged at a time, until enough are found


def examples(
    hub: Hub, model: str, wanted: Examples, settings: Settings, progress: Progress = silent
) -> tuple[tuple[Located, ...], tuple[str, ...]]:
    """At most `settings.examples` distinct pictures, and what a person should know about them.

    LibraryError when the data set is gone, UnusableData when it has been changed since or has no such class.
    """
    data = dataset_of(wanted.key, wanted.revision, wanted.shelf)
    if wanted.label is not None and not 0 <= wanted.label < len(data.classes):
        raise UnusableData(f"“{safe_label(data.title)}” has no class number {wanted.label}. Choose one of its classes.")
    found = distinct((data, item) for item in data.items if wanted.label in (None, item.label))
    if wanted.predicted:
        return _taken_for(hub, model, wanted.target, found, settings, progress)
    return drawn(found, settings.examples, settings.seed), ()


def _taken_for(
    hub: Hub, model: str, target: int, pictures: tuple[Located, ...], settings: Settings, progress: Progress
) -> tuple[tuple[Located, ...], tuple[str, ...]]:
    """The first in a seeded order whose likeliest class is the target; no more are looked at than are needed."""
    label = safe_label(hub.classifier(model).labels[target])
    order = [pictures[row] for row in np.random.default_rng(settings.seed).permutation(len(pictures))]
    found: list[Located] = []
    looked = 0
    while looked < len(order) and len(found) < settings.examples:
        share = max(looked / len(order), len(found) / settings.examples)
        note = f"looking for pictures that the model takes for {label}, {len(found)} found"
        batch = order[looked : looked + LOOK]
        said = answers(hub, model, batch, _staying(progress, share, note)).argmax(1)
        found += [located for located, index in zip(batch, said, strict=True) if index == target]
        looked += len(batch)
    note = f"Of {looked} pictures that were looked at, the model takes {len(found)} for {label}."
    return tuple(found[: settings.examples]), (note,)


def _staying(progress: Progress, share: float, note: str) -> Progress:
    """Says the same however far a part has come, and can be stopped within it."""

    def told(fraction: float, _: str = "") -> None:
        progress(share, note)

    return told
