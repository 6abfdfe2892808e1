"""What is trained: a private copy of a network, cut into a part that stays and a part that learns."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import nn

from xai_core.architecture import SIMPLE_CNN, Architecture, create
from xai_core.classifier import Classifier, freeze
from xai_core.framing import Preprocess
from xai_core.hub import Hub
from xai_core.own_model import classifier_of
from xai_core.prepared import Forward, prepare, private_copy
from xai_core.simple_cnn import SIDE
from xai_core.training.recipe import Recipe
from xai_core.zoo import DEFAULT, spec

LAST_BLOCKS = 1  # of the seven that fine-tuning adjusts, besides the convolution behind them and the head
CNN_SCALE = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


@dataclass(frozen=True, eq=False)
class Network:
    """`whole` is the model to be; `tail` consists of its last modules, so training one trains the other."""

    architecture: Architecture
    whole: nn.Module
    tail: nn.Sequential
    head: nn.Linear  # the last module of the tail, or of what the tail holds
    trunk: Forward | None  # normalised pictures (B, 3, S, S) -> what the tail reads; None where it reads pictures
    preprocess: Preprocess
    cam_layer: str | None  # None: the last layer with a spatial output

    def finished(self, name: str, labels: tuple[str, ...]) -> Classifier:
        """The trained model, frozen."""
        device = next(self.whole.parameters()).device
        return classifier_of(freeze(self.whole, device), name, labels, self.preprocess, self.cam_layer)


def network(hub: Hub, recipe: Recipe, classes: int) -> Network:
    """A fresh network for that many classes; the hub's own is neither changed nor kept waiting."""
    if recipe.kind == "cnn":
        return _from_scratch(hub.device, recipe, classes)
    return _on_default(hub.classifier(DEFAULT), recipe, classes)


def _from_scratch(device: torch.device, recipe: Recipe, classes: int) -> Network:
    with torch.random.fork_rng([]):
        torch.manual_seed(recipe.seed)
        module = create(SIMPLE_CNN, classes).to(device).to(memory_format=torch.channels_last)
    head = module.get_submodule("classifier")
    assert isinstance(head, nn.Linear)
    mean, std = CNN_SCALE
    return Network(SIMPLE_CNN, module, nn.Sequential(module), head, None, Preprocess(SIDE, SIDE, mean, std), None)


def _on_default(base: Classifier, recipe: Recipe, classes: int) -> Network:
    """The default model with a head of its own: all of it stays as it is but the last blocks, or the head alone."""
    line = spec(DEFAULT)
    whole = copy.deepcopy(base.module)
    inside = whole.get_submodule("classifier").in_features
    assert isinstance(inside, int)
    head = nn.Linear(inside, classes).to(base.device)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    whole.classifier = head
    stages = _stages(whole)
    cut = len(stages) if recipe.kind == "head" else len(stages) - 3 - LAST_BLOCKS  # conv_head, bn2, global_pool
    trunk = nn.Sequential(*_stages(private_copy(base.module))[:cut])
    tail = nn.Sequential(*stages[cut:], head).requires_grad_(True)
    architecture, side = Architecture(line.library, line.builder), base.preprocess.crop
    return Network(architecture, whole, tail, head, prepare(trunk, (3, side, side)), base.preprocess, base.cam_layer)


def _stages(module: nn.Module) -> list[nn.Module]:
    """The default model's modules in the order of a pass, without its head."""
    blocks = module.get_submodule("blocks")
    return [
        *(module.get_submodule(name) for name in ("conv_stem", "bn1")),
        *blocks.children(),
        *(module.get_submodule(name) for name in ("conv_head", "bn2", "global_pool")),
    ]
