"""Concepts of a colour, counter-examples and pictures of classes, as the library keeps them; who looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from xai_core.datasets.dataset import Dataset, Shelf, save
from xai_core.hub import Hub
from xai_core.picture import Picture
from xai_core.tcav.request import Entry
from xai_core.tcav.settings import Settings

QUICK = Settings(runs=4, random_concepts=19, most=12, examples=20)


def drawn(colour: str, number: int) -> Picture:
    """Noise of some brightness; red or blue where it has that name."""
    random = np.random.default_rng((["any", "red", "blue", "shown"].index(colour), number))
    pixels = random.integers(0, 256, (36, 36, 3)) * random.uniform(0.3, 1.0, (1, 1, 3))
    if colour in ("red", "blue"):
        pixels *= np.eye(3)[["red", "green", "blue"].index(colour)]
    return Picture.of(pixels.astype(np.uint8), f"{colour} {number}")


def kept_set(title: str, pictures: Sequence[Picture], shelf: Shelf = "concepts") -> Dataset:
    return save(title, (title,), [(each, each.name, 0, "") for each in pictures], {}, shelf=shelf)


def entry(data: Dataset) -> Entry:
    return data.key, data.revision


@contextmanager
def passes_of(hub: Hub) -> Iterator[list[int]]:
    """How many pictures each pass of the toy had."""
    passes: list[int] = []
    handle = hub.classifier("toy").module.register_forward_pre_hook(lambda _, given: passes.append(len(given[0])))
    try:
        yield passes
    finally:
        handle.remove()
