"""A drawn map: for every picture a point, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets.dataset import Dataset, Item
from xai_core.training.source import dataset_of

if TYPE_CHECKING:
    from xai_core.embedding.quality import Quality
    from xai_core.embedding.reduce import Projection
    from xai_core.embedding.request import DrawMap

UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class PictureMap:
    """N pictures, row by row in the order of the request; K classes of the model. Arrays are read-only."""

    request: DrawMap
    layer: str  # in words
    datasets: tuple[str, ...]  # titles of the sources
    labels: tuple[str, ...] = field(repr=False)  # K, the model's classes
    classes: tuple[tuple[str, ...], ...] = field(repr=False)  # of each source
    points: NDArray[np.float32] = field(repr=False)  # (N, 2)
    sources: NDArray[np.int32] = field(repr=False)  # (N,) which of the request's sources
    items: NDArray[np.int32] = field(repr=False)  # (N,) number of the item there
    predicted: NDArray[np.int32] = field(repr=False)  # (N,) of the model's classes
    confidence: NDArray[np.float32] = field(repr=False)  # (N,) probability of that class
    label: NDArray[np.int32] = field(repr=False)  # (N,) of the source's classes, -1: none
    truth: NDArray[np.int32] = field(repr=False)  # (N,) of the model's classes, -1: unknown
    twins: NDArray[np.int32] = field(repr=False)  # (N,) the first row with the same features: its own, or it lies on it
    neighbours: NDArray[np.int32] = field(repr=False)  # (N, k) nearest rows by the features, nearest first
    quality: Quality
    projection: Projection = field(repr=False)  # from features to what was laid out
    perplexity: float  # that was used; 0 where the layout has none
    iterations: int  # that were made; 0 where the layout has none
    complete: bool  # whether all of them were made, or it was enough before
    notes: tuple[str, ...]  # whole sentences
    weights: str  # SHA-256 of the model
    seconds: float

    def __len__(self) -> int:
        return len(self.points)

    @property
    def duplicates(self) -> int:
        """How many pictures lie on another one's point, having the same features."""
        return int((self.twins != np.arange(len(self))).sum())

    @property
    def explained(self) -> NDArray[np.float64]:
        """(d,): the share of the features' variance that each principal component kept for the layout holds."""
        return self.projection.explained

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """(N,): the model names the true class; False also where that is unknown."""
        found: NDArray[np.bool_] = self.predicted == self.truth
        return found

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(N,): the true class is one of the model's."""
        found: NDArray[np.bool_] = self.truth != UNKNOWN
        return found

    def opened(self) -> tuple[Dataset, ...]:
        """The data sets behind the sources; LibraryError or UnusableData where one is gone or was changed."""
        return tuple(dataset_of(each.key, each.revision, each.shelf) for each in self.request.sources)

    def located(self, row: int) -> tuple[Dataset, Item]:
        """The picture of a row; errors as `opened`."""
        source = self.request.sources[self.sources[row]]
        data = dataset_of(source.key, source.revision, source.shelf)
        return data, data.items[self.items[row]]

    def own_label(self, row: int) -> str:
        """The class that the picture has in its data set, or ""."""
        label = int(self.label[row])
        return "" if label == UNKNOWN else self.classes[self.sources[row]][label]
