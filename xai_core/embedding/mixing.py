"""Which classes lie among each other, seen by the model: counted over pictures and their nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.picture_map import UNKNOWN

if TYPE_CHECKING:
    from xai_core.embedding.picture_map import PictureMap


@dataclass(frozen=True)
class Pair:
    """Two classes, counted in both directions."""

    one: str
    other: str
    taken: int  # pictures of one that the model names as the other
    among: int  # pictures of one most of whose nearest neighbours are of the other


@dataclass(frozen=True, eq=False)
class Mixing:
    """C classes that have pictures: true ones that the model knows; else the data sets' own; else what it says."""

    names: tuple[str, ...]
    by: Literal["truth", "label", "prediction"]
    pictures: int  # that were counted
    taken: NDArray[np.int64] = field(repr=False)  # (C, C): truth, prediction; off-diagonal only among these classes
    among: NDArray[np.int64] = field(repr=False)  # (C, C): own class, class of most of the neighbours
    wrong: int  # pictures that the model names as another class, whichever

    @property
    def settled(self) -> bool:
        """Whether every picture has most of its neighbours in its own class."""
        return int(np.trace(self.among)) == self.pictures

    @property
    def astray(self) -> int:
        """Pictures most of whose neighbours are of one other class."""
        return int(self.among.sum() - np.trace(self.among))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Pairs that are mixed up at all, the most often taken for each other first."""
        both = {
            (a, b): (int(self.taken[a, b] + self.taken[b, a]), int(self.among[a, b] + self.among[b, a]))
            for a in range(len(self.names))
            for b in range(a + 1, len(self.names))
        }
        ordered = sorted((pair for pair in both if any(both[pair])), key=lambda pair: both[pair], reverse=True)
        return tuple(Pair(self.names[a], self.names[b], *both[a, b]) for a, b in ordered)


def mixing(shown: PictureMap) -> Mixing:
    """Pictures of unknown class are left out, as neighbours too, unless no class is known at all."""
    if shown.known.any():
        return _counted("truth", shown.labels, shown.truth, shown.predicted, shown)
    own = np.array([shown.own_label(row) for row in range(len(shown))])
    if not (own != "").any():
        return _counted("prediction", shown.labels, shown.predicted, shown.predicted, shown)
    names, classes = np.unique(own, return_inverse=True)
    classes = np.where(own == "", UNKNOWN, classes)
    return _counted("label", tuple(str(name) for name in names), classes, classes, shown)


def _counted(
    by: Literal["truth", "label", "prediction"],
    labels: tuple[str, ...],
    classes: NDArray[np.integer],
    named: NDArray[np.integer],
    shown: PictureMap,
) -> Mixing:
    """Of classes (N,) and what the model names, both numbers of `labels`."""
    present = np.unique(classes[classes != UNKNOWN])
    place = np.full(len(labels), UNKNOWN)
    place[present] = np.arange(len(present))
    own, said = np.where(classes == UNKNOWN, UNKNOWN, place[classes]), place[named]
    counted = own != UNKNOWN
    taken, among = (np.zeros((len(present),) * 2, np.int64) for _ in range(2))
    both = counted & (said != UNKNOWN)
    np.add.at(taken, (own[both], said[both]), 1)
    most = _most(own[shown.neighbours], len(present))
    settled = counted & (most != UNKNOWN)
    np.add.at(among, (own[settled], most[settled]), 1)
    return Mixing(
        names=tuple(labels[label] for label in present),
        by=by,
        pictures=int(counted.sum()),
        taken=taken,
        among=among,
        wrong=int((counted & (named != classes)).sum()),
    )


def _most(classes: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """(N,): the class of more than half of each row's (N, k) neighbours, -1 where there is none."""
    found = np.full(len(classes), UNKNOWN, np.intp)
    for each in range(count):
        found[(classes == each).sum(axis=1) * 2 > classes.shape[1]] = each
    return found
