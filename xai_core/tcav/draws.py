"""Which pictures a CAV is trained on and judged by: counter-sets and splits, seeded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Draws:
    """S training sets; in every row the concept's pictures come first, as many counter-examples after them."""

    train: Rows  # (S, T)
    held: Rows  # (S, H)
    seeds: Rows  # (S,) for classifiers with chance in them

    def __getitem__(self, which: slice) -> Draws:
        return Draws(self.train[which], self.held[which], self.seeds[which])

    @property
    def counter_sets(self) -> Rows:
        """(S, size)"""
        return np.concatenate([part[:, part.shape[1] // 2 :] for part in (self.train, self.held)], 1)


def held_out(size: int) -> int:
    """Pictures of each side, one third, on which a CAV is judged; the other two thirds train it."""
    return round(size / 3)


def concept_draws(concept: Rows, counters: Rows, runs: int, seed: int) -> Draws:
    """`runs` counter-sets of the concept's size, without a picture twice in one, each with a split of its own."""
    return _draws(concept, counters, runs, np.random.default_rng((seed, 0)))


def random_draws(pool: int, size: int, runs: int, seed: int, number: int) -> Draws:
    """Random concept `number`: `size` of the pool's rows, against counter-sets of the rest; depends on no other."""
    rng = np.random.default_rng((seed, 1 + number))
    order = rng.permutation(pool)
    return _draws(order[:size], order[size:], runs, rng)


def renumbered(draws: Draws, kept: Rows) -> Draws:
    """The same pictures by their place among `kept`, which are in rising order and hold all of them."""
    return Draws(np.searchsorted(kept, draws.train), np.searchsorted(kept, draws.held), draws.seeds)


def joined(draws: list[Draws]) -> Draws:
    """All their sets, one after the other."""
    return Draws(*(np.concatenate([getattr(each, name) for each in draws]) for name in ("train", "held", "seeds")))


def overlap(counter_sets: Rows) -> float:
    """The mean share of pictures that two of the sets (S, size) have in common; nan of a single set."""
    sets, size = counter_sets.shape
    if sets < 2:
        return float("nan")
    counts = np.unique(counter_sets, return_counts=True)[1]
    return float((counts * (counts - 1)).sum() / (sets * (sets - 1) * size))


def _draws(concept: Rows, counters: Rows, runs: int, rng: np.random.Generator) -> Draws:
    size = len(concept)
    against = rng.permuted(np.tile(counters, (runs, 1)), axis=1)[:, :size]
    towards = rng.permuted(np.tile(concept, (runs, 1)), axis=1)
    held = held_out(size)
    return Draws(
        np.concatenate([towards[:, held:], against[:, held:]], 1),
        np.concatenate([towards[:, :held], against[:, :held]], 1),
        rng.integers(2**31, size=runs),
    )
