"""How much of the features' neighbourhoods a map keeps.

With U(i) the k nearest neighbours of picture i on the map, V(i) those by its features, and r(i, j) the rank of j among
the neighbours of i by features, r'(i, j) on the map (Venna & Kaski 2001, "Neighborhood preservation in nonlinear
projection methods", equations 1 and 2):

    trustworthiness = 1 - 2 / (n k (2n - 3k - 1)) Σ_i Σ_{j in U(i) not V(i)} (r(i, j) - k)
    continuity      = 1 - 2 / (n k (2n - 3k - 1)) Σ_i Σ_{j in V(i) not U(i)} (r'(i, j) - k)

Both are 1 where no neighbour is new or lost. The share kept is the mean of |U(i) and V(i)| / k; by chance k / (n - 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.distances import squared
from xai_core.progress import Progress, silent

NEAREST = 10  # neighbours
SAMPLE = 2000  # pictures that are looked at, of more a seeded choice; their neighbours are sought among all


@dataclass(frozen=True)
class Quality:
    """Figures of one map."""

    trustworthiness: float  # 0 to 1: neighbours on the map are neighbours by features
    continuity: float  # 0 to 1: neighbours by features are neighbours on the map
    kept: float  # mean share of a picture's nearest neighbours by features that are still its nearest on the map
    chance: float  # what `kept` would be were the points anywhere
    nearest: int  # k
    looked_at: int  # pictures
    of: int  # different pictures on the map


def quality(
    rows: NDArray[np.float32],
    points: NDArray[np.float32],
    nearest: int = NEAREST,
    sample: int = SAMPLE,
    seed: int = 0,
    progress: Progress = silent,
) -> Quality:
    """Of a map's points (n, 2) for rows (n, D) that all differ; needs more than twice as many rows as neighbours."""
    count = len(rows)
    nearest = min(nearest, (count - 1) // 2)
    some = np.arange(count)
    if count > sample:
        some = np.sort(np.random.default_rng(seed).choice(count, sample, replace=False))
    features, flat = (squared(each.astype(np.float64), some) for each in (rows, points))
    intruders, lost, kept, done = 0, 0, 0, 0
    for (piece, by_features), (_, on_map) in zip(features, flat, strict=True):
        progress(done / len(some), "counting the neighbours that were kept")
        near, shown = (np.argpartition(each, nearest - 1, axis=1)[:, :nearest] for each in (by_features, on_map))
        intruders += _beyond(by_features, shown, nearest)
        lost += _beyond(on_map, near, nearest)
        kept += sum(len(np.intersect1d(a, b, assume_unique=True)) for a, b in zip(near, shown, strict=True))
        done += len(piece)
    worst = len(some) * nearest * (2 * count - 3 * nearest - 1) / 2
    share = kept / (len(some) * nearest)
    return Quality(1 - intruders / worst, 1 - lost / worst, share, nearest / (count - 1), nearest, len(some), count)


def _beyond(distances: NDArray[np.floating], chosen: NDArray[np.intp], nearest: int) -> int:
    """By how many ranks the chosen (B, k) lie beyond the `nearest`, added up; distances (B, n)."""
    total = 0
    for column in chosen.T:
        theirs = np.take_along_axis(distances, column[:, None], axis=1)
        rank = 1 + (distances < theirs).sum(axis=1)
        total += int(np.maximum(rank - nearest, 0).sum())
    return total
