"""Three classes that colour alone tells apart, and how they are learnt in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch

from xai_core.datasets.dataset import Dataset, Given
from xai_core.picture import Picture
from xai_core.training.recipe import Recipe, recipe
from xai_core.training.train import Train

CLASSES = ("warm", "cold", "leafy")
COLOURS = ((210, 90, 50), (60, 90, 210), (70, 170, 60))
PICTURES = 8  # of each class
QUICK: dict[str, Recipe] = {
    "head": recipe("head"),
    "fine-tune": replace(recipe("fine-tune"), epochs=2, views=2),
    "cnn": replace(recipe("cnn"), epochs=2),
}


def painted(count: int = PICTURES, seed: int = 0) -> Iterator[Given]:
    """Noisy pictures of one colour for each class, 48 × 64 pixels."""
    draws = np.random.default_rng(seed)
    for number in range(count):
        for label, colour in enumerate(COLOURS):
            pixels = np.clip(np.array(colour) + draws.integers(-60, 61, (48, 64, 3)), 0, 255).astype(np.uint8)
            yield Picture.of(pixels, f"{CLASSES[label]} {number}.png"), f"{CLASSES[label]} {number}.png", label, ""


def asked(data: Dataset, kind: str = "cnn", **changes: object) -> Train:
    return Train(data.key, data.revision, replace(QUICK[kind], **changes), f"My {kind}", "run-1")


@contextmanager
def one_core() -> Iterator[None]:
    """The same sums in the same order, and no waiting for a core that somebody else has."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
