"""Two pictures of a map: how alike they are to the model, against all pairs and against each one's neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.distances import squared
from xai_core.embedding.request import DrawMap
from xai_core.progress import Progress, silent
from xai_core.sentence import percent

if TYPE_CHECKING:
    from xai_core.embedding.gathering import Gathered
    from xai_core.hub import Hub

SAMPLE = 1500  # pictures whose pairs are looked at, of more a seeded choice


@dataclass(frozen=True)
class HowAlike:
    """The request: two different rows of a map."""

    drawing: DrawMap
    one: int
    other: int

    def answer(self, hub: Hub, progress: Progress = silent) -> Alike:
        """ValueError for rows that the map does not have, or one row twice; otherwise as `DrawMap`."""
        gathered: Gathered = hub.run(self.drawing.gather(), progress)
        rows, of = gathered.features.rows, gathered.features.of
        if self.one == self.other or not 0 <= min(self.one, self.other) <= max(self.one, self.other) < len(of):
            raise ValueError(f"one and other must be two of rows 0 to {len(of) - 1}, got {self.one} and {self.other}")
        one, other = (rows[of[row]].astype(np.float64) for row in (self.one, self.other))
        apart = float(((one - other) ** 2).sum())
        sizes = float(np.linalg.norm(one) * np.linalg.norm(other))
        return Alike(
            request=self,
            cosine=float(one @ other) / sizes if sizes else float("nan"),
            ranks=(_rank(rows, of, self.one, self.other), _rank(rows, of, self.other, self.one)),
            of=len(of) - 1,
            closer=_closer(rows[of], apart),
            same=bool(of[self.one] == of[self.other]),
        )


@dataclass(frozen=True)
class Alike:
    """Distances are those of the features, before any layout, as for neighbours."""

    request: HowAlike
    cosine: float  # -1 to 1, of the features measured from their mean; nan where one of them is the mean
    ranks: tuple[int, int]  # which neighbour the other is of the one, and the one of the other; 1 is the nearest
    of: int  # neighbours that a picture can have
    closer: float  # share of the map's pairs that are farther apart than these two; of many pictures a sample's
    same: bool  # their features are the same

    @property
    def sentence(self) -> str:
        """In plain words, with what they are compared to."""
        if self.same:
            return "To the model these two are the same picture: it makes the very same of both."
        share = percent(self.closer if self.closer >= 0.5 else 1 - self.closer)
        return (
            f"To the model these two are {'more' if self.closer >= 0.5 else 'less'} alike than {share} of all pairs "
            f"on this map. {self._neighbours()}"
        )

    @property
    def measured(self) -> str:
        """The cosine, with how to read it."""
        if np.isnan(self.cosine):
            return ""
        return (
            f"Cosine similarity of what the model makes of them, seen from the average picture: {self.cosine:.2f} "
            "(1 the same direction, 0 nothing in common, below 0 opposite)."
        )

    def _neighbours(self) -> str:
        first, second = (f"{_nth(rank)}nearest" for rank in self.ranks)
        if first == second:
            return f"Each is the other’s {first} of {self.of:,} pictures."
        return f"The second is the first’s {first} of {self.of:,} pictures, the first the second’s {second}."


def _nth(rank: int) -> str:
    """ "" for the first: the nearest is no "1st nearest"."""
    if rank == 1:
        return ""
    ending = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank:,}{ending} "


def _rank(rows: NDArray[np.float32], of: NDArray[np.int32], one: int, other: int) -> int:
    """Which neighbour of `one` the other is; of equally near ones all have the best rank."""
    apart = np.array([float(((part - rows[of[one]].astype(np.float64)) ** 2).sum()) for part in rows])[of]
    apart[one] = np.inf
    return 1 + int((apart < apart[other]).sum())


def _closer(rows: NDArray[np.float32], apart: float) -> float:
    """The share of pairs that are farther from each other than `apart`, squared."""
    if len(rows) > SAMPLE:
        rows = rows[np.sort(np.random.default_rng(0).choice(len(rows), SAMPLE, replace=False))]
    count, farther = len(rows), 0
    for piece, distances in squared(rows.astype(np.float64), np.arange(count)):
        farther += int((distances > apart).sum()) - len(piece)  # a picture is no pair with itself
    return farther / (count * (count - 1))
