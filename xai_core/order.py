"""In which order a map's pixels come, strongest first, and the same order in another place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xai_core.resample import resample

Ranks = NDArray[np.int64]  # (S, S): 0 for the pixel that comes first


def ranks_of(values: NDArray[np.float32], side: int, seed: int) -> Ranks:
    """When each pixel of the model's square comes (side, side); equal values in seeded random order.

    A signed map goes from the strongest for the class to the strongest against it.
    """
    level = resample(values, (side, side)).ravel()
    shuffled = np.random.default_rng(seed).permutation(level.size)
    ranks = np.empty(level.size, np.int64)
    ranks[shuffled[np.argsort(-level[shuffled], kind="stable")]] = np.arange(level.size)
    return ranks.reshape(side, side)


def random_ranks(side: int, draws: int, seed: int) -> list[Ranks]:
    """Single pixels in random order, `draws` times."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(side * side).reshape(side, side) for _ in range(draws)]


def moved(ranks: Ranks, draws: int, seed: int) -> list[Ranks]:
    """The same order in `draws` other places: rolled down and across at random, opposite edges meet."""
    # another stream than the one that breaks ties
    rng = np.random.default_rng((seed, 1))
    return [np.roll(ranks, shift, axis=(0, 1)) for shift in rng.integers(1, len(ranks), size=(draws, 2))]
