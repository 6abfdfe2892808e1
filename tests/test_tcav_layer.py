"""A concept at a layer: planted ones are found, and a score is what its definition says."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from planted_concepts import (
    PICTURES,
    POOL,
    QUICK,
    SIZE,
    UNUSED,
    USED,
    WIDTH,
    Floats,
    activations,
    one_class,
    slopes,
    towards,
)
from scipy.stats import ttest_ind

from xai_core.progress import Cancelled
from xai_core.tcav import cavs
from xai_core.tcav.cavs import RandomCavs, random_cavs
from xai_core.tcav.layer import Measured, examine
from xai_core.tcav.result import Cell
from xai_core.tcav.settings import ALPHA, CLASSIFIERS, Classifier


@pytest.fixture(scope="module")
def pool() -> Floats:
    return activations(POOL, 1)


@pytest.fixture(scope="module")
def randoms(pool: Floats) -> RandomCavs:
    return random_cavs(pool, SIZE, QUICK)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_a_planted_concept_scores_one_and_its_negation_zero(classifier: Classifier, pool: Floats) -> None:
    settings = replace(QUICK, classifier=classifier)
    randoms = random_cavs(pool, SIZE, settings)
    gradients = {USED: slopes(PICTURES, 2, 1.5), -USED: slopes(PICTURES, 2, -1.5), UNUSED: slopes(PICTURES, 3, 0.0)}
    gradients[UNUSED][:, 5] += 0.5  # it goes by something else
    found = examine(towards(SIZE, 4), pool, gradients, randoms, settings)
    used, against, unused = (found.classes[target] for target in (USED, -USED, UNUSED))
    assert (used.scores == 1).all()
    assert (against.scores == 0).all()
    assert used.p == against.p <= ALPHA
    assert used.means.min() > 0 > against.means.max()
    assert used.effect > 1 > -1 > against.effect
    assert unused.p > ALPHA
    assert used.accuracies.mean() > 0.9
    assert (used.held_out, used.examples) == (8, PICTURES)
    assert np.allclose(np.linalg.norm(found.cavs, axis=1), 1)
    assert (found.cavs[:, 0] > 0.5).all()


def test_the_mean_derivative_is_that_of_a_step_of_length_one_along_the_cav(pool: Floats, randoms: RandomCavs) -> None:
    gradients = slopes(PICTURES, 2, 0.02)
    found = examine(towards(SIZE, 4), pool, {USED: gradients}, randoms, QUICK)
    derivatives = found.cavs @ gradients.T.astype(np.float64)
    told = found.classes[USED]
    assert np.allclose(told.means, derivatives.mean(1))
    assert np.allclose(told.scores, (derivatives > 0).mean(1))
    assert told.mean_interval[0] < told.means.mean() < told.mean_interval[1]
    assert told.interval[0] < told.scores.mean() < told.interval[1]


def test_random_scores_are_those_of_their_cavs_as_vectors(pool: Floats, randoms: RandomCavs) -> None:
    gradients = slopes(PICTURES, 2, 0.02)
    told = one_class(towards(SIZE, 4), pool, randoms, gradients)
    vectors = randoms.cavs.vectors(pool)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    signs = (vectors @ gradients.T.astype(np.float64) > 0).mean(1)
    assert np.allclose(told.random, signs.reshape(-1, QUICK.runs).mean(1))
    singles = signs.reshape(-1, QUICK.runs)[: QUICK.runs, 0]  # as many as the concept has runs
    assert told.p_random == pytest.approx(ttest_ind(told.scores, singles, equal_var=False).pvalue)
    directions = vectors.reshape(-1, QUICK.runs, WIDTH).mean(1)  # one of each concept: where its runs come to
    assert np.allclose(randoms.lengths, np.linalg.norm(directions, axis=1))
    slope = gradients.mean(0, dtype=np.float64)
    means = directions @ slope / randoms.lengths
    cavs = examine(towards(SIZE, 4), pool, {USED: gradients}, randoms, QUICK).cavs.mean(0)
    assert told.p_mean == (1 + (np.abs(means) >= abs(cavs @ slope) / np.linalg.norm(cavs)).sum()) / (len(means) + 1)
    assert told.p == max(told.p_score, told.p_mean)


def test_results_repeat_exactly_and_follow_the_seed(pool: Floats, randoms: RandomCavs) -> None:
    concept, gradients = towards(SIZE, 4), slopes(PICTURES, 2, 0.02)
    one, again = (one_class(concept, pool, random_cavs(pool, SIZE, QUICK), gradients) for _ in range(2))
    for field in fields(Measured):
        assert np.array_equal(getattr(one, field.name), getattr(again, field.name)), field.name
    other = replace(QUICK, seed=1)
    changed = examine(concept, pool, {USED: gradients}, random_cavs(pool, SIZE, other), other).classes[USED]
    assert (changed.random != one.random).any()
    assert (changed.means != one.means).any()


def test_flattened_activations_with_more_numbers_than_pictures_work_alike() -> None:
    width = 9000  # more than are taken at once
    pool = activations(POOL, 1, width)
    concept = activations(SIZE, 4, width)
    concept[:, : width // 2] += 0.5
    gradients = np.random.default_rng(2).normal(0, 1, (PICTURES, width)).astype(np.float32)
    gradients[:, : width // 2] += 0.5
    told = one_class(concept, pool, random_cavs(pool, SIZE, QUICK), gradients)
    assert told.scores.min() == 1
    assert told.p == 1 / (QUICK.random_concepts + 1)


def test_a_relative_concept_is_held_against_the_others_and_ranked_among_mixtures_of_all() -> None:
    concept, others = towards(SIZE, 4), activations(3 * SIZE, 5)
    others[:, 1] += 12  # what the others share counts against the concept as much
    randoms = random_cavs(np.concatenate([concept, others]), SIZE, QUICK)
    told = examine(concept, others, {USED: slopes(PICTURES, 2, 1.0)}, randoms, QUICK).classes[USED]
    assert told.scores.min() == 1
    assert told.random.std() > 0.1


def test_pictures_of_the_concept_are_never_their_own_counter_examples(pool: Floats, randoms: RandomCavs) -> None:
    concept = towards(SIZE, 4)
    with_own = np.concatenate([concept, pool])
    gradients = {USED: slopes(PICTURES, 2, 0.02)}
    own, without = (examine(concept, counters, gradients, randoms, QUICK) for counters in (with_own, pool))
    assert np.array_equal(own.cavs, without.cavs)


def test_a_picture_without_a_gradient_is_left_out_and_not_counted_against(pool: Floats, randoms: RandomCavs) -> None:
    gradients = slopes(PICTURES, 2, 1.0)
    gradients[:10] = 0
    told = one_class(towards(SIZE, 4), pool, randoms, gradients)
    assert told.examples == PICTURES - 10
    assert (told.scores == 1).all()


def test_a_derivative_of_zero_counts_half(pool: Floats) -> None:
    flat = pool.copy()
    flat[:, 3] = 2  # a channel that is the same in every picture is no part of any direction
    concept = towards(SIZE, 4)
    concept[:, 3] = 2
    gradients = np.zeros((PICTURES, WIDTH), np.float32)
    gradients[:, 3] = 1
    told = one_class(concept, flat, random_cavs(flat, SIZE, QUICK), gradients)
    assert (told.scores == 0.5).all()
    assert (told.random == 0.5).all()
    assert told.p == 1


def test_where_all_pictures_share_one_gradient_a_concept_stands_out_by_its_mean_derivative(
    pool: Floats, randoms: RandomCavs
) -> None:
    shared = np.tile(slopes(1, 2, 1.0), (PICTURES, 1))
    told = one_class(towards(SIZE, 4), pool, randoms, shared)
    assert (told.scores == 1).all()
    assert (np.abs(told.random - 0.5) == 0.5).any()  # random concepts fall to 0 or 1 as well
    assert told.p == told.p_mean <= ALPHA


def test_steadiness_tells_one_gradient_for_all_from_gradients_of_their_own(pool: Floats, randoms: RandomCavs) -> None:
    concept = towards(SIZE, 4)
    one = np.tile(slopes(1, 2, 1.0), (PICTURES, 1))
    assert one_class(concept, pool, randoms, one).steady == pytest.approx(1)
    own = one_class(concept, pool, randoms, slopes(PICTURES, 2, 0.0)).steady
    assert own == pytest.approx(1 / np.sqrt(PICTURES), abs=0.1)


def test_random_concepts_of_another_size_are_a_mistake(pool: Floats, randoms: RandomCavs) -> None:
    with pytest.raises(ValueError, match="have 12 pictures, the concept has 13"):
        examine(towards(13, 4), pool, {USED: slopes(PICTURES, 2, 1.0)}, randoms, QUICK)


def test_learning_reports_its_progress_and_stops_when_told(pool: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []

    def stop(fraction: float, note: str = "") -> None:
        told.append(fraction)
        if fraction > 0.5:
            raise Cancelled

    monkeypatch.setattr(cavs, "FITTED_AT_ONCE", 30 * 16**2)
    with pytest.raises(Cancelled):
        random_cavs(pool, SIZE, QUICK, progress=stop)
    assert told == sorted(told)
    assert len(told) > 3


def test_measured_has_the_names_of_a_cell() -> None:
    given_elsewhere = {"layer", "target", "label", "follows"}
    assert {field.name for field in fields(Measured)} == {field.name for field in fields(Cell)} - given_elsewhere
