"""Pictures of a data set from most to least like a concept, as the network sees them (Kim et al. 2018, section 4.1)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets.dataset import Shelf
from xai_core.errors import UnusableData
from xai_core.names import safe_label
from xai_core.progress import Progress, part, silent
from xai_core.tcav.direction import Direction, Trained

if TYPE_CHECKING:
    from xai_core.hub import Hub


@dataclass(frozen=True)
class SortByConcept:
    """The request: some pictures, sorted. Those that the concept was trained with are left out."""

    direction: Direction
    shelf: Shelf
    key: str
    revision: int
    label: int | None = None  # of the data set's classes; None: all its pictures

    def answer(self, hub: Hub, progress: Progress = silent) -> Sorted:
        """UnusableData where no picture is left. Other errors as `Direction`, `dataset_of` and `features`."""
        from xai_core.features.features import features
        from xai_core.tcav.sets import distinct
        from xai_core.training.source import dataset_of

        begun = time.monotonic()
        trained: Trained = hub.run(self.direction, part(progress, 0.0, 0.5))
        data = dataset_of(self.key, self.revision, self.shelf)
        numbers = {item.digest: n for n, item in reversed(list(enumerate(data.items)))}
        given = distinct((data, item) for item in data.items if self.label in (None, item.label))
        left = [each for each in given if each[1].digest not in trained.trained_on]
        if not left:
            raise UnusableData(
                f"No picture of “{safe_label(data.title)}” is left to sort: the concept was trained with all of them. "
                "Choose another data set."
            )
        asked, pooling = self.direction, self.direction.settings.pooling
        rows = features(hub, asked.model, (asked.layer,), left, pooling, part(progress, 0.5, 1.0))[asked.layer]
        likeness = cosines(rows, trained.vector)
        order = np.argsort(-likeness, kind="stable")
        return Sorted(
            request=self,
            title=trained.title,
            items=tuple(numbers[left[place][1].digest] for place in order),
            likeness=likeness[order],
            left_out=len(given) - len(left),
            accuracy=trained.accuracy,
            seconds=time.monotonic() - begun,
        )


@dataclass(frozen=True, eq=False)
class Sorted:
    """Most like first."""

    request: SortByConcept
    title: str  # the concept's
    items: tuple[int, ...] = field(repr=False)  # numbers in the data set
    likeness: NDArray[np.float64] = field(
        repr=False
    )  # cosine of activation and direction, -1 to 1; 0 for no activation
    left_out: int  # pictures that the concept was trained with
    accuracy: float  # of the concept's CAVs on held-out pictures
    seconds: float


def cosines(rows: NDArray[np.float32], direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row (N, D) with a direction (D,) of length 1; 0 for a row of zeros."""
    exact = rows.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1)
    return np.asarray(exact @ direction / np.where(lengths, lengths, 1.0), np.float64)
