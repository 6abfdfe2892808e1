"""Which network a set of weights belongs to: a library and its name for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from xai_core.errors import UnknownModel

if TYPE_CHECKING:
    from torch import nn

Library = Literal["torchvision", "timm", "second-look"]
LIBRARIES: tuple[Library, ...] = get_args(Library)


@dataclass(frozen=True, order=True)
class Architecture:
    """A network without its weights; "second-look" is our own `simple_cnn`."""

    library: Library
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.library})"


TURNED_AROUND = ("googlenet", "inception_v3")
SIMPLE_CNN = Architecture("second-look", "simple_cnn")


def create(architecture: Architecture, classes: int) -> nn.Module:
    """The network with fresh weights and `classes` logits, without heads that only training uses.

    UnknownModel when the library has no such network, or cannot build it for that many classes.
    """
    try:
        module = build(architecture, classes)
    except (RuntimeError, ValueError, TypeError, KeyError, AssertionError) as error:
        raise UnknownModel(
            f"{architecture} cannot be built for {classes} classes. Choose another architecture."
        ) from error
    return without_auxiliary(module)


def build(architecture: Architecture, classes: int) -> nn.Module:
    """The network with fresh weights, heads for training included, as its published files hold them."""
    if architecture.library == "timm":
        import timm

        network: nn.Module = timm.create_model(architecture.name, pretrained=False, num_classes=classes)
        return network
    if architecture.library == "torchvision":
        from torchvision import models

        # these two were published with the mean and spread of another library, and turn them around inside
        options = {"transform_input": True, "init_weights": True} if architecture.name in TURNED_AROUND else {}
        built: nn.Module = models.get_model(architecture.name, weights=None, num_classes=classes, **options)
        return built
    from xai_core.simple_cnn import SimpleCNN

    return SimpleCNN(classes)


def without_auxiliary(module: nn.Module) -> nn.Module:
    """GoogLeNet and InceptionV3 have further heads for training; their answers are in no prediction."""
    if not type(module).__module__.startswith("torchvision."):
        return module  # without waiting until torchvision is imported, which takes seconds
    from torchvision.models import GoogLeNet, Inception3

    if isinstance(module, Inception3):
        module.aux_logits, module.AuxLogits = False, None
    elif isinstance(module, GoogLeNet):
        module.aux_logits, module.aux1, module.aux2 = False, None, None
    return module
