"""What the tests of the map share: rows with planted clusters, pictures in three colours, and maps of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from conftest import make_toy
from xai_core import build
from xai_core.datasets.dataset import Dataset, Given, save
from xai_core.embedding.checks import distinct
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.quality import Quality
from xai_core.embedding.reduce import Projection, reduce
from xai_core.embedding.request import DrawMap, Source
from xai_core.embedding.settings import Settings
from xai_core.hub import Hub
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture

CLASSES = ("Cat", "dog", "fox")  # as the toy calls them, but for a capital
EACH = 16  # pictures of a class
COLOURS = ((200, 40, 40), (40, 200, 40), (40, 40, 200))


def planted(clusters: int = 4, each: int = 30, features: int = 40) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Well separated clouds (n, D), shuffled, and which cloud each row is from."""
    draws = np.random.default_rng(0)
    of = draws.permutation(np.repeat(np.arange(clusters), each))
    centres = 6 * draws.normal(size=(clusters, features))
    return (centres[of] + draws.normal(size=(len(of), features))).astype(np.float32), of


def prepared(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows as a layout takes them: each once, about their middle, by their principal components."""
    found = distinct(rows)
    return reduce(found.rows, found.centre, found.scale)[0]


def coloured(number: int) -> Picture:
    """Red, green and blue clouds in turn, no two the same."""
    draws = np.random.default_rng(number)
    grain = draws.integers(-35, 36, (40, 40, 3))
    pixels = np.clip(np.array(COLOURS[number % 3]) + grain, 0, 255).astype(np.uint8)
    return Picture.of(pixels, f"{number}.png")


def world(title: str = "colours", numbers: range | list[int] = range(3 * EACH)) -> Dataset:
    """In the library: item i shows picture `numbers[i]`, whose class is its colour."""

    def given() -> Iterator[Given]:
        for number in numbers:
            yield coloured(number), f"{number}.png", number % 3, ""

    return save(title, CLASSES, given(), {})


def two_sets() -> tuple[Dataset, Dataset]:
    """One with columns and parts of the data, one without either; their files have the same names."""
    one = save(
        "Field",
        CLASSES,
        [
            (coloured(n), f"{n}.png", n % 3, ("train", "test")[n % 2], (("Nikon", "phone")[n % 2], str(n)))
            for n in range(16)
        ],
        {},
        columns=("camera", "age"),
    )
    return one, save("Field", CLASSES, [(coloured(n), f"{n - 16}.png", n % 3, "") for n in range(16, 24)], {})


def source(data: Dataset, *items: int) -> Source:
    return Source(data.key, data.revision, items=items)


@contextmanager
def own_library(folders: pytest.TempPathFactory) -> Iterator[None]:
    """An empty one, so that no pass was made before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folders.mktemp("library")))
        yield


def toy_hub() -> Hub:
    hub = Hub(build.load, torch.device("cpu"))
    hub.adopt(make_toy())
    return hub


def seen_by_the_toy(hub: Hub, *data: Dataset) -> PictureMap:
    """The first map of these data sets, laid out by PCA."""
    found = hub.run(DrawMap("toy", tuple(map(source, data)), settings=Settings(layout="pca")))
    assert isinstance(found, PictureMap)
    return found


def made(points: Any, predicted: Any, truth: Any, neighbours: Any, **changes: Any) -> PictureMap:
    """A map that nobody drew, of pictures that are nowhere."""
    count = len(points)
    whole: dict[str, Any] = {
        "request": DrawMap("toy", (Source("nowhere", 1),)),
        "layer": "what 7 reads",
        "datasets": ("Pets",),
        "labels": ("cat", "dog", "fox"),
        "classes": (("cat", "dog", "fox"),),
        "points": np.asarray(points, np.float32),
        "sources": np.zeros(count, np.int32),
        "items": np.arange(count, dtype=np.int32),
        "predicted": np.asarray(predicted, np.int32),
        "confidence": np.full(count, 0.8, np.float32),
        "label": np.asarray(truth, np.int32),
        "truth": np.asarray(truth, np.int32),
        "twins": np.arange(count, dtype=np.int32),
        "neighbours": np.asarray(neighbours, np.int32),
        "quality": Quality(0.9, 0.9, 0.4, 0.002, 10, count, count),
        "projection": Projection(np.zeros(4), 1.0, np.eye(4, dtype=np.float32), np.array([0.5, 0.2, 0.1, 0.1])),
        "perplexity": 30.0,
        "iterations": 750,
        "complete": True,
        "notes": (),
        "weights": "0" * 64,
        "seconds": 1.0,
    }
    return PictureMap(**{**whole, **changes})
