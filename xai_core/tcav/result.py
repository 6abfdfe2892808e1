"""What a test of one concept found: a cell for every class and layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from xai_core.tcav.request import Tcav

Interval = tuple[float, float]
NOWHERE: Interval = (float("nan"), float("nan"))


def _none() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Cell:
    """One concept, one class, one layer.

    Numbers are nan, arrays empty, where `refusal` says why there is no score; accuracies are told all the same where
    CAVs were trained.
    """

    layer: str
    target: int
    label: str
    examples: int  # pictures of the class that have a gradient
    scores: NDArray[np.float64] = field(repr=False)  # (R,) share of the class's pictures that gain, one per counter-set
    means: NDArray[np.float64] = field(repr=False)  # (R,) mean directional derivative along the unit CAV, logits a unit
    accuracies: NDArray[np.float64] = field(repr=False)  # (R,) of each CAV on its held-out pictures
    held_out: int  # pictures a CAV was judged on
    random: NDArray[np.float64] = field(repr=False)  # (M,) mean scores of random concepts of the same size
    interval: Interval  # 95 %, of the mean score
    mean_interval: Interval  # 95 %, of the mean directional derivative
    p: float  # two-sided rank among the random concepts, not corrected: the larger of `p_score` and `p_mean`
    p_half: float  # t-test of the runs against 0.5 (Kim et al. 2018)
    p_random: float  # t-test of the runs against single random CAVs (TF-TCAV)
    effect: float  # (score - mean of random) / their standard deviation
    p_accuracy: float  # binomial: CAVs no better than chance
    steady: float  # mean cosine between the pictures' gradients and their mean: 1 where all pictures share one gradient
    follows: float  # share of pictures whose logit moves as the derivative says when the step is a real one
    refusal: str = ""  # why there is no score, a sentence; "" where there is one
    p_score: float = float("nan")  # of the mean score
    p_mean: float = float("nan")  # of `along`
    along: float = float("nan")  # mean derivative along the one direction that the runs' CAVs come to, of length 1
    random_along: NDArray[np.float64] = field(repr=False, default_factory=_none)  # (M,) the same of random concepts
    silent: int = 0  # more pictures of the class, left out: they have no gradient at this layer

    @property
    def score(self) -> float:
        """The concept's mean score, 0 to 1."""
        return float(self.scores.mean()) if self.scores.size else float("nan")

    @property
    def mean(self) -> float:
        """The mean directional derivative, in logits for a step of length 1 along the CAV."""
        return float(self.means.mean()) if self.means.size else float("nan")

    @property
    def accuracy(self) -> float:
        """The CAVs' mean accuracy on held-out pictures."""
        return float(self.accuracies.mean()) if self.accuracies.size else float("nan")

    @property
    def beaten(self) -> int:
        """How many of the random concepts have a weaker effect, by score or by `along`: whichever says fewer."""
        return 0 if np.isnan(self.p) else self.random.size - round(self.p * (self.random.size + 1) - 1)


@dataclass(frozen=True, eq=False)
class TcavResult:
    """The answer to a `Tcav`; cells layer by layer, classes in the request's order."""

    request: Tcav
    title: str  # the concept's
    pictures: int  # distinct ones that were used
    pool: int  # distinct pictures to draw counter-sets from
    overlap: float  # mean share of pictures that two counter-sets have in common
    weights: str  # SHA-256 of the model
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]  # sentences: what was left out, what was met twice
    seconds: float
