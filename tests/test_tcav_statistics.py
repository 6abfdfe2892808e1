"""Ranks, t-tests, intervals and corrections, against scipy, brute force and the papers' formulas."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
from scipy.stats import binomtest, norm, ttest_1samp, ttest_ind

from xai_core.evaluation.interval import wilson
from xai_core.tcav.statistics import (
    accuracy_p,
    bonferroni,
    effect,
    half_p,
    holm,
    mean_interval,
    mean_p,
    random_p,
    rank_p,
    score_interval,
)

NAN = float("nan")


def test_the_rank_counts_random_concepts_as_far_from_one_half_on_either_side() -> None:
    random, means = np.random.default_rng(0).integers(0, 21, 99) / 20, np.ones(99)
    for score in np.arange(21) / 20:
        as_far = sum(round(abs(20 * other - 10)) >= round(abs(20 * score - 10)) for other in random)
        assert rank_p(float(score), 0.0, random, means) == (1 + as_far) / 100


def test_the_rank_is_never_zero_and_never_above_one() -> None:
    assert rank_p(1.0, 1.0, np.full(19, 0.5), np.ones(19)) == 1 / 20
    assert rank_p(0.5, 1.0, np.linspace(0, 1, 19), np.ones(19)) == 1
    assert rank_p(0.9, 1.0, np.empty(0), np.empty(0)) == 1
    assert rank_p(0.5, 9.0, np.full(19, 0.5), np.ones(19)) == 1  # one half is no effect, whatever lies there as well


def test_mean_derivatives_are_ranked_by_their_distance_from_zero() -> None:
    random = np.random.default_rng(0).normal(0, 1e-3, 99)
    for mean in (0.0, 5e-4, -2e-3, 1.0):
        assert mean_p(mean, random) == (1 + sum(abs(other) >= abs(mean) for other in random)) / 100


def test_scores_that_differ_by_rounding_are_ties() -> None:
    assert rank_p(0.1 + 0.2 + 0.4, 1.0, np.array([0.7, 0.3]), np.ones(2)) == 1


def test_among_equal_scores_the_larger_derivative_ranks_first_whatever_its_sign() -> None:
    random, means = np.array([1.0, 1.0, 0.0, 0.6]), np.array([0.2, 0.9, -0.4, 5.0])
    assert rank_p(1.0, 0.5, random, means) == 2 / 5
    assert rank_p(0.0, -0.5, random, means) == 2 / 5
    assert rank_p(1.0, 0.3, random, means) == 3 / 5
    assert rank_p(0.6, 1.0, random, means) == 1


def test_the_sources_t_tests_are_scipys() -> None:
    rng = np.random.default_rng(0)
    scores, singles = rng.beta(3, 2, 20), rng.beta(1, 1, 50)
    assert half_p(scores) == ttest_1samp(scores, 0.5).pvalue
    assert random_p(scores, singles) == pytest.approx(ttest_ind(scores, singles, equal_var=False).pvalue)
    same = np.full(20, 0.8)
    assert random_p(same, singles) == pytest.approx(ttest_1samp(singles, 0.8).pvalue)


def test_a_t_test_of_runs_that_all_agree_has_no_p() -> None:
    same = np.full(20, 0.1) * 3
    assert math.isnan(half_p(same))
    assert math.isnan(random_p(same, np.full(50, 0.5)))


def test_the_effect_is_in_standard_deviations_of_the_random_concepts() -> None:
    random = np.array([0.3, 0.5, 0.7])
    assert effect(0.9, random) == pytest.approx((0.9 - 0.5) / 0.2)
    assert math.isnan(effect(0.9, np.full(3, 0.5)))


def test_accuracy_is_judged_by_the_binomial_test() -> None:
    assert accuracy_p(7 / 8, 8) == pytest.approx(9 / 256)
    assert accuracy_p(1.0, 4) == pytest.approx(1 / 16)  # two of six kept aside on each side can never pass
    for held, right in product((6, 8, 26), range(27)):
        if right <= held:
            assert accuracy_p(right / held, held) == pytest.approx(binomtest(right, held, alternative="greater").pvalue)


def test_between_whole_numbers_of_right_answers_the_p_falls_steadily() -> None:
    found = [accuracy_p(right / 8, 8) for right in np.arange(0, 8.05, 0.1)]
    assert all(later < before for before, later in pairwise(found))


def test_the_interval_holds_the_score_and_is_never_narrower_than_wilsons() -> None:
    for share in (0.0, 0.3, 1.0):
        signs = np.zeros((20, 30))
        signs[:, : round(30 * share)] = 1
        low, high = score_interval(signs, 0)
        least, most = wilson(round(30 * share), 30)
        assert low <= least
        assert high >= most
        assert 0 <= low <= share <= high <= 1


def test_runs_that_disagree_widen_the_interval_beyond_the_pictures_own() -> None:
    agreeing = np.tile(np.arange(40) < 20, (10, 1)).astype(float)
    at_odds = np.repeat((np.arange(10) < 5)[:, None], 40, axis=1).astype(float)
    one, other = score_interval(agreeing, 0), score_interval(at_odds, 0)
    assert other[1] - other[0] > 1.5 * (one[1] - one[0])


def test_the_two_way_interval_is_as_wide_as_theory_says() -> None:
    rng = np.random.default_rng(0)
    runs, pictures = rng.normal(0, 1, 200), rng.normal(0, 2, 300)
    values = runs[:, None] + pictures[None, :]
    low, high = mean_interval(values, 0)
    spread = math.sqrt(runs.var() / 200 + pictures.var() / 300)  # of a sum of two independent means
    assert high - low == pytest.approx(2 * norm.ppf(0.975) * spread, rel=0.06)
    assert low < values.mean() < high


def test_intervals_repeat_exactly_and_follow_the_seed() -> None:
    values = np.random.default_rng(0).normal(size=(20, 30))
    assert mean_interval(values, 1) == mean_interval(values, 1)
    assert mean_interval(values, 1) != mean_interval(values, 2)


def test_holms_correction_is_the_papers() -> None:
    # Holm 1979: the i-th smallest of m against alpha / (m - i + 1), until one fails
    p = [0.01, 0.04, 0.03, 0.005]
    assert np.allclose(holm(p), [0.03, 0.06, 0.06, 0.02])
    rng = np.random.default_rng(0)
    for alpha in (0.01, 0.05, 0.3):
        drawn = rng.random(12) ** 3
        rejected = np.zeros(12, bool)
        for step, place in enumerate(np.argsort(drawn)):
            if drawn[place] > alpha / (12 - step):
                break
            rejected[place] = True
        assert ((holm(drawn) <= alpha) == rejected).all()


def test_bonferroni_multiplies_by_the_number_of_tests() -> None:
    assert np.allclose(bonferroni([0.01, 0.04, 0.6]), [0.03, 0.12, 1])


def test_what_was_not_tested_does_not_count() -> None:
    assert np.allclose(holm([NAN, 0.01, NAN, 0.02]), [NAN, 0.02, NAN, 0.02], equal_nan=True)
    assert np.allclose(bonferroni([NAN, 0.01, 0.02]), [NAN, 0.02, 0.04], equal_nan=True)
    assert np.isnan(holm([NAN])).all()
    assert len(holm([])) == len(bonferroni([])) == 0
