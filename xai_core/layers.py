"""Which layers of a network still know where things are, and how coarse their grid is."""

from __future__ import annotations

from collections import Counter
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

    Channels that come last (B, h, w, C), as in ConvNeXt's blocks and Swin, are moved; tokens (B, N, C) of a vision
    transformer lose their class token and become a square grid.
    """
    if output.dim() == 4:
        # pictures are square here, so the two equal sides tell which dimension holds the channels
        first, second, last = output.shape[1:]
        grid = output.permute(0, 3, 1, 2) if first == second != last else output
        return grid if min(grid.shape[2:]) > 1 else None
    if output.dim() == 3:
        side = round((output.shape[1] - 1) ** 0.5)
        if side > 1 and side * side == output.shape[1] - 1:
            return output[:, 1:].transpose(1, 2).reshape(*output.shape[::2], side, side)
    return None


def spatial_layers(module: nn.Module, probe: Tensor) -> tuple[Layer, ...]:
    """Every layer whose output is a grid, in the order of computation, each tensor under its outermost name."""
    with torch.no_grad(), hooks.outputs_of(module) as seen:
        module(probe)
    found: dict[tuple[int, int], Layer] = {}
    for name, child, output, version in seen:
        # attention's softmax is square too, but its sides are tokens, not places
        if isinstance(child, nn.Softmax) or not isinstance(output, Tensor) or len(output) != len(probe):
            continue
        # an in-place layer returns the tensor it was given, changed: by its version a layer of its own
        state = (id(output), version)
        if state in found and not found[state].name.startswith(f"{name}."):
            continue  # a placeholder returned what it was given
        # a block returns the very tensor of its last child: its own, outer name is the one to show
        grid = as_grid(output)
        if grid is not None and (state in found or not isinstance(child, nn.Identity | nn.Dropout)):
            found[state] = Layer(name, grid.shape[2], grid.shape[3], grid.shape[1])
    called = Counter(call.name for call in seen)
    # a module called twice in one pass has no single output to explain
    return tuple(layer for layer in found.values() if called[layer.name] == 1)
