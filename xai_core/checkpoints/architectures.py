"""Which networks weights can be brought for, and how each wants its pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from xai_core.architecture import SIMPLE_CNN, Architecture
from xai_core.errors import UnknownModel
from xai_core.framing import Preprocess
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub

HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class Architectures:
    """The request: every network that can be chosen."""

    on_device: ClassVar[bool] = False  # only looks at lists

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> tuple[Architecture, ...]:
        return available()


@dataclass(frozen=True)
class OwnPreprocess:
    """The request: how a network wants its pictures."""

    on_device: ClassVar[bool] = False

    architecture: Architecture

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> Preprocess:
        return own_preprocess(self.architecture)


@cache
def available() -> tuple[Architecture, ...]:
    """Our own small network, torchvision's networks for classification, then timm's; each list by name."""
    import timm
    from torchvision import models

    theirs = [Architecture("torchvision", name) for name in models.list_models(module=models)]
    more = [Architecture("timm", name) for name in timm.list_models()]
    return (SIMPLE_CNN, *sorted(theirs), *sorted(more))


def own_preprocess(architecture: Architecture) -> Preprocess:
    """As its authors prepare pictures for its default weights; UnknownModel where there is no such network."""
    if architecture not in available():
        raise UnknownModel(f"There is no network called {architecture}. Choose one from the list.")
    if architecture.library == "torchvision":
        return _torchvision(architecture.name)
    if architecture.library == "timm":
        return _timm(architecture.name)
    from xai_core.simple_cnn import SIDE

    return Preprocess(SIDE, SIDE, HALF, HALF)


def _torchvision(name: str) -> Preprocess:
    from torchvision import models

    made: Any = models.get_model_weights(name).DEFAULT.transforms()
    return _preprocess(made.resize_size[0], made.crop_size[0], made.mean, made.std, made.interpolation.value)


def _timm(name: str) -> Preprocess:
    import timm
    from timm.data import resolve_data_config

    card = timm.get_pretrained_cfg(name)
    config = resolve_data_config({}, pretrained_cfg=card.to_dict() if card else {})
    side = min(config["input_size"][1:])
    resize = math.floor(side / config["crop_pct"])  # as timm's own transform for evaluation
    return _preprocess(resize, side, config["mean"], config["std"], config["interpolation"])


def _preprocess(resize: int, crop: int, mean: Any, std: Any, interpolation: str) -> Preprocess:
    red, green, blue = (float(value) for value in mean)
    wide_red, wide_green, wide_blue = (float(value) for value in std)
    kernel: Literal["bilinear", "bicubic"] = "bilinear" if interpolation == "bilinear" else "bicubic"
    return Preprocess(int(resize), int(crop), (red, green, blue), (wide_red, wide_green, wide_blue), kernel)
