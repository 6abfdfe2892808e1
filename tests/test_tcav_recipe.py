"""The steps that a test's file tells, followed by another program: the same figures come out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_concepts import PICTURES, POOL, QUICK, SIZE, USED, Floats, activations, slopes, towards
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from xai_core.tcav.cavs import random_cavs
from xai_core.tcav.layer import examine
from xai_core.tcav.recipe import TEST, recipe
from xai_core.tcav.settings import CLASSIFIERS, SGD, Classifier, Settings

Exact = np.ndarray


def direction(x: Exact, classifier: Classifier) -> Exact:
    """w / |w| of training pictures (T, D), the first half the concept's."""
    labels = np.repeat([1, -1], len(x) // 2)
    spread = ((x - x.mean(0)) ** 2).sum(1).mean()
    if classifier == "ridge":
        w = np.ravel(RidgeClassifier(alpha=1.0 * spread).fit(x, labels).coef_)
    else:
        w = np.ravel(LogisticRegression(C=1 / (0.01 * spread), solver="newton-cg", tol=1e-10).fit(x, labels).coef_)
    return w / np.linalg.norm(w)


def runs(x: Exact, concept: Exact, counters: Exact, settings: Settings, rng: np.random.Generator) -> Exact:
    n = len(concept)
    against = rng.permuted(np.tile(counters, (settings.runs, 1)), axis=1)[:, :n]
    towards_ = rng.permuted(np.tile(concept, (settings.runs, 1)), axis=1)
    judged = round(n / 3)
    train = np.concatenate([towards_[:, judged:], against[:, judged:]], axis=1)
    return np.array([direction(x[rows], settings.classifier) for rows in train])


def followed(concept: Floats, pool: Floats, gradients: Floats, settings: Settings) -> tuple[Exact, Exact, float]:
    """Scores of the runs, of the random concepts, and the p, as `recipe` and `TEST` say."""
    n, slope = len(concept), gradients.astype(np.float64)
    both = np.concatenate([concept, pool]).astype(np.float64)
    seed = settings.seed
    own = runs(both, np.arange(n), np.arange(n, len(both)), settings, np.random.default_rng((seed, 0)))
    scores, along, each_along = (own @ slope.T > 0).mean(1), [], []
    for vectors in (own, *random_runs(pool.astype(np.float64), n, settings)):
        mean = vectors.mean(0)
        along.append((slope @ mean).mean() / np.linalg.norm(mean))
        each_along.append((vectors @ slope.T > 0).mean())
    far, effect = np.abs(np.array(each_along) - 0.5), np.abs(along)
    by_score = (far > far[0] + 1e-9) | ((np.abs(far - far[0]) <= 1e-9) & (effect >= effect[0]))
    p = max(np.count_nonzero(by_score), np.count_nonzero(effect >= effect[0])) / len(effect)
    return scores, np.array(each_along[1:]), p


def random_runs(pool: Exact, n: int, settings: Settings) -> list[Exact]:
    found = []
    for number in range(settings.random_concepts):
        rng = np.random.default_rng((settings.seed, 1 + number))
        order = rng.permutation(len(pool))
        found.append(runs(pool, order[:n], order[n:], settings, rng))
    return found


@pytest.mark.parametrize("classifier", ["logistic", "ridge"])
def test_whoever_follows_the_steps_finds_the_same(classifier: Classifier) -> None:
    settings = replace(QUICK, runs=4, random_concepts=19, classifier=classifier, seed=7)
    concept, pool, gradients = towards(SIZE, 4), activations(POOL, 1), slopes(PICTURES, 2, 0.1)
    told = examine(concept, pool, {USED: gradients}, random_cavs(pool, SIZE, settings), settings).classes[USED]
    scores, random, p = followed(concept, pool, gradients, settings)
    np.testing.assert_allclose(told.scores, scores, atol=1e-12)
    np.testing.assert_allclose(told.random, random, atol=1e-12)
    assert told.p == pytest.approx(p)


def test_the_steps_name_what_was_chosen() -> None:
    for classifier, words in zip(CLASSIFIERS, ("log(1 + exp(-y f))", "(y - f)^2", f"{SGD}"), strict=True):
        steps = " ".join(recipe(Settings(classifier=classifier, most=33, examples=44), relative=False))
        assert words in steps
        assert "at most 33, and at most half the counter-examples. At most 44 pictures of a class" in steps
    flat, average = (" ".join(recipe(Settings(pooling=each), relative=True)) for each in ("flatten", "average"))
    assert "flattened" in flat
    assert "averaged over space" in average
    assert "The pool: the concept's pictures, then the counter-examples." in average
    assert "the larger of two" in TEST.lower()
