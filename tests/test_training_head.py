"""The head's solver against scikit-learn's, and what early stopping keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.nn import functional as F

from xai_core.errors import UnusableData
from xai_core.progress import silent
from xai_core.training.course import Course, class_weights
from xai_core.training.head import Solver, fit_head
from xai_core.training.recipe import Recipe, recipe

CLASSES, WIDTH = 4, 24


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Matrices as small as these take longer to share out than to multiply."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield
    torch.set_num_threads(before)


def features(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Overlapping clouds, the first class three times as frequent as the others, at the scale of pooled activations."""
    draws = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, CLASSES + 2, (count,), generator=draws) % (CLASSES + 1)
    labels[labels == CLASSES] = 0
    centres = torch.randn(CLASSES, WIDTH, generator=torch.Generator().manual_seed(99))
    return 3 + 0.5 * (0.6 * centres[labels] + torch.randn(count, WIDTH, generator=draws)), labels


def fresh_head() -> nn.Linear:
    head = nn.Linear(WIDTH, CLASSES)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("l2", [1.0, 1e-2, 1e-4])
def test_the_solver_finds_the_optimum_that_scikit_learn_finds(balanced: bool, l2: float) -> None:
    x, labels = features(300)
    x = x - x.mean(dim=0)
    weights = class_weights(labels, CLASSES, balanced)
    head = fresh_head()
    solver = Solver(head, x, labels, weights)
    found = solver.solve(l2, 100, lambda: None)
    theirs = LogisticRegression(
        C=1 / (l2 * float(weights[labels].sum())),
        class_weight="balanced" if balanced else None,
        tol=1e-9,
        max_iter=20_000,
    ).fit(x.double().numpy(), labels.numpy())
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(theirs.coef_))
        head.bias.copy_(torch.from_numpy(theirs.intercept_))
        assert found == pytest.approx(float(solver.objective()), rel=1e-4)


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    labels = torch.tensor([0] * 7 + [1] * 2 + [2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels.numpy())
    np.testing.assert_allclose(class_weights(labels, 3, True), expected, rtol=1e-6)
    assert class_weights(labels, 3, False).tolist() == [1, 1, 1]


def fitted(how: Recipe, x: Tensor, labels: Tensor, far: Tensor, far_labels: Tensor) -> tuple[nn.Linear, Course]:
    head, weights = fresh_head(), class_weights(labels, CLASSES, how.class_weights)
    course = Course(how, far_labels, weights, None, silent, time.monotonic())
    fit_head(head, x, labels, far, weights, course, how)
    return head, course


def test_the_epoch_with_the_lowest_validation_loss_is_kept_and_reads_features_as_they_come() -> None:
    (x, labels), (far, far_labels) = features(60), features(400, seed=1)
    how = replace(recipe("head"), class_weights=False)
    head, course = fitted(how, x, labels, far, far_labels)
    losses = [epoch.validation_loss for epoch in course.epochs]
    assert course.best == 1 + int(np.argmin(losses))
    assert 1 < course.best < len(losses) == course.best + how.patience  # neither the first nor the last: it did stop
    with torch.no_grad():
        assert float(F.cross_entropy(head(far), far_labels)) == pytest.approx(min(losses), rel=1e-4)


def test_with_a_set_penalty_the_head_is_the_optimum_for_it() -> None:
    (x, labels), (far, far_labels) = features(300), features(300, seed=1)
    how = replace(recipe("head"), l2=1e-2, epochs=40, patience=40, class_weights=False)
    head, course = fitted(how, x, labels, far, far_labels)
    spread = float((x - x.mean(dim=0)).square().mean().sqrt())
    theirs = LogisticRegression(C=1 / (1e-2 * len(x)), tol=1e-9, max_iter=20_000).fit(
        x.numpy() / spread, labels.numpy()
    )
    loss = F.cross_entropy(torch.from_numpy(theirs.decision_function(far.numpy() / spread)), far_labels)
    assert course.epochs[-1].validation_loss == pytest.approx(float(loss), rel=1e-3)
    with torch.no_grad():
        assert float(F.cross_entropy(head(far), far_labels)) == pytest.approx(
            min(epoch.validation_loss for epoch in course.epochs), rel=1e-4
        )


def test_no_more_epochs_than_allowed() -> None:
    (x, labels), (far, far_labels) = features(60), features(60, seed=1)
    _, course = fitted(replace(recipe("head"), epochs=3), x, labels, far, far_labels)
    assert [epoch.number for epoch in course.epochs] == [1, 2, 3]


def test_numbers_that_run_away_end_it_and_the_best_before_is_kept() -> None:
    head, labels = fresh_head(), torch.tensor([0, 1, 2, 3])
    right, lost = 5 * torch.eye(CLASSES), torch.full((4, CLASSES), float("nan"))
    course = Course(recipe("cnn"), labels, torch.ones(CLASSES), None, silent, time.monotonic())
    assert course.goes_on(head, 0.1, right)
    with torch.no_grad():
        head.weight.fill_(float("nan"))
    assert not course.goes_on(head, float("nan"), lost)
    course.restore(head)
    assert not head.weight.any()
    assert [epoch.number for epoch in course.epochs] == [1]


def test_numbers_that_run_away_at_once_are_explained() -> None:
    course = Course(recipe("cnn"), torch.tensor([0]), torch.ones(CLASSES), None, silent, time.monotonic())
    with pytest.raises(UnusableData, match="Set a smaller learning rate"):
        course.goes_on(fresh_head(), float("inf"), torch.zeros(1, CLASSES))
