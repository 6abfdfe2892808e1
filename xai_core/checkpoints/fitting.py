"""Weights into a network: every name and every size must agree, and what it answers must be numbers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.architecture import TURNED_AROUND, Architecture
from xai_core.checkpoints.architectures import own_preprocess
from xai_core.checkpoints.checkpoint import Checkpoint, Shape
from xai_core.checkpoints.labels import check_labels
from xai_core.checkpoints.signatures import MARKER, outline
from xai_core.checkpoints.suggest import classes_of, suggest
from xai_core.errors import UnusableModel
from xai_core.framing import Preprocess
from xai_core.names import safe_label

if TYPE_CHECKING:
    from torch import Tensor, nn

    from xai_core.classifier import Classifier

AUXILIARY = ("AuxLogits.", "aux1.", "aux2.")
SHOWN = 5
SIDES = (16, 1024)  # pixels of the square


@dataclass(frozen=True)
class Fitted:
    """A classifier with the file's weights, on the CPU, and what had to be said about it."""

    classifier: Classifier
    notes: tuple[str, ...]


def fit(checkpoint: Checkpoint, architecture: Architecture, labels: tuple[str, ...], preprocess: Preprocess) -> Fitted:
    """The frozen network with exactly the file's weights; UnusableModel when anything does not agree.

    Two pictures, a grey one and noise, are tried: one finite logit for each of `labels` must come out.
    """
    import torch

    from xai_core.architecture import create
    from xai_core.classifier import freeze
    from xai_core.own_model import classifier_of

    check_labels(labels)
    check_preprocess(preprocess)
    state, notes = _state(checkpoint, architecture)
    _check_count(checkpoint, architecture, len(labels))
    _check_shapes(checkpoint, architecture, len(labels), set(state))
    # fresh weights that are thrown away must not move anybody's random numbers
    with torch.random.fork_rng([]), warnings.catch_warnings(action="ignore"):
        module = create(architecture, len(labels))
    _adopt(module, state, checkpoint.name)
    frozen = freeze(module, torch.device("cpu"))
    said = _tried(frozen, labels, preprocess, checkpoint.name, architecture)
    return Fitted(classifier_of(frozen, checkpoint.name, labels, preprocess), (*notes, *said))


def check_preprocess(preprocess: Preprocess) -> None:
    """UnusableModel for sizes or numbers that no picture can be prepared with."""
    low, high = SIDES
    if not (low <= preprocess.crop <= high and preprocess.crop <= preprocess.resize <= 2 * high):
        raise UnusableModel(
            f"Pictures cannot be resized to {preprocess.resize} and cut to {preprocess.crop} pixels. Choose a cut from "
            f"{low} to {high}, and a size from the cut to {2 * high}."
        )
    if not all(0.001 <= spread <= 1000 for spread in preprocess.std):
        raise UnusableModel(f"The spread {preprocess.std} cannot be divided by. Give three numbers from 0.001 to 1000.")
    if not all(abs(mean) <= 1000 for mean in preprocess.mean):
        raise UnusableModel(f"The mean {preprocess.mean} is too large for pictures from 0 to 1. Give smaller numbers.")


def _state(checkpoint: Checkpoint, architecture: Architecture) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(checkpoint.path)
    except (OSError, SafetensorError) as error:
        raise UnusableModel(f"{checkpoint.name} is no longer on the server. Drop it again.") from error
    training = [name for name in state if architecture.name in TURNED_AROUND and name.startswith(AUXILIARY)]
    for name in training:
        del state[name]
    note = f"Left out: {len(training)} tensors of heads that only training uses."
    return state, (note,) if training else ()


def _check_count(checkpoint: Checkpoint, architecture: Architecture, named: int) -> None:
    answered = classes_of(checkpoint, architecture)
    if answered and answered != named:
        raise UnusableModel(
            f"{checkpoint.name} answers {answered:,} classes, and you named {named:,}. "
            f"Give {answered:,} names, in the order of the training."
        )


