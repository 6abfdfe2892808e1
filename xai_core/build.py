"""From a line of the table to a network with its real weights on a device."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import torch
from torch import Tensor, nn

from xai_core.classifier import Classifier, freeze
from xai_core.errors import MissingWeights
from xai_core.zoo import ModelSpec, spec


def load(key: str, device: torch.device) -> Classifier:
    """The classifier of that key, ready on `device`; MissingWeights says which file is absent or damaged."""
    line = spec(key)
    module = build(line)
    path = Path(str(files(line.weights.package).joinpath(line.weights.file)))
    adopt_in_order(module, torch.load(path, map_location="cpu", weights_only=True), path.name)
    return Classifier(key, freeze(module, device), imagenet_labels(), line.preprocess, line.cam_layer)


def build(line: ModelSpec) -> nn.Module:
    """The architecture with fresh weights."""
    import timm

    module: nn.Module = timm.create_model(line.builder, pretrained=False)
    return module


def adopt_in_order(module: nn.Module, state: dict[str, Tensor], file: str) -> None:
    """Load a state dict whose names differ but whose entries correspond one by one, in order.

    MissingWeights unless every shape agrees.
    """
    own = module.state_dict()
    if len(own) != len(state):
        raise MissingWeights(f"{file} holds {len(state)} tensors where the network has {len(own)}; it is another model's.")
    for (name, tensor), (theirs, value) in zip(own.items(), state.items(), strict=True):
        if tensor.shape != value.shape:
            raise MissingWeights(
                f"{file} does not fit: {theirs} has shape {tuple(value.shape)}, {name} needs {tuple(tensor.shape)}."
            )
    module.load_state_dict(dict(zip(own, state.values(), strict=True)), strict=True)


def imagenet_labels() -> tuple[str, ...]:
    """The 1,000 class names of ImageNet, in torchvision's wording."""
    from torchvision.models import EfficientNet_B0_Weights

    return tuple(EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"])
