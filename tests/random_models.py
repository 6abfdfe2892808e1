"""The table's architectures with random weights that react to their input."""

from __future__ import annotations

import torch
from torch import nn

from xai_core import build
from xai_core.zoo import MODELS


def lively(module: nn.Module, side: int) -> nn.Module:
    """The same network with normalisation statistics of its own activations, and no layer of zeros.

    Fresh statistics let the signal of a deep network fade until every picture gets the same answer; torchvision's
    transformer begins with a last layer of zeros.
    """
    averaging = False
    for child in module.modules():
        if isinstance(child, nn.BatchNorm2d):
            child.momentum, averaging = None, True  # a plain average
        elif isinstance(child, nn.Linear) and not child.weight.any():
            nn.init.normal_(child.weight, std=0.05)
    if averaging:
        with torch.no_grad():
            module.train()(torch.randn(6, 3, side, side))
    return module.eval()


def random_network(key: str, seed: int = 0) -> nn.Module:
    """The architecture of that key as the project builds it, reacting to its input."""
    torch.manual_seed(seed)
    return lively(build.build(MODELS[key]), 96)
