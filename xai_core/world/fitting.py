"""How the shipped networks are trained: a small recipe for small pictures, the same on every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from xai_core.simple_cnn import SimpleCNN

MEAN = STD = 0.5
Augment = Callable[[Tensor, Tensor, torch.Generator], Tensor]  # (pictures, their rows, chance) -> pictures


@dataclass(frozen=True)
class Recipe:
    """AdamW, up to its rate and down to nothing along a cosine, or until an epoch's own accuracy is `enough`."""

    epochs: int
    rate: float = 2e-3
    batch: int = 32
    decay: float = 1e-4
    enough: float = 2.0  # above 1: never
    seed: int = 0


def fitted(
    pictures: NDArray[np.uint8],
    labels: NDArray[np.int64],
    classes: int,
    recipe: Recipe,
    augment: Augment,
    told: Callable[[int, float, float], None],
) -> SimpleCNN:
    """A network trained on (N, S, S, 3) pictures; `told` hears epoch, mean loss and accuracy of every epoch."""
    generator = torch.Generator().manual_seed(recipe.seed)
    with torch.random.fork_rng([]):
        torch.manual_seed(recipe.seed)
        network = SimpleCNN(classes)
    network.to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * -(-len(pictures) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps)
    truth = torch.from_numpy(labels)
    for epoch in range(recipe.epochs):
        lost, right = 0.0, 0
        for rows in torch.split(torch.randperm(len(pictures), generator=generator), recipe.batch):
            x = augment(encoded(pictures[rows.numpy()]), rows, generator)
            logits = network(x)
            loss = nn.functional.cross_entropy(logits, truth[rows])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
            lost, right = lost + loss.item() * len(rows), right + int((logits.argmax(1) == truth[rows]).sum())
        told(epoch, lost / len(pictures), right / len(pictures))
        if right / len(pictures) >= recipe.enough:
            break
    return network.eval()


def encoded(pictures: NDArray[np.uint8]) -> Tensor:
    """(N, S, S, 3) -> (N, 3, S, S) in the network's input space, channels last."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    return ((x - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def accuracy(network: nn.Module, pictures: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
    """Share of pictures whose top class is the label, in [0, 1]."""
    with torch.inference_mode():
        tops = torch.cat([network(encoded(pictures[at : at + 64])).argmax(1) for at in range(0, len(pictures), 64)])
    return float((tops.numpy() == labels).mean())