def _check_shapes(checkpoint: Checkpoint, architecture: Architecture, classes: int, used: set[str]) -> None:
    """UnusableModel unless names and shapes all agree; told before a network is built that may be far too large."""
    own = {name: tuple(classes if side == MARKER else side for side in shape) for name, shape in outline(architecture)}
    theirs = {name: shape for name, shape in checkpoint.shapes if name in used}
    # batch normalisation's counter is used by training alone, and older files do not have it
    missing = [name for name in own if name not in theirs and not name.endswith("num_batches_tracked")]
    further = [name for name in theirs if name not in own]
    other = [name for name in own if name in theirs and own[name] != theirs[name]]
    if missing or further or other:
        raise UnusableModel(
            _differences(checkpoint, architecture, missing, further, {n: (theirs[n], own[n]) for n in other})
        )


def _adopt(module: nn.Module, state: dict[str, Tensor], file: str) -> None:
    current = module.state_dict()
    whole = [n for n, value in state.items() if value.is_floating_point() != current[n].is_floating_point()]
    if whole:
        raise UnusableModel(
            f"{file} holds {safe_label(whole[0])} as whole numbers where weights belong, or the other way "
            "round. Save the trained weights as float32 and drop that file."
        )
    module.load_state_dict(state, strict=True)


def _differences(
    checkpoint: Checkpoint,
    architecture: Architecture,
    missing: list[str],
    further: list[str],
    other: dict[str, tuple[Shape, Shape]],
) -> str:
    """At most 15 lines: counts, the first five of each kind, and what would fit."""
    sizes = [
        f"{safe_label(name)} ({_words(file)} in the file, {_words(own)} in the network)"
        for name, (file, own) in other.items()
    ]
    lines = [
        f"{checkpoint.name} does not fit {architecture}: {len(missing):,} of its tensors are missing in the file, "
        f"{len(further):,} in the file are none of its own, {len(other):,} have another size."
    ]
    for words, names in (
        ("Missing", list(map(safe_label, missing))),
        ("Only in the file", list(map(safe_label, further))),
        ("Another size", sizes),
    ):
        if names:
            lines.append(f"{words}: {', '.join(names[:SHOWN])}{', …' if len(names) > SHOWN else '.'}")
    better = [str(one) for one in suggest(checkpoint) if one != architecture][:3]
    lines.append(f"Its names and sizes are most like {', '.join(better)}." if better else "We know no network like it.")
    lines.append("Choose the architecture that it was trained with.")
    return "\n".join(lines)


def _words(shape: Shape) -> str:
    return " × ".join(map(str, shape)) or "a single number"


def _tried(
    module: nn.Module, labels: tuple[str, ...], preprocess: Preprocess, name: str, architecture: Architecture
) -> tuple[str, ...]:
    """Notes on two answers; UnusableModel unless they are finite and one for each label."""
    import numpy as np
    import torch

    from xai_core.own_model import classifier_of

    side = preprocess.crop
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    coder = classifier_of(module, name, labels, preprocess, "")
    pictures = torch.cat([coder.encode(np.full((side, side, 3), 128, np.uint8)), coder.encode(noise)])
    try:
        with torch.inference_mode():
            logits = module(pictures)
    except (RuntimeError, ValueError, AssertionError, IndexError) as error:
        raise UnusableModel(
            f"{architecture} cannot look at pictures of {side} × {side} pixels. "
            f"Its own are {own_preprocess(architecture).crop} pixels wide; choose the size that it was trained with."
        ) from error
    if not isinstance(logits, torch.Tensor) or logits.shape != (2, len(labels)):
        raise UnusableModel(f"{architecture} does not answer one number for each class. Choose another architecture.")
    if not logits.isfinite().all():
        raise UnusableModel(
            f"{name} answers with values that are no numbers (NaN or infinite) as soon as it sees a picture. "
            "Its weights are too large or damaged: take an earlier checkpoint of the same training."
        )
    if torch.equal(logits[0], logits[1]):
        return (
            "It gives exactly the same answer to a grey picture and to noise: it may not look at the picture at all.",
        )
    return ()
