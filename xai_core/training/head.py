"""A linear head on features: multinomial logistic regression with a weight penalty, solved by L-BFGS.

What is minimised: the class-weighted mean cross-entropy + l2 / 2 × the sum of the squared weights, biases free. That is
scikit-learn's LogisticRegression with C = 1 / (l2 × the sum of the pictures' weights).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xai_core.training.course import Course
from xai_core.training.recipe import Recipe

STRONGEST, WEAKER = 10.0, 10**-0.25  # the penalty of the first epoch, and what each further one has of it
ROUND = 10  # steps of the solver between two looks at the clock
SETTLED = 1e-6  # a round that lowers the objective by less than this share has arrived
ROUNDS = 30


def penalties(recipe: Recipe) -> tuple[float, ...]:
    """The penalty of each epoch: the one that was set, or ever weaker ones, of which validation chooses."""
    return tuple(recipe.l2 or STRONGEST * WEAKER**number for number in range(recipe.epochs))


def fit_head(
    head: nn.Linear,
    features: Tensor,
    labels: Tensor,
    held_out: Tensor,
    weights: Tensor,
    course: Course,
    recipe: Recipe,
) -> None:
    """Fit `head` to features (N, D) with labels (N,); `held_out` (M, D) are the validation part's features.

    One epoch is one penalty, solved from where the last one ended; where the penalty is set, one round of steps.
    """
    middle = features.mean(dim=0)
    spread = (features - middle).square().mean().sqrt().clamp(min=1e-12)
    near, far = (features - middle) / spread, (held_out - middle) / spread
    scaled = nn.Linear(head.in_features, head.out_features).to(features.device)
    nn.init.zeros_(scaled.weight)
    nn.init.zeros_(scaled.bias)
    path = penalties(recipe)
    rounds = 1 if recipe.l2 else ROUNDS
    solver = Solver(scaled, near, labels, weights)
    for penalty in path:
        solver.solve(penalty, rounds, course.report)
        with torch.no_grad():
            loss = float(F.cross_entropy(scaled(near), labels, weights))
            logits = scaled(far)
        if not course.goes_on(scaled, loss, logits):
            break
    course.restore(scaled)
    with torch.no_grad():
        head.weight.copy_(scaled.weight / spread)
        head.bias.copy_(scaled.bias - head.weight @ middle)


class Solver:
    """L-BFGS on one head; keeps what it learned about the objective's shape as long as the penalty stays."""

    def __init__(self, head: nn.Linear, features: Tensor, labels: Tensor, weights: Tensor) -> None:
        self._head, self._features, self._labels, self._weights = head, features, labels, weights
        self._penalty, self._optimiser = -1.0, self._fresh()

    def _fresh(self) -> torch.optim.LBFGS:
        return torch.optim.LBFGS(
            self._head.parameters(),
            max_iter=ROUND,
            tolerance_grad=1e-7,
            tolerance_change=1e-10,
            history_size=20,
            line_search_fn="strong_wolfe",
        )

    def objective(self) -> Tensor:
        """What is minimised, with the present penalty."""
        fit = F.cross_entropy(self._head(self._features), self._labels, self._weights)
        return fit + self._penalty / 2 * self._head.weight.square().sum()

    def solve(self, penalty: float, rounds: int, report: Callable[[], None]) -> float:
        """At most so many rounds of steps, fewer once it has arrived; the objective's value then."""
        if penalty != self._penalty:
            self._penalty, self._optimiser = penalty, self._fresh()
        before = float("inf")
        for _ in range(rounds):
            report()
            with torch.enable_grad():
                self._optimiser.step(self._closure)  # type: ignore[no-untyped-call]
            with torch.no_grad():
                now = float(self.objective())
            if before - now <= SETTLED * abs(now):
                break
            before = now
        return now

    def _closure(self) -> Tensor:
        self._optimiser.zero_grad()
        value = self.objective()
        torch.autograd.backward(value)
        return value
