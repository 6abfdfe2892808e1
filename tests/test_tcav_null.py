"""Chance: how often concepts of random pictures are called significant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_concepts import PICTURES, SIZE, USED, activations, slopes, towards
from scipy.stats import betabinom

from xai_core.tcav import layer, statistics
from xai_core.tcav.cavs import random_cavs
from xai_core.tcav.layer import examine
from xai_core.tcav.settings import ALPHA, Settings


def test_random_concepts_are_rejected_at_the_nominal_rate_and_by_the_sources_t_tests_far_more_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """200 random concepts of one pool, with 400 others to be ranked among.

    They are exchangeable with those 400, so how many of 200 are rejected at 0.05 follows a beta-binomial distribution
    (the 400 are one draw as well): 10 on average, above 21 in one of a hundred repetitions. The t-tests take runs that
    share the concept's pictures for independent evidence (of 200, 84 and 79 here).
    """
    monkeypatch.setattr(layer, "unlearned", lambda *_: "")  # else hardly a random concept would get a score
    monkeypatch.setattr(statistics, "RESAMPLES", 10)  # no interval is asked for
    settings, tests = Settings(runs=20, random_concepts=400), 200
    pool, gradients = activations(120, 1), {USED: slopes(PICTURES, 2, 0.02)}
    randoms, rng = random_cavs(pool, SIZE, settings), np.random.default_rng(0)
    told = []
    for number in range(tests):
        concept = pool[rng.choice(len(pool), SIZE, replace=False)]
        told.append(examine(concept, pool, gradients, randoms, replace(settings, seed=1 + number)).classes[USED])
    rejected = {
        name: sum(getattr(each, name) <= ALPHA for each in told) for name in ("p", "p_mean", "p_half", "p_random")
    }
    least = int(ALPHA * 401)  # random concepts that may be as far, and the concept itself
    for name in ("p", "p_mean"):
        assert rejected[name] <= betabinom.ppf(0.99, tests, least, 401 - least)
        assert rejected[name] >= betabinom.ppf(0.01, tests, least, 401 - least)
    assert rejected["p_half"] > 4 * ALPHA * tests
    assert rejected["p_random"] > 4 * ALPHA * tests
    assert sum(each.p <= ALPHA and each.p_accuracy <= ALPHA for each in told) <= rejected["p"] / 2


def test_a_concept_that_is_read_well_but_not_used_is_rejected_no_more_often_than_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """200 classes whose gradients know nothing of the concept, and all share one direction more or less.

    The CAVs of a concept that is read well agree from run to run, those of random ones do not, so their mean scores lie
    nearer to ½ than any one direction's: by their rank alone 75 of 200 are called significant here. Along one direction
    each, all are equal.
    """
    monkeypatch.setattr(statistics, "RESAMPLES", 10)
    settings, tests, width = Settings(runs=20, random_concepts=200), 200, 40
    pool, concept = activations(120, 1, width), towards(SIZE, 2, width)
    rng = np.random.default_rng(3)
    shared = rng.normal(0, 0.3, (tests, 1, width))
    classes = {n: (each + rng.normal(0, 0.3, (PICTURES, width))).astype(np.float32) for n, each in enumerate(shared)}
    told = examine(concept, pool, classes, random_cavs(pool, SIZE, settings), settings).classes.values()
    rejected = sum(each.p <= ALPHA for each in told)
    least = int(ALPHA * 201)
    assert rejected <= betabinom.ppf(0.99, tests, least, 201 - least)
    assert sum(each.p_score <= ALPHA for each in told) > 3 * ALPHA * tests
