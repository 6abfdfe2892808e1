"""An uploaded file once it was read: names and shapes as a value, the weights in a clean file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xai_core.errors import UnusableModel
from xai_core.own_model import OwnModel

Shape = tuple[int, ...]
RECIPE = 'torch.save(model.state_dict(), "weights.pt")'
WEIGHTS_ALONE = f"Save its weights alone with {RECIPE}, or as .safetensors, and drop that"
AGAIN = "Get or save the file once more and drop it again"


class Refusal(UnusableModel):
    """Why a file is refused, as the rest of a sentence that begins with its name, and what to do next."""

    def __init__(self, cause: str, advice: str = WEIGHTS_ALONE) -> None:
        super().__init__(f"{cause}. {advice}.")


@dataclass(frozen=True)
class Checkpoint:
    """What is known about an uploaded file without its values."""

    name: str  # as the file was called, fit to be shown
    path: Path  # of the clean weights: safetensors, float32, prefixes gone
    shapes: tuple[tuple[str, Shape], ...] = field(repr=False)  # of every tensor, in the file's order
    notes: tuple[str, ...]  # what was unwrapped, left out and converted, as sentences
    sha256: str  # of the file as it was uploaded
    bytes: int  # of the file as it was uploaded
    card: OwnModel | None = None  # of a model that we exported: nothing has to be asked

    @property
    def table(self) -> dict[str, Shape]:
        """The shapes by name."""
        return dict(self.shapes)


def shapes_of(table: Mapping[str, Any]) -> tuple[tuple[str, Shape], ...]:
    """Names and shapes of tensors, as a value."""
    return tuple((name, tuple(int(side) for side in value.shape)) for name, value in table.items())
