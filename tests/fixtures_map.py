"""A map that the toy sees, for every file of tests that names this one among its `pytest_plugins`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from planted_maps import own_library, seen_by_the_toy, toy_hub, world

from xai_core.datasets.dataset import Dataset
from xai_core.embedding.picture_map import PictureMap
from xai_core.hub import Hub


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """Pictures in three colours, in a library of their own."""
    with own_library(tmp_path_factory):
        yield world()


@pytest.fixture(scope="module")
def shared() -> Hub:
    """A hub that knows the toy, one for a whole file."""
    return toy_hub()


@pytest.fixture(scope="module")
def shown(shared: Hub, data: Dataset) -> PictureMap:
    """The pictures as the toy sees them."""
    return seen_by_the_toy(shared, data)
