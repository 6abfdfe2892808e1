"""More pictures like those that a concept already has, for a person to accept or refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets.dataset import Dataset, Item, Shelf
from xai_core.errors import UnusableConcept
from xai_core.features.features import features
from xai_core.progress import Progress, part, silent
from xai_core.training.source import dataset_of

if TYPE_CHECKING:
    from xai_core.hub import Hub


@dataclass(frozen=True)
class Suggest:
    """The request: the pictures of a data set, or of another concept, that are most like a concept's at a layer.

    ValueError unless at least one is wanted.
    """

    model: str
    layer: str
    key: str
    revision: int
    source: tuple[Shelf, str, int]  # where to look: shelf, key, revision
    refused: frozenset[str] = frozenset()  # digests that the person does not want to see again
    count: int = 12

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"count must be at least 1, got {self.count}")

    def answer(self, hub: Hub, progress: Progress = silent) -> Suggested:
        """UnusableConcept without a picture to go by, UnusableData when either has changed since; as `features` else.

        Pictures that the concept has already, or that were refused, are left out, and the same pixels come once.
        """
        concept, (shelf, key, revision) = dataset_of(self.key, self.revision, "concepts"), self.source
        source = dataset_of(key, revision, shelf)
        if not concept.items:
            raise UnusableConcept(
                f"{concept.title} has no pictures yet. Add at least 1 by hand: others are found by it."
            )
        known = {item.digest for item in concept.items} | self.refused
        items = tuple({item.digest: item for item in reversed(source.items)}.values())[::-1]
        located = [(concept, item) for item in concept.items] + [(source, item) for item in items]
        rows = features(hub, self.model, [self.layer], located, progress=part(progress, 0.0, 0.99))[self.layer]
        likeness = likenesses(rows[: len(concept.items)], rows[len(concept.items) :])
        order = [number for number in np.argsort(-likeness, kind="stable") if items[number].digest not in known]
        best = order[: self.count]
        return Suggested(source, tuple((items[number], float(likeness[number])) for number in best), len(order))


@dataclass(frozen=True)
class Suggested:
    """Pictures of the source with their likeness, -1 to 1, the most alike first."""

    source: Dataset
    items: tuple[tuple[Item, float], ...]
    left: int  # pictures of the source that could be suggested


def likenesses(chosen: NDArray[np.float32], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N,) cosine of each row (N, D) with the mean direction of the `chosen` (n, D), seen from the mean of all rows.

    Without that, what all pictures have in common would outweigh what sets some of them apart. 0 where a row, or the
    chosen ones together, point nowhere.
    """
    middle = rows.mean(0, dtype=np.float64) if len(rows) else np.zeros(chosen.shape[1])
    direction = _unit(_unit(chosen - middle).mean(0, keepdims=True))[0]
    return np.asarray(_unit(rows - middle) @ direction, np.float64)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float64)
