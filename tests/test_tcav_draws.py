"""Counter-sets, splits and sizes: seeded, balanced, and the same however many others are drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from xai_core.tcav.cavs import random_cavs
from xai_core.tcav.draws import concept_draws, held_out, overlap, random_draws
from xai_core.tcav.random_concepts import RandomConcepts
from xai_core.tcav.settings import LEAST, USUAL, Settings
from xai_core.tcav.sizes import set_size, too_few

CONCEPT, COUNTERS = np.arange(12), np.arange(12, 72)


def test_a_third_of_each_side_is_kept_aside() -> None:
    draws = concept_draws(CONCEPT, COUNTERS, 20, 0)
    assert (held_out(10), held_out(12), held_out(40)) == (3, 4, 13)
    assert draws.train.shape == (20, 16)
    assert draws.held.shape == (20, 8)
    for train, held in zip(draws.train, draws.held, strict=True):
        assert set(train[:8]) | set(held[:4]) == set(CONCEPT)
        assert (train[:8] < 12).all()
        assert (train[8:] >= 12).all()
        assert len(set(train) | set(held)) == 24  # nothing twice, nothing on both sides


def test_every_run_has_a_counter_set_and_a_split_of_its_own() -> None:
    draws = concept_draws(CONCEPT, COUNTERS, 20, 0)
    assert len({frozenset(each) for each in draws.counter_sets.tolist()}) == 20
    assert len({frozenset(each) for each in draws.held[:, :4].tolist()}) > 15
    assert len(set(draws.seeds.tolist())) == 20


def test_draws_repeat_exactly_and_follow_the_seed() -> None:
    one, again, other = (concept_draws(CONCEPT, COUNTERS, 5, seed) for seed in (3, 3, 4))
    assert (one.train == again.train).all()
    assert (one.held == again.held).all()
    assert (one.train != other.train).any()


def test_counter_examples_are_drawn_evenly() -> None:
    counts = np.bincount(concept_draws(CONCEPT, COUNTERS, 2000, 0).counter_sets.ravel(), minlength=72)[12:]
    assert counts.sum() == 2000 * 12
    assert np.abs(counts - 400).max() < 5 * np.sqrt(400 * 0.8)


def test_a_random_concept_and_its_counter_sets_share_nothing() -> None:
    draws = random_draws(72, 12, 20, 0, 7)
    concept = set(draws.train[:, :8].ravel()) | set(draws.held[:, :4].ravel())
    assert len(concept) == 12
    assert not concept & set(draws.counter_sets.ravel())


def test_a_random_concept_does_not_depend_on_how_many_there_are() -> None:
    pool = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    few = random_cavs(pool, 12, replace(USUAL, runs=3, random_concepts=19))
    many = random_cavs(pool, 12, replace(USUAL, runs=3, random_concepts=40))
    assert (many.cavs.rows[: 19 * 3] == few.cavs.rows).all()
    assert np.allclose(many.cavs.weights[: 19 * 3], few.cavs.weights, rtol=1e-9, atol=1e-12)


def test_overlap_is_the_mean_over_all_pairs_of_counter_sets() -> None:
    sets = concept_draws(CONCEPT, COUNTERS, 6, 0).counter_sets
    naive = np.mean([len(set(one) & set(other)) / 12 for one, other in combinations(sets.tolist(), 2)])
    assert overlap(sets) == pytest.approx(naive)
    assert overlap(np.tile(sets[:1], (4, 1))) == 1
    assert np.isnan(overlap(sets[:1]))


def test_a_set_is_as_large_as_the_concept_its_counter_examples_and_the_settings_allow() -> None:
    assert set_size(30, 220, False, USUAL) == 30
    assert set_size(500, 220, False, USUAL) == USUAL.most
    assert set_size(60, 50, False, USUAL) == 25  # a random concept and its counter-set come from one pool
    assert set_size(60, 35, True, USUAL) == 35


@pytest.mark.parametrize("distinct", [0, 1, 2, LEAST - 1])
def test_a_concept_of_too_few_different_pictures_is_refused_with_its_number(distinct: int) -> None:
    assert set_size(distinct, 220, False, USUAL) == 0
    assert too_few(distinct, 220, False).endswith(
        f"at least 10 different pictures to be tested; this one has {distinct}. Add more."
    )


def test_a_pool_that_is_too_small_is_refused_with_its_number() -> None:
    assert set_size(30, 19, False, USUAL) == 0
    assert (
        too_few(30, 19, False)
        == "At least 20 different counter-examples are needed to compare with; there are 19. Add more."
    )
    assert set_size(30, 9, True, USUAL) == 0
    assert "At least 10 different pictures of the other concepts" in too_few(30, 9, True)
    assert "there are 0, as 30 are also pictures of this concept" in too_few(30, 0, True, shared=30)


def test_random_concepts_need_a_pool_of_twice_their_size() -> None:
    with pytest.raises(ValueError, match="need a pool of 24, got 20"):
        random_cavs(np.zeros((20, 4), np.float32), 12)


def test_random_concepts_are_told_apart_by_size_layer_and_settings_that_matter() -> None:
    def named(size: int = 12, settings: Settings = USUAL, layer: str = "1") -> RandomConcepts:
        return RandomConcepts.of("toy", (("pool", 1),), layer, size, settings)

    assert named() == named(settings=replace(USUAL, most=30, examples=7))
    others = [named(11), named(settings=replace(USUAL, seed=1)), named(layer="4")]
    assert len({named(), *others, named(settings=replace(USUAL, classifier="ridge"))}) == 5
