"""The learned perturbation: a tiny network that redraws a picture so that a classifier no longer sees the class."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn

DRAWS = 20  # attempts at a starting point whose ReLUs are not all shut


class PerturbationNet(nn.Module):
    """One 3-to-3 convolution, applied `blocks` x `layers` times with a ReLU after each block.

    (B, 3, S, S) -> the same shape, stretched to the input's own range. Its weights are drawn from `draws` as
    torch draws a convolution's, so torch's global generator stays untouched.
    """

    def __init__(self, kernel: int, blocks: int, layers: int, draws: torch.Generator) -> None:
        super().__init__()
        kernel += 1 - kernel % 2  # an even kernel has no middle; the source enlarges it too
        self.blocks, self.layers = blocks, layers
        bound = 1 / math.sqrt(3 * kernel * kernel)
        weight = (torch.rand(3, 3, kernel, kernel, generator=draws) * 2 - 1) * bound
        # channels last makes every product channels last, which is four times faster on a CPU
        self.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last))
        self.bias = nn.Parameter((torch.rand(3, generator=draws) * 2 - 1) * bound)

    def forward(self, x: Tensor) -> Tensor:
        lowest, span = x.min(), x.max() - x.min()
        for _ in range(self.blocks):
            for _ in range(self.layers):
                x = nn.functional.conv2d(x, self.weight, self.bias, padding="same")
            x = x.relu()
        x = x - x.min()
        # 0 / 0 where all ReLUs are shut: `alive` tells
        return x / x.max().clamp_min(torch.finfo(x.dtype).tiny) * span + lowest

    def alive(self, x: Tensor) -> bool:
        """Whether anything of the picture comes through; a net that is not alive can no longer learn."""
        with torch.no_grad():
            y = self(x)
        return bool(torch.isfinite(y).all() and y.max() > y.min())


def alive_net(kernel: int, blocks: int, layers: int, seed: int, x: Tensor) -> PerturbationNet | None:
    """The first living net that the seed leads to, on the device of `x`; None for a picture of one colour."""
    draws = torch.Generator().manual_seed(seed)
    for _ in range(DRAWS):
        net = PerturbationNet(kernel, blocks, layers, draws).to(x.device)
        if net.alive(x):
            return net
    return None


@dataclass(eq=False)
class Search:
    """Gradient descent on softmax(logits)[target] + l1 x mean|x - x'| over the net's weights; remembers its best."""

    net: PerturbationNet
    classify: Callable[[Tensor], Tensor]  # (1, 3, S, S) -> logits (1, K), differentiable, its own weights frozen
    x: Tensor
    target: int
    l1: float
    rate: float
    losses: list[float] = field(default_factory=list)
    best_picture: Tensor | None = None
    best_probability: float = math.nan
    best_epoch: int = -1
    died: bool = False

    def __post_init__(self) -> None:
        self._optimiser = torch.optim.Adam(self.net.parameters(), lr=self.rate)

    def epoch(self) -> None:
        """One step; does nothing once the net has died."""
        if self.died:
            return
        with torch.enable_grad():
            picture = self.net(self.x)
            probability = self.classify(picture).float().softmax(1)[0, self.target]
            loss = probability + self.l1 * (self.x - picture).abs().mean()
            self._optimiser.zero_grad()
            loss.backward(inputs=list(self.net.parameters()))
        if not torch.isfinite(loss) or float(picture.detach().max()) == float(picture.detach().min()):
            self.died = True
            return
        if not self.losses or float(loss.detach()) < min(self.losses):
            self.best_picture, self.best_epoch = picture.detach(), len(self.losses)
            self.best_probability = float(probability.detach())
        self.losses.append(float(loss.detach()))
        self._optimiser.step()


def processed(
    difference: NDArray[np.float64], average_first: bool, power: int, wipe_border: bool, dilation: int
) -> NDArray[np.float64]:
    """Signed difference (3, S, S) -> map (S, S) >= 0.

    Mean of magnitudes over the channels, or the magnitude of the mean as the source has it (opposite changes of
    two colours then cancel); to a power; the outer tenth set to zero; each pixel the largest of the square of
    `dilation` pixels around it (0: as it is).
    """
    mean = np.abs(difference.mean(axis=0)) if average_first else np.abs(difference).mean(axis=0)
    values: NDArray[np.float64] = mean**power
    if wipe_border:
        height, width = values.shape
        kept = slice(int(0.1 * height), int(0.9 * height)), slice(int(0.1 * width), int(0.9 * width))
        inside, values = values[kept], np.zeros_like(values)
        values[kept] = inside
    if dilation > 1:
        # an even square has no middle pixel; this origin is scikit-image's choice
        values = ndimage.maximum_filter(values, size=dilation, mode="constant", origin=dilation % 2 - 1)
    return values


def centre_of_mass(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """(row, column) in pixels; None for a map of zeros."""
    if not values.sum() > 0:
        return None
    row, column = ndimage.center_of_mass(values)
    return float(row), float(column)
