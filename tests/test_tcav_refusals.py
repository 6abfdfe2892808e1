"""What cannot be tested is refused in words, and never shown as a score."""

from __future__ import annotations

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
    slopes,
    towards,
)

from xai_core.tcav.cavs import RandomCavs, random_cavs
from xai_core.tcav.layer import Examined, examine
from xai_core.tcav.refusals import unlearned
from xai_core.tcav.settings import ALPHA, LEAST


@pytest.fixture(scope="module")
def pool() -> Floats:
    return activations(POOL, 1)


@pytest.fixture(scope="module")
def randoms(pool: Floats) -> RandomCavs:
    return random_cavs(pool, SIZE, QUICK)


def refused(found: Examined) -> str:
    """The one sentence of all classes; and nothing that could be taken for a score."""
    told = list(found.classes.values())
    assert len({each.refusal for each in told}) == 1
    for each in told:
        assert each.scores.size == each.means.size == each.random.size == 0
        assert np.isnan([each.p, each.p_half, each.p_random, each.effect, *each.interval, *each.mean_interval]).all()
    return told[0].refusal


@pytest.mark.parametrize("size", [0, 1, 2, LEAST - 1])
def test_too_few_pictures_are_refused(size: int, pool: Floats, randoms: RandomCavs) -> None:
    found = examine(towards(size, 4), pool, {USED: slopes(PICTURES, 2, 1.0)}, randoms, QUICK)
    assert (
        refused(found) == f"A concept needs at least 10 different pictures to be tested; this one has {size}. Add more."
    )


def test_one_picture_many_times_is_refused(pool: Floats, randoms: RandomCavs) -> None:
    found = examine(np.tile(towards(1, 4), (SIZE, 1)), pool, {USED: slopes(PICTURES, 2, 1.0)}, randoms, QUICK)
    assert "tells only 1 of the concept's 12 pictures apart; at least 10 are needed" in refused(found)


def test_a_concept_that_is_its_own_counter_set_is_refused(randoms: RandomCavs) -> None:
    concept = towards(SIZE, 4)
    found = examine(concept, concept[::-1], {USED: slopes(PICTURES, 2, 1.0)}, randoms, QUICK)
    assert refused(found).startswith("No counter-example differs from the concept's own 12 pictures")


def test_a_layer_that_says_the_same_of_every_picture_is_refused() -> None:
    same = np.full((POOL, WIDTH), 3.1, np.float32)
    randoms = random_cavs(same, SIZE, QUICK)
    assert not randoms.cavs.weights.any()
    found = examine(same[:SIZE], same, {USED: slopes(PICTURES, 2, 1.0)}, randoms, QUICK)
    assert "tells only 1 of the concept's 12 pictures apart" in refused(found)


def test_a_layer_whose_pictures_differ_by_rounding_is_refused() -> None:
    upwards = np.random.default_rng(0).random((POOL, WIDTH)) < 0.5
    nearly = np.nextafter(np.float32(3.1), np.where(upwards, 4, 3), dtype=np.float32)
    randoms = random_cavs(nearly[SIZE:], SIZE, QUICK)
    assert not randoms.cavs.weights.any()
    found = examine(nearly[:SIZE], nearly[SIZE:], {USED: slopes(PICTURES, 2, 1.0)}, randoms, QUICK)
    assert "are the same for the concept and for its counter-examples" in refused(found)


def test_a_concept_that_cannot_be_learned_has_no_score_but_its_accuracies(pool: Floats, randoms: RandomCavs) -> None:
    found = examine(activations(SIZE, 9), pool, {USED: slopes(PICTURES, 2, 1.0)}, randoms, QUICK)
    assert refused(found).startswith("The concept cannot be told from its counter-examples at this layer: ")
    told = found.classes[USED]
    assert told.accuracies.shape == (QUICK.runs,)
    assert told.p_accuracy > ALPHA


@pytest.mark.parametrize("given", [0, 4])
def test_a_class_of_too_few_pictures_is_refused_and_the_others_are_not(
    given: int, pool: Floats, randoms: RandomCavs
) -> None:
    gradients = {USED: slopes(PICTURES, 2, 1.0), UNUSED: slopes(given, 3, 0.0)}
    told = examine(towards(SIZE, 4), pool, gradients, randoms, QUICK).classes
    assert told[UNUSED].refusal == f"A class needs at least 5 pictures to be tested; this one has {given}. Add more."
    assert told[USED].refusal == ""


def test_zero_gradients_are_no_score_of_zero(pool: Floats, randoms: RandomCavs) -> None:
    nothing = np.zeros((PICTURES, WIDTH), np.float32)
    found = examine(towards(SIZE, 4), pool, {USED: nothing}, randoms, QUICK)
    assert refused(found).startswith("None of the class's 25 pictures has a gradient at this layer")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused_wherever_they_stand(value: float, pool: Floats) -> None:
    concept, gradients, broken = towards(SIZE, 4), slopes(PICTURES, 2, 1.0), pool.copy()
    broken[3, 4] = value
    randoms = random_cavs(broken, SIZE, QUICK)
    assert "not all finite" in refused(examine(concept, broken, {USED: gradients}, randoms, QUICK))
    concept[0, 0] = value
    assert "not all finite" in refused(examine(concept, pool, {USED: gradients}, randoms, QUICK))
    gradients[0, 0] = value
    assert "not all finite" in refused(examine(towards(SIZE, 4), pool, {USED: gradients}, randoms, QUICK))


def test_a_p_just_above_the_level_is_not_rounded_onto_it() -> None:
    assert "(p just above 0.05)" in unlearned(0.7, 26, 0.0501)
    assert unlearned(0.7, 26, 0.0499) == ""
