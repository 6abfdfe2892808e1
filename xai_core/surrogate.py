"""The straight-line stand-in that LIME fits to a classifier around one picture."""

from __future__ import annotations

from functools import partial

import numpy as np
from lime.lime_base import LimeBase
from lime.lime_image import ImageExplanation
from numpy.typing import NDArray

KERNEL_WIDTH = 0.25  # the lime package's; widths of 1 and more weigh all samples alike and are not local
NOTHING = "hiding patches changed nothing at all"
ROUNDING = 1e-4  # of a probability: below it, differences come from how the samples were batched
ALL_FEATURES = 100_000  # the lime package's default: keep every patch


def draws(samples: int, patches: int, seed: int) -> NDArray[np.int64]:
    """Which patches each sample shows, (samples, patches) of 0 and 1; the first sample shows all.

    The same numbers as the lime package draws from this seed, so that its results can be compared with ours.
    """
    visible = np.random.RandomState(seed).randint(0, 2, samples * patches).reshape(samples, patches)
    visible[0] = 1
    return visible.astype(np.int64)


def distances(visible: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cosine distance of each row of 0 and 1 to the row of ones; 1 for a row of zeros."""
    near: NDArray[np.float64] = 1 - np.sqrt(visible.mean(axis=1))
    return near


def closeness(distance: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Weight of a sample in the fit, sqrt(exp(-d^2 / width^2))."""
    weight: NDArray[np.float64] = np.sqrt(np.exp(-(distance**2) / width**2))
    return weight


class Surrogate:
    """Weighted ridge regressions on the presence of patches, one per class, made when first asked for.

    `square` (S, S, 3) uint8, `patches` (S, S) numbered 0 .. n-1, `visible` (N, n), `probabilities` (N, K).
    """

    def __init__(
        self,
        square: NDArray[np.uint8],
        patches: NDArray[np.int64],
        visible: NDArray[np.int64],
        probabilities: NDArray[np.float64],
    ) -> None:
        self.patches, self.count = patches, visible.shape[1]
        self._visible, self._probabilities = visible, probabilities
        self._base = LimeBase(partial(closeness, width=KERNEL_WIDTH), random_state=np.random.RandomState(0))
        self._drawn = ImageExplanation(square, patches)
        self._fits: dict[int, float] = {}

    def weights(self, label: int) -> NDArray[np.float64]:
        """What each patch adds to the probability of the class, (n,)."""
        self._fit(label)
        found = np.zeros(self.count)
        if self.count < 2 or self.degenerate(label) == NOTHING:
            return found  # nothing to compare; what the fit would give is rounding
        for patch, weight in self._drawn.local_exp[label]:
            found[patch] = weight
        return found

    def fit(self, label: int) -> float:
        """Weighted R² of the regression, at most 1."""
        self._fit(label)
        return self._fits[label]

    def share(self, patch: int) -> float:
        """Of the picture's area, in (0, 1]."""
        return float((self.patches == patch).mean())

    def degenerate(self, label: int) -> str:
        """Why the fit says nothing, in words; "" where it may say something."""
        if self.count < 3:
            return f"the picture could be cut into {self.count} {'patch' if self.count == 1 else 'patches'} only"
        outcomes = self._probabilities[:, label]
        if np.ptp(outcomes) <= ROUNDING * outcomes.max():
            return NOTHING
        return ""

    def cut_out(self, label: int, positive_only: bool, features: int, hide_rest: bool) -> NDArray[np.uint8]:
        """The lime package's picture of the strongest patches, (S, S, 3), with their border drawn.

        Without `positive_only`, patches for the class are tinted green and those against it red.
        """
        from xai_core.segments import outlined

        self._fit(label)
        shown, mask = self._drawn.get_image_and_mask(
            label, positive_only=positive_only, hide_rest=hide_rest, num_features=features
        )
        return outlined(shown.astype(np.uint8), mask)

    def _fit(self, label: int) -> None:
        if label in self._fits:
            return
        _, weights, score, _ = self._base.explain_instance_with_data(
            self._visible, self._probabilities, distances(self._visible), label, ALL_FEATURES
        )
        self._drawn.local_exp[label], self._fits[label] = weights, float(score)
