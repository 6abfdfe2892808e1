"""What no library is asked to lay out: said in words here, because there it ends the process or comes out as nothing.

scikit-learn's t-SNE ends the whole process where all rows are equal, and openTSNE answers with NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.settings import TITLES, Settings
from xai_core.errors import UnusableData

LEAST = 10  # different pictures
ROUNDING = 1e-6  # of their size: what rows may differ by and still be the same, in single precision


@dataclass(frozen=True, eq=False)
class Distinct:
    """Rows that differ: n of N. Twins, which have the same features, take part once and lie on each other."""

    rows: NDArray[np.float32] = field(repr=False)  # (n, D), moved to the mean and scaled so that the largest is 1
    of: NDArray[np.int32] = field(repr=False)  # (N,) which of them each given row is
    first: NDArray[np.int32] = field(repr=False)  # (n,) the given row that each was first
    centre: NDArray[np.float64] = field(repr=False)  # (D,) what was taken from the given rows
    scale: float  # what they were divided by then

    def apply(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Other rows (M, D) in the same units."""
        return ((rows.astype(np.float64) - self.centre) / self.scale).astype(np.float32)

    @property
    def twins(self) -> NDArray[np.int32]:
        """(N,) the first given row with the same features."""
        return self.first[self.of]


def enough(count: int) -> None:
    """UnusableData for fewer than `LEAST` pictures."""
    if count < LEAST:
        raise UnusableData(f"A map needs at least {LEAST} pictures, and there are {count}. Choose more pictures.")


def distinct(rows: NDArray[np.float32]) -> Distinct:
    """(N, D) of any size up to what float32 holds -> what can be laid out.

    UnusableData for fewer than `LEAST` rows or different ones, for a single feature, NaN and infinity.
    """
    count, features = rows.shape
    enough(count)
    if features < 2:
        raise UnusableData(
            "This layer says a single number of each picture, and a map needs at least two. Choose another layer."
        )
    if wrong := int((~np.isfinite(rows)).any(axis=1).sum()):
        raise UnusableData(
            f"Of {wrong:,} of {count:,} pictures this layer says something that is no number (infinity or NaN). "
            "Choose another layer or another model."
        )
    centre = rows.mean(axis=0, dtype=np.float64)
    moved = rows - centre
    size, scale = float(np.abs(rows).max()), float(np.abs(moved).max())
    if scale <= ROUNDING * size or scale < np.finfo(np.float32).tiny:
        raise UnusableData(
            f"At this layer all {count:,} pictures look the same to the model: there is nothing to lay out. Choose "
            "another layer or other pictures."
        )
    scaled = (moved / scale).astype(np.float32)
    found, first, of = _unique(scaled)
    if len(found) < LEAST:
        raise UnusableData(
            f"Of these {count:,} pictures only {len(found)} look different to the model at this layer, and a map needs "
            f"{LEAST}. Choose another layer or more pictures."
        )
    return Distinct(found, of, first, centre, scale)


def _unique(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
    """Different rows in the order in which they first come, where that is, and which of them each row is."""
    plain = np.ascontiguousarray(rows + np.float32(0))  # one zero, not two
    keys = plain.view(np.dtype((np.void, plain.dtype.itemsize * plain.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    return plain[first[order]], first[order].astype(np.int32), place[inverse.ravel()]


def largest_perplexity(count: int) -> float:
    """Of so many different pictures: each has three times as many neighbours, itself not among them."""
    return (count - 1) / 3


def perplexity(settings: Settings, count: int) -> tuple[float, str]:
    """What can be used of the one asked for, and a sentence where that is less; UnusableData from `count` on."""
    asked, largest = settings.perplexity, largest_perplexity(count)
    if asked >= count:
        raise UnusableData(
            f"A perplexity of {asked:g} needs more than {asked:g} different pictures, and these are {count}. Set it to "
            f"{largest:.0f} or less, or choose more pictures."
        )
    if asked <= largest:
        return asked, ""
    return largest, (
        f"A perplexity of {asked:g} needs {np.ceil(3 * asked + 1):.0f} different pictures; with {count} the largest "
        f"possible was used, {largest:.1f}."
    )


def umap_neighbours(settings: Settings, count: int) -> int:
    """UnusableData where there are not more pictures than neighbours."""
    if settings.umap_neighbours >= count:
        raise UnusableData(
            f"{settings.umap_neighbours} neighbours need more than {settings.umap_neighbours} different pictures, and "
            f"these are {count}. Set fewer neighbours, or choose more pictures."
        )
    return settings.umap_neighbours


def checked(points: NDArray[np.float64], settings: Settings) -> NDArray[np.float32]:
    """A library's layout (n, 2) as it may be shown; UnusableData where it is not finite, or all one point."""
    found = points.astype(np.float32)
    title = TITLES[settings.layout]  # type: ignore[index]
    if not np.isfinite(found).all():
        raise UnusableData(
            f"{title} came out infinite with these settings. Set a smaller learning rate or a smaller exaggeration."
        )
    if not np.ptp(found, axis=0).any():
        raise UnusableData(f"{title} put all pictures on one point with these settings. Choose other settings.")
    return found
