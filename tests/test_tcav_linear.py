"""Many classifiers at once in the dual, against scikit-learn's, one at a time on the rows themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from torch import Tensor

from xai_core.tcav import linear
from xai_core.tcav.linear import Batched, fits, penalties
from xai_core.tcav.settings import PENALTY
from xai_core.tcav.sgd import sgd_fits

Exact = NDArray[np.float64]
PROBLEMS, HALF = 6, 14
LABELS = np.repeat([1, -1], HALF)


def rows(width: int, apart: float = 0.5, seed: int = 0) -> Exact:
    """(PROBLEMS, 2 * HALF, width) with an offset, as activations after a ReLU have."""
    drawn = np.random.default_rng(seed).normal(3, 1, (PROBLEMS, 2 * HALF, width))
    drawn[:, :HALF, : width // 2] += apart
    return drawn


def gram(x: Exact, centred: bool = True) -> Tensor:
    about = x - x.mean((0, 1)) if centred else x
    return torch.from_numpy(about @ about.transpose(0, 2, 1))


def normals(x: Exact, weights: Tensor) -> Exact:
    found: Exact = (weights.numpy()[:, None, :] @ x)[:, 0]
    return found


@pytest.mark.parametrize("width", [3, 40, 2000])
@pytest.mark.parametrize("share", [0.001, 0.03, 5.0])
def test_logistic_equals_scikit_learns(width: int, share: float) -> None:
    x, penalty = rows(width), share * width
    weights, intercepts = fits(gram(x), "logistic", torch.full((PROBLEMS,), penalty, dtype=torch.float64))
    for each, normal, b in zip(x, normals(x, weights), intercepts.numpy() - normals_at(x, weights), strict=True):
        # liblinear would penalise the intercept too
        theirs = LogisticRegression(C=1 / penalty, solver="newton-cg", tol=1e-10, max_iter=1000).fit(each, LABELS)
        assert np.allclose(normal, theirs.coef_[0], atol=1e-6)
        assert b == pytest.approx(theirs.intercept_[0], rel=1e-5, abs=1e-4)


def normals_at(x: Exact, weights: Tensor) -> Exact:
    """What the normals say of the point that the Gram matrices are centred about."""
    found: Exact = normals(x, weights) @ x.mean((0, 1))
    return found


@pytest.mark.parametrize("width", [3, 40, 2000])
@pytest.mark.parametrize("penalty", [0.01, 1.0, 300.0])
def test_ridge_equals_scikit_learns(width: int, penalty: float) -> None:
    x = rows(width)
    weights, intercepts = fits(gram(x), "ridge", torch.full((PROBLEMS,), penalty, dtype=torch.float64))
    for each, normal, b in zip(x, normals(x, weights), intercepts.numpy() - normals_at(x, weights), strict=True):
        theirs = RidgeClassifier(alpha=penalty).fit(each, LABELS)
        assert np.allclose(normal, theirs.coef_.ravel(), atol=1e-7)
        assert b == pytest.approx(np.ravel(theirs.intercept_)[0], abs=1e-6)


@pytest.mark.parametrize("width", [3, 40, 2000])
def test_sgd_takes_the_very_steps_that_scikit_learns_takes_on_the_rows(width: int) -> None:
    x, seeds = rows(width), np.arange(PROBLEMS)
    weights, intercepts = sgd_fits(gram(x, centred=False), seeds)
    for each, normal, b, seed in zip(x, normals(x, weights), intercepts, seeds, strict=True):
        theirs = SGDClassifier(alpha=0.01, max_iter=1000, tol=1e-3, random_state=int(seed)).fit(each, LABELS)
        assert np.allclose(normal, theirs.coef_[0], atol=1e-8 * np.abs(theirs.coef_).max())
        assert b == pytest.approx(theirs.intercept_[0])


@pytest.mark.parametrize("classifier", ["logistic", "ridge"])
def test_a_problem_is_solved_alike_alone_and_among_others(classifier: Batched) -> None:
    products = gram(rows(40))
    penalty = penalties(products, classifier)
    together, intercepts = fits(products, classifier, penalty)
    for number in range(PROBLEMS):
        one = slice(number, number + 1)
        alone, intercept = fits(products[one], classifier, penalty[one])
        assert torch.allclose(alone[0], together[number], rtol=1e-12, atol=1e-14)
        assert float(intercept) == pytest.approx(float(intercepts[number]), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("classifier", ["logistic", "ridge"])
def test_pictures_given_twice_break_nothing(classifier: Batched) -> None:
    x = rows(40)
    x[:, 1], x[:, HALF + 1] = x[:, 0], x[:, HALF]
    weights, _ = fits(gram(x), classifier, torch.ones(PROBLEMS, dtype=torch.float64))
    assert torch.isfinite(weights).all()
    assert torch.allclose(weights[:, 0], weights[:, 1])


def test_a_full_newton_step_that_goes_too_far_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(2).normal(size=(40, 2 * HALF, 10)) ** 5
    products = gram(x)
    penalty = 1e-6 * penalties(products, "logistic") / PENALTY["logistic"]
    labels = torch.from_numpy(LABELS.astype(np.float64))

    def missed() -> int:
        weights, intercepts = fits(products, "logistic", penalty)
        slope = linear._Logistic(products, labels, penalty[:, None]).slope(weights, intercepts[:, None])
        return int((~(slope < 1e-6)).sum())

    assert missed() == 0
    monkeypatch.setattr(linear, "HALVINGS", 0)
    assert missed() > 0


@pytest.mark.parametrize("classifier", ["logistic", "ridge"])
def test_the_penalty_follows_the_spread_of_the_activations_and_not_their_unit_or_origin(classifier: Batched) -> None:
    x = rows(40)
    spread = ((x - x.mean(1, keepdims=True)) ** 2).sum(2).mean(1)
    assert np.allclose(penalties(gram(x), classifier), PENALTY[classifier] * spread)
    assert np.allclose(penalties(gram(x, centred=False), classifier), PENALTY[classifier] * spread)
    one, other = (fits(gram(each), classifier, penalties(gram(each), classifier))[0] for each in (x, 100 * x))
    assert np.allclose(100 * normals(100 * x, other), normals(x, one))


def test_equal_pictures_give_a_penalty_to_divide_by() -> None:
    assert penalties(torch.full((1, 6, 6), 7.0, dtype=torch.float64), "logistic").tolist() == [1.0]
