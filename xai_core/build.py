"""From a model's name to a network with its real weights on a device."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from xai_core import architecture, own_model
from xai_core.architecture import Architecture, without_auxiliary
from xai_core.catalogue import DEMO, MINE
from xai_core.classifier import Classifier, freeze
from xai_core.errors import MissingWeights, UnknownModel
from xai_core.library import entries
from xai_core.weights import locate
from xai_core.world import shipped
from xai_core.zoo import ModelSpec, spec

IMAGENET_CLASSES = 1000


def load(name: str, device: torch.device) -> Classifier:
    """The classifier of that name, ready on `device`; MissingWeights says which file is absent or damaged.

    UnknownModel for one that has been removed from the library.
    """
    if name.startswith(DEMO):
        return own_model.load(shipped.folder(name), name, device)
    if name.startswith(MINE):
        folder = entries.folder_of("models", name.removeprefix(MINE))
        if not folder.is_dir():
            raise UnknownModel("That model is no longer in the library. Choose another one.")
        return own_model.load(folder, name, device)
    return _of_table(spec(name), device)


def _of_table(line: ModelSpec, device: torch.device) -> Classifier:
    path = locate(line.weights)
    state = read(path)
    with torch.device("meta"):  # fresh weights would only be thrown away: no time and no memory for them
        module = _architecture(line)
    if line.library == "timm":
        adopt_in_order(module, state, path.name)
    else:
        adopt_by_name(module, state, path.name)
    labels = imagenet_labels()
    frozen = freeze(without_auxiliary(module), device)
    classifier = Classifier(line.key, frozen, labels, line.preprocess, line.cam_layer, line.blocks)
    _try_out(classifier, path.name)
    return classifier


def build(line: ModelSpec) -> nn.Module:
    """The architecture with fresh weights."""
    return without_auxiliary(_architecture(line))


def read(path: Path) -> dict[str, Tensor]:
    """A file's tensors by name, on the CPU; MissingWeights where it holds anything else."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError, OSError) as error:
        raise MissingWeights(f"{path.name} cannot be read as weights. Delete {path} and try again.") from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise MissingWeights(f"{path.name} does not hold a table of weights; it is another kind of file.")
    return state


def adopt_in_order(module: nn.Module, state: dict[str, Tensor], file: str) -> None:
    """Load a state dict whose names differ but whose entries correspond one by one, in order.

    MissingWeights unless every shape agrees.
    """
    own = module.state_dict()
    if len(own) != len(state):
        raise MissingWeights(f"{file} is another model's: it holds {len(state)} tensors, the network has {len(own)}.")
    _adopt(module, {name: (theirs, value) for name, (theirs, value) in zip(own, state.items(), strict=True)}, file)


def adopt_by_name(module: nn.Module, state: dict[str, Tensor], file: str) -> None:
    """Load a state dict of the same names; MissingWeights unless names and shapes all agree."""
    own = module.state_dict()
    if odd := sorted(own.keys() ^ state.keys()):
        raise MissingWeights(f"{file} is another model's: {len(odd)} names differ, the first is {odd[0]}.")
    _adopt(module, {name: (name, state[name]) for name in own}, file)


def _adopt(module: nn.Module, pairs: dict[str, tuple[str, Tensor]], file: str) -> None:
    own = module.state_dict()
    for name, (theirs, value) in pairs.items():
        if own[name].shape != value.shape:
            raise MissingWeights(
                f"{file} does not fit: {theirs} has shape {tuple(value.shape)}, {name} needs {tuple(own[name].shape)}."
            )
        if own[name].dtype != value.dtype:
            raise MissingWeights(f"{file} does not fit: {theirs} holds {value.dtype}, {name} needs {own[name].dtype}.")
    empty = any(tensor.is_meta for tensor in own.values())
    module.load_state_dict({name: value for name, (_, value) in pairs.items()}, strict=True, assign=empty)


def _architecture(line: ModelSpec) -> nn.Module:
    return architecture.build(Architecture(line.library, line.builder), IMAGENET_CLASSES)


def _try_out(classifier: Classifier, file: str) -> None:
    with torch.inference_mode():
        logits = classifier.module(classifier.probe())
    if logits.shape != (1, len(classifier.labels)):
        raise MissingWeights(
            f"{file} does not fit: it answers {tuple(logits.shape)} where {len(classifier.labels)} classes are named."
        )
    if not logits.isfinite().all():
        raise MissingWeights(f"{file} is damaged: the network answers with values that are not numbers.")


def imagenet_labels() -> tuple[str, ...]:
    """The 1,000 class names of ImageNet, in torchvision's wording."""
    from torchvision.models import EfficientNet_B0_Weights

    return tuple(EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"])
