"""Epochs over the pictures with AdamW, for what cannot be solved at once; the same steps for the same seed."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xai_core.training.course import Course
from xai_core.training.inputs import Inputs
from xai_core.training.recipe import Recipe

BATCH = 32  # pictures a step
DECAY = 1e-2  # of the weights, at each step's own rate


def learn(
    tail: nn.Module,
    inputs: Inputs,
    rows: tuple[Tensor, Tensor],
    labels: Tensor,
    weights: Tensor,
    course: Course,
    recipe: Recipe,
) -> None:
    """Train `tail` on the first rows, judge it on the second, and leave it with its best epoch's weights.

    `labels` (N,) of all rows, on the device. Batch norms of a network that starts from scratch follow their batches;
    those of a trained one keep their statistics, which a few pictures could only spoil.
    """
    near, far = rows
    optimiser = torch.optim.AdamW(tail.parameters(), recipe.learning_rate, weight_decay=DECAY)
    generator = torch.Generator().manual_seed(recipe.seed)
    for epoch in range(1, recipe.epochs + 1):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / recipe.epochs)) / 2
        order = near[torch.randperm(len(near), generator=generator)]
        tail.train(recipe.kind == "cnn")
        total = torch.zeros((), device=labels.device)
        for start in range(0, len(order), BATCH):
            course.report(start / len(order))
            chosen = order[start : start + BATCH]
            total += _step(tail, inputs.varied(chosen, epoch), labels[chosen], weights, optimiser) * len(chosen)
        tail.eval()
        if not course.goes_on(tail, float(total) / len(near), answers(tail, inputs, far)):
            break
    course.restore(tail)


def _step(tail: nn.Module, x: Tensor, labels: Tensor, weights: Tensor, optimiser: torch.optim.Optimizer) -> Tensor:
    with torch.enable_grad():
        loss = F.cross_entropy(tail(x), labels, weights)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
    optimiser.step()
    return loss.detach()


def answers(tail: nn.Module, inputs: Inputs, rows: Tensor) -> Tensor:
    """What `tail` says of these pictures as they are: (rows, K), on the device."""
    with torch.no_grad():
        return torch.cat([tail(inputs.plain(rows[i : i + BATCH])).float() for i in range(0, len(rows), BATCH)])
