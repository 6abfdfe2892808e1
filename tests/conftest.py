"""What every test shares: a toy classifier that computes in milliseconds, the real default model, and a picture."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser
from skimage import data
from torch import nn

from browser import chromium_browser
from xai_core import build
from xai_core.classifier import Classifier, freeze
from xai_core.framing import Preprocess
from xai_core.hub import Hub
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture

# two test processes share the cores: threads that wait for each other would take ten times as long
THREADS = "1" if "PYTEST_XDIST_WORKER" in os.environ else "2"
os.environ.setdefault("OMP_NUM_THREADS", THREADS)  # for the servers and workers that tests start
torch.set_num_threads(int(THREADS))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that two processes end together."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(autouse=True, scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A library of their own for all tests and the servers that they start: nobody's models are touched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("library")))
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One for all files: what it has opened before it opens faster."""
    with chromium_browser() as launched:
        yield launched


def toy_network(seed: int = 0) -> nn.Sequential:
    """Two convolutions, ReLU and ReLU6, global pooling, a linear head: 32 px in, 5 classes out."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.ReLU6(inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 5),
    )


def make_toy(module: nn.Module | None = None, cam_layer: str = "4", name: str = "toy") -> Classifier:
    preprocess = Preprocess(36, 32, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    frozen = freeze(toy_network() if module is None else module, torch.device("cpu"))
    return Classifier(name, frozen, ("cat", "dog", "fox", "owl", "bee"), preprocess, cam_layer)


@pytest.fixture
def toy() -> Classifier:
    return make_toy()


@pytest.fixture
def hub(toy: Classifier) -> Hub:
    """A hub on the CPU that knows the toy under its name and loads the table's models."""
    made = Hub(build.load, torch.device("cpu"))
    made.adopt(toy)
    return made


@pytest.fixture(scope="session")
def lite0() -> Classifier:
    """The real default model with its ImageNet weights."""
    return build.load("lite0", torch.device("cpu"))


@pytest.fixture
def picture() -> Picture:
    """A small non-square picture with a bright disc left of the middle."""
    rows, columns = np.mgrid[0:48, 0:64]
    disc = ((rows - 24) ** 2 + (columns - 22) ** 2 < 100)[..., None]
    shade = np.stack([rows * 4, columns * 3, 90 + 0 * rows], axis=-1)
    return Picture.of(np.where(disc, 250, shade).astype(np.uint8), "disc.png")


@pytest.fixture(scope="session")
def coffee() -> Picture:
    return Picture.of(data.coffee(), "coffee")
