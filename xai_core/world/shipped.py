"""The demo world's own models, which lie in the project's assets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xai_core.errors import UnknownModel
from xai_core.own_model import OwnModel, read_card

if TYPE_CHECKING:
    import torch

    from xai_core.classifier import Classifier

PREFIX = "demo/"
SHIPPED = HONEST, CHEATER, SHUFFLED = "demo/honest", "demo/cheater", "demo/shuffled"
MODELS = Path(__file__).parents[2] / "assets" / "models"


def folder(name: str) -> Path:
    """Where a shipped model lies; UnknownModel for a name that is not in `SHIPPED`."""
    if name not in SHIPPED:
        raise UnknownModel(f"The demo world has no model of that name. It has {', '.join(SHIPPED)}.")
    return MODELS / name.removeprefix(PREFIX)


def card(name: str) -> OwnModel:
    """What a shipped model is, in `facts` also how it was trained and how good it is."""
    return read_card(folder(name))


def load(name: str, device: torch.device) -> Classifier:
    """The classifier of that name; MissingWeights when its files are damaged."""
    from xai_core import own_model

    return own_model.load(folder(name), name, device)
