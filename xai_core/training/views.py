"""Versions of a picture to learn from: mirrored, shifted, cropped and slightly recoloured, the same for a seed."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SMALLEST = 0.8  # of the side: the closest crop
SHIFT = 0.1  # of the side, either way
LIGHT = 0.2  # brightness and contrast change by up to this share
TINT = 0.05  # and each colour by up to this much of full scale


def draws(count: int, seed: int, round_: int) -> Tensor:
    """(count, 9) numbers in [-1, 1): what `altered` does to each picture; others in every round."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + round_)
    return 2 * torch.rand(count, 9, generator=generator) - 1


def altered(x: Tensor, how: Tensor) -> Tensor:
    """RGB in [0, 1], (B, 3, S, S), each changed by its row of `how` (B, 9) -> the same shape and range."""
    how = how.to(x.device)
    scale = 1 - (1 - SMALLEST) * how[:, 0].abs()
    mirror = torch.where(how[:, 1] < 0, -1.0, 1.0)
    still = torch.zeros_like(scale)
    across = torch.stack([scale * mirror, still, 2 * SHIFT * how[:, 2]], dim=1)
    down = torch.stack([still, scale, 2 * SHIFT * how[:, 3]], dim=1)
    grid = F.affine_grid(torch.stack([across, down], dim=1), list(x.shape), align_corners=False)
    moved = F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    middle = moved.mean(dim=(1, 2, 3), keepdim=True)
    contrast, light = (1 + LIGHT * how[:, i].view(-1, 1, 1, 1) for i in (4, 5))
    tint = TINT * how[:, 6:9].view(-1, 3, 1, 1)
    return (((moved - middle) * contrast + middle) * light + tint).clamp(0, 1)
