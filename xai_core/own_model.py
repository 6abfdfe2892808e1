"""A model as a folder: `model.json` says what it is, `weights.safetensors` holds its tensors.

Shipped, trained and imported models all have this form, so each can be taken elsewhere and brought back.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.architecture import LIBRARIES, Architecture
from xai_core.errors import MissingWeights
from xai_core.framing import Preprocess

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from xai_core.classifier import Classifier

CARD, WEIGHTS = "model.json", "weights.safetensors"
SCHEMA = 1
_OS_ERROR = re.compile(r"\(os error (\d+)\)")  # how safetensors, which is written in Rust, tells what the disk said


@dataclass(frozen=True)
class OwnModel:
    """Everything but the weights. `facts` are for people: where it comes from, how good it is."""

    title: str
    architecture: Architecture
    labels: tuple[str, ...] = field(repr=False)
    preprocess: Preprocess
    cam_layer: str  # "" where no layer has a spatial output
    sha256: str  # of the weights file
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False, repr=False)

    def as_json(self) -> dict[str, Any]:
        """The card's content; `of_json` undoes it."""
        return {"format": "second-look model", "schema": SCHEMA, **asdict(self), "facts": dict(self.facts)}


def of_json(card: Mapping[str, Any], name: str) -> OwnModel:
    """The card in checked form; MissingWeights, naming `name`, when it says anything else than a card must."""
    try:
        if card["schema"] != SCHEMA:
            raise ValueError(f"schema {card['schema']}")
        shape = card["preprocess"]
        library, network = card["architecture"]["library"], card["architecture"]["name"]
        if library not in LIBRARIES:
            raise ValueError(f"library {library}")
        return OwnModel(
            title=str(card["title"]),
            architecture=Architecture(library, str(network)),
            labels=tuple(str(label) for label in card["labels"]),
            preprocess=Preprocess(
                int(shape["resize"]),
                int(shape["crop"]),
                _three(shape["mean"]),
                _three(shape["std"]),
                "bicubic" if shape["interpolation"] == "bicubic" else "bilinear",
            ),
            cam_layer=str(card["cam_layer"]),
            sha256=str(card["sha256"]),
            facts=dict(card.get("facts", {})),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MissingWeights(
            f"{name} is no model card that we understand ({error}). Import the model again."
        ) from error


def _three(values: Any) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def read_card(folder: Path) -> OwnModel:
    """The card of a model's folder; MissingWeights when it is absent or damaged."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MissingWeights(f"The model {folder.name} has no readable {CARD}. Import the model again.") from error
    return of_json(card if isinstance(card, dict) else {}, folder.name)


def write(
    folder: Path,
    title: str,
    architecture: Architecture,
    classifier: Classifier,
    facts: Mapping[str, Any],
) -> OwnModel:
    """Write card and weights into an empty folder; whoever calls makes that atomic. OSError when the disk refuses."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    state = {
        name: tensor.detach().cpu().contiguous().clone() for name, tensor in classifier.module.state_dict().items()
    }
    try:
        save_file(state, folder / WEIGHTS, metadata={"format": "pt"})
    except SafetensorError as error:
        number = _OS_ERROR.search(str(error))
        raise OSError(int(number[1]) if number else errno.EIO, str(error)) from error
    card = OwnModel(
        title=title,
        architecture=architecture,
        labels=classifier.labels,
        preprocess=classifier.preprocess,
        cam_layer=classifier.cam_layer,
        sha256=digest(folder / WEIGHTS),
        facts=facts,
    )
    text = json.dumps(card.as_json(), ensure_ascii=False, indent=2)
    (folder / CARD).write_text(text, encoding="utf-8")
    return card


def load(folder: Path, name: str, device: torch.device) -> Classifier:
    """The classifier in that folder, called `name`; MissingWeights when its weights are damaged or do not fit."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from xai_core.architecture import create
    from xai_core.classifier import freeze

    card, path = read_card(folder), folder / WEIGHTS
    try:
        if digest(path) != card.sha256:
            raise MissingWeights(f"The weights of {card.title} have changed on disk. Import the model again.")
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise MissingWeights(f"The weights of {card.title} cannot be read. Import the model again.") from error
    with torch.random.fork_rng([]):  # fresh weights that are thrown away must not move anybody's random numbers
        module = create(card.architecture, len(card.labels))
    adopt(module, state, card.title)
    return classifier_of(freeze(module, device), name, card.labels, card.preprocess, card.cam_layer)


def adopt(module: nn.Module, state: dict[str, Tensor], title: str) -> None:
    """Put the tensors into the network; MissingWeights unless names and shapes all agree."""
    try:
        module.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise MissingWeights(f"The weights of {title} do not fit its architecture. Import the model again.") from error


def classifier_of(
    module: nn.Module, name: str, labels: tuple[str, ...], preprocess: Preprocess, cam_layer: str | None = None
) -> Classifier:
    """A classifier of a frozen network; without a `cam_layer`, Grad-CAM uses the last layer with a spatial output."""
    from xai_core.classifier import Classifier

    classifier = Classifier(name, module, labels, preprocess, cam_layer or "")
    if cam_layer is None:
        classifier.cam_layer = classifier.layers[-1].name if classifier.layers else ""
    return classifier


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
