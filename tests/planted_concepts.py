"""Activations and gradients made by hand: a concept in the first channel, and classes that use it or do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xai_core.tcav.cavs import RandomCavs
from xai_core.tcav.layer import Measured, examine
from xai_core.tcav.settings import Settings

Floats = NDArray[np.float32]

WIDTH, POOL, SIZE, PICTURES = 12, 80, 12, 25
QUICK = Settings(runs=6, random_concepts=39)
USED, UNUSED = 1, 2  # classes: whose logit rises with the concept, and which does not know of it


def activations(count: int, seed: int, width: int = WIDTH) -> Floats:
    """As after a ReLU, with an offset."""
    drawn: Floats = np.random.default_rng(seed).gamma(2, 1, (count, width)).astype(np.float32)
    return drawn


def towards(count: int, seed: int, width: int = WIDTH) -> Floats:
    """A concept: the first channel is high, in everything else the pictures are like all others."""
    planted = activations(count, seed, width)
    planted[:, 0] += 12
    return planted


def slopes(count: int, seed: int, first: float, width: int = WIDTH) -> Floats:
    """Gradients of a class whose logit has `first` for the first channel, and chance for the others."""
    drawn: Floats = np.random.default_rng(seed).normal(0, 0.3, (count, width)).astype(np.float32)
    drawn[:, 0] += first
    return drawn


def one_class(concept: Floats, pool: Floats, randoms: RandomCavs, gradients: Floats) -> Measured:
    return examine(concept, pool, {USED: gradients}, randoms, QUICK).classes[USED]
