"""Which layers of a network still know where things are, and how coarse their grid is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from xai_core import hooks


@dataclass(frozen=True)
class Layer:
    """One layer with a spatial output."""

    name: str  # dotted, as `get_submodule` takes it
    height: int
    width: int
    channels: int

    def __str__(self) -> str:
        return f"{self.name} ({self.height} × {self.width}, {self.channels} channels)"


def as_grid(output: Tensor) -> Tensor | None:
    """A layer's output as (B, C, h, w) with h, w > 1; None where it has no such shape.

    Tokens (B, N, C) of a vision transformer lose their class token and become a square grid.
    """
    if output.dim() == 4 and min(output.shape[2:]) > 1:
        return output
    if output.dim() == 3:
        side = round((output.shape[1] - 1) ** 0.5)
        if side > 1 and side * side == output.shape[1] - 1:
            return output[:, 1:].transpose(1, 2).unflatten(2, (side, side))
    return None


def spatial_layers(module: nn.Module, probe: Tensor) -> tuple[Layer, ...]:
    """Every layer whose output is a grid, in the order of computation, each tensor under its outermost name."""
    with torch.no_grad(), hooks.outputs_of(module) as seen:
        module(probe)
    found: dict[int, Layer] = {}
    called: dict[str, int] = {}
    for name, child, output in seen:
        if isinstance(child, nn.Identity | nn.Dropout):
            continue  # a placeholder would lend its name to the layer before it
        called[name] = called.get(name, 0) + 1
        grid = as_grid(output) if isinstance(output, Tensor) else None
        if grid is not None:
            # a block returns the very tensor of its last child: the later, outer name replaces the inner one
            found[id(output)] = Layer(name, grid.shape[2], grid.shape[3], grid.shape[1])
    # a module called twice in one pass has no single output to explain
    return tuple(layer for layer in found.values() if called[layer.name] == 1)
