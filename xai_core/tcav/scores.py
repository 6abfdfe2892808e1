"""What gradients say of directions: signs, their shares, and how much the gradients are alike."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xai_core.tcav.cavs import Cavs, RandomCavs, products

Floats = NDArray[np.float32]
Exact = NDArray[np.float64]

NOTHING = 1e-9  # a derivative of less, beside the gradient's length, is rounding: it is 0, neither for nor against


@dataclass(frozen=True, eq=False)
class Slopes:
    """The gradients of one class; a picture without a gradient says nothing of any direction and is left out."""

    gradients: Floats = field(repr=False)  # (k, D), none of them 0

    @classmethod
    def of(cls, gradients: Floats) -> Slopes:
        """From (K, D)."""
        return cls(gradients[np.any(gradients != 0, axis=1)])

    @property
    def steady(self) -> float:
        """The mean cosine between each gradient and their mean, -1 to 1; nan where the mean is 0."""
        exact = self.gradients.astype(np.float64)
        mean = exact.mean(0)
        length = np.linalg.norm(mean)
        return float((exact @ mean / np.linalg.norm(exact, axis=1)).mean() / length) if length else float("nan")

    def along(self, cavs: Cavs, activations: Floats) -> Exact:
        """(S, k) derivatives of the logit along CAVs that were trained on rows of `activations`, for a step of 1."""
        return self._along(cavs, products(activations, self.gradients))

    def random(self, randoms: RandomCavs) -> tuple[Exact, Exact, Exact]:
        """Of M random concepts: mean scores (M,), mean derivatives (M,), scores of the first CAV of each (M,)."""
        along = products(randoms.pool, self.gradients)
        scores, means = [], []
        for cavs in randoms.parts():
            derivatives = self._along(cavs, along)
            scores.append(signs(derivatives).mean(1))
            means.append(derivatives.mean(1))
        each = np.concatenate(scores).reshape(-1, randoms.runs)
        return each.mean(1), np.concatenate(means).reshape(-1, randoms.runs).mean(1), each[:, 0]

    def _along(self, cavs: Cavs, along: Exact) -> Exact:
        found = cavs.derivatives(along)
        found[np.abs(found) <= NOTHING * np.linalg.norm(self.gradients.astype(np.float64), axis=1)] = 0
        return found


def along_one(mean: Exact, length: Exact | float) -> Exact:
    """Mean derivatives over the runs, as derivatives along the CAVs' mean of that `length`, for a step of 1.

    Runs of one concept that disagree cancel each other: along its one direction it is on a par with any other.
    """
    found: Exact = np.divide(mean, length, out=np.zeros_like(mean), where=np.asarray(length) > 0)
    return found


def signs(derivatives: Exact) -> Exact:
    """1 above zero, 0 below, ½ for zero, so that -CAV scores 1 - score."""
    found: Exact = (np.sign(derivatives) + 1) / 2
    return found
