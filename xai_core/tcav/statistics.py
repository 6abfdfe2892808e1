"""Is a score more than chance? Rank, t-tests, accuracy, intervals, and corrections for many tests.

The primary test ranks a concept among random ones twice, and the larger p counts. By mean score, as random ones have
it; and by the derivative along the one direction that its runs come to. The second is needed where a concept is read
well: its runs agree, those of random concepts do not, and their mean scores lie nearer to ½ for that alone. Measured on
photographs at `blocks.5` of the default model, with the class's gradients shuffled over the channels so that no concept
is used: by mean score alone 27 to 40 % of such concepts are called significant at 5 %, along one direction 4 to 7 %.

The t-tests are those of the sources, to stand beside it: a concept's runs share its pictures and a class's, so they are
no independent evidence, and those tests call many a random concept significant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xai_core.evaluation.interval import wilson
from xai_core.tcav.result import Interval

Exact = NDArray[np.float64]

RESAMPLES = 2000
EQUAL = 1e-9  # scores are shares of a few hundred signs: closer ones differ by rounding


def rank_p(score: float, mean: float, random: Exact, means: Exact) -> float:
    """Two-sided p of a score among those of M random concepts: (1 + #{|s - ½| ≥ |score - ½|}) / (M + 1).

    Of equal scores, many of which are 0 or 1, those count that have at least as large a mean derivative: `mean` and
    `means` (M,) of the random concepts. At least 1 / (M + 1), and valid for any M and any order that is fixed
    beforehand (Phipson and Smyth 2010, equation 2); 1 where there are none, and for a score of ½, which is no effect.
    """
    if abs(score - 0.5) <= EQUAL:
        return 1.0
    further = np.abs(random - 0.5) - abs(score - 0.5)
    as_far = (further > EQUAL) | ((np.abs(further) <= EQUAL) & (np.abs(means) >= abs(mean)))
    return float((1 + as_far.sum()) / (1 + len(random)))


def mean_p(mean: float, random: Exact) -> float:
    """Two-sided p of a mean derivative among those of M random concepts: (1 + #{|d| ≥ |mean|}) / (M + 1)."""
    return float((1 + _as_large(random, mean).sum()) / (1 + len(random)))


def _as_large(values: Exact, value: float) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.abs(values) >= abs(value) * (1 - EQUAL)
    return found


def half_p(scores: Exact) -> float:
    """p of Student's t-test that the runs' mean is ½ (Kim et al. 2018, section 3.5); nan where all runs agree."""
    from scipy.stats import ttest_1samp

    if np.ptp(scores) < EQUAL:
        return float("nan")
    return float(ttest_1samp(scores, 0.5).pvalue)


def random_p(scores: Exact, singles: Exact) -> float:
    """p of Welch's t-test of the runs against single random CAVs' scores; nan where all of each side agree.

    TF-TCAV's own test takes both variances for equal.
    """
    from scipy.stats import ttest_ind_from_stats

    if np.ptp(scores) < EQUAL and np.ptp(singles) < EQUAL:
        return float("nan")
    sides = [figure for side in (scores, singles) for figure in (side.mean(), side.std(ddof=1), len(side))]
    return float(ttest_ind_from_stats(*sides, equal_var=False).pvalue)


def effect(score: float, random: Exact) -> float:
    """How many standard deviations of the random concepts' scores a score is above their mean; nan where all agree."""
    if np.ptp(random) < EQUAL:
        return float("nan")
    return float((score - random.mean()) / random.std(ddof=1))


def accuracy_p(accuracy: float, held_out: int) -> float:
    """p of the one-sided binomial test that CAVs are right more often than chance on `held_out` pictures.

    The runs share pictures, so together they count as one of them, of the mean accuracy: where its number of right
    answers is no whole one, between the p of its neighbours (the incomplete beta function; Clopper and Pearson 1934).
    """
    from scipy.special import betainc

    right = accuracy * held_out
    return float(betainc(right, held_out - right + 1, 0.5)) if right > 0 else 1.0


def score_interval(signs: Exact, seed: int) -> Interval:
    """95 % interval of the mean of (R, k) signs, each 0, ½ or 1: runs and class pictures drawn anew, both at once.

    Percentiles of a two-way bootstrap (Owen 2007), and never narrower than Wilson's interval of a share of k pictures:
    where all signs agree no redrawing can tell how few they are. The concept's own pictures are not drawn anew.
    """
    low, high = mean_interval(signs, seed)
    pictures = signs.shape[1]
    told = float(signs.mean()) * pictures
    least, most = wilson(math.floor(told + EQUAL), pictures), wilson(math.ceil(told - EQUAL), pictures)
    return min(low, least[0]), max(high, most[1])


def mean_interval(values: Exact, seed: int) -> Interval:
    """95 % interval of the mean of (R, k) values: percentiles of a two-way bootstrap over runs and class pictures."""
    rng = np.random.default_rng(seed)
    runs, pictures = (rng.multinomial(n, np.full(n, 1 / n), RESAMPLES) for n in values.shape)
    means = ((runs @ values) * pictures).sum(1) / values.size
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def holm(p: Sequence[float]) -> Exact:
    """p corrected for as many tests as there are (Holm 1979): at most α errors in all; nan is no test and stays nan."""
    given = np.asarray(p, np.float64)
    tests = np.flatnonzero(~np.isnan(given))
    order = tests[np.argsort(given[tests], kind="stable")]
    corrected = np.full(len(given), np.nan)
    steps = given[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1, np.maximum.accumulate(steps))
    return corrected


def bonferroni(p: Sequence[float]) -> Exact:
    """p times the number of tests, at most 1; nan is no test and stays nan."""
    given = np.asarray(p, np.float64)
    corrected: Exact = np.minimum(1, given * np.count_nonzero(~np.isnan(given)))
    return corrected
