"""Models as folders: written, read back, and refused when their files are not what they were."""

from __future__ import annotations

import errno
import json
import resource
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from xai_core import own_model
from xai_core.architecture import SIMPLE_CNN, Architecture, create
from xai_core.classifier import Classifier, freeze
from xai_core.errors import MissingWeights, UnknownModel
from xai_core.framing import Preprocess
from xai_core.simple_cnn import SIDE, SimpleCNN

CPU = torch.device("cpu")
LABELS = ("fire", "leaf", "water")
SQUARE = Preprocess(SIDE, SIDE, (0.5,) * 3, (0.5,) * 3)


@pytest.fixture
def small() -> Classifier:
    torch.manual_seed(3)
    module = SimpleCNN(len(LABELS), width=8)
    module(torch.randn(4, 3, SIDE, SIDE))  # running statistics of their own
    return own_model.classifier_of(freeze(module, CPU), "small", LABELS, SQUARE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Classifier) -> Path:
    monkeypatch.setattr("xai_core.simple_cnn.SimpleCNN.__init__.__defaults__", (8,))
    own_model.write(tmp_path, "Small one", SIMPLE_CNN, small, {"note": "drawn"})
    return tmp_path


def test_a_model_comes_back_as_it_was(folder: Path, small: Classifier):
    back = own_model.load(folder, "mine/small", CPU)

    x = torch.randn(2, 3, SIDE, SIDE)
    with torch.no_grad():
        assert torch.equal(back.module(x), small.module(x))
    assert (back.name, back.labels, back.preprocess) == ("mine/small", LABELS, SQUARE)
    assert back.cam_layer == small.cam_layer == "block4"
    assert own_model.read_card(folder).facts == {"note": "drawn"}


def test_loading_leaves_the_random_numbers_alone(folder: Path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    own_model.load(folder, "mine/small", CPU)

    assert torch.equal(torch.rand(3), expected)


def test_a_disk_without_room_for_the_weights_is_told_as_such(tmp_path: Path, small: Classifier) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))  # the system cuts every longer file off
    try:
        with pytest.raises(OSError, match="os error") as found:
            own_model.write(tmp_path, "Small", SIMPLE_CNN, small, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert found.value.errno == errno.EFBIG


def test_weights_that_changed_on_disk_are_refused(folder: Path):
    path = folder / own_model.WEIGHTS
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")

    with pytest.raises(MissingWeights, match="Small one have changed on disk"):
        own_model.load(folder, "mine/small", CPU)


def test_weights_of_another_network_are_refused(folder: Path):
    state = load_file(folder / own_model.WEIGHTS)
    state.pop("classifier.bias")
    save_file(state, folder / own_model.WEIGHTS)
    card = json.loads((folder / own_model.CARD).read_text())
    card["sha256"] = own_model.digest(folder / own_model.WEIGHTS)
    (folder / own_model.CARD).write_text(json.dumps(card))

    with pytest.raises(MissingWeights, match="do not fit its architecture"):
        own_model.load(folder, "mine/small", CPU)


def test_a_model_without_its_weights_says_so(folder: Path):
    (folder / own_model.WEIGHTS).unlink()

    with pytest.raises(MissingWeights, match="weights of Small one cannot be read"):
        own_model.load(folder, "mine/small", CPU)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 99},
        {"architecture": {"library": "pickle", "name": "evil"}},
        {"labels": None},
        {"preprocess": {"resize": 8}},
        {"preprocess": {"resize": 8, "crop": 8, "mean": [0], "std": [1, 1, 1], "interpolation": "bilinear"}},
    ],
)
def test_a_card_that_says_something_else_is_refused_by_name(folder: Path, change: dict[str, object]):
    card = {**json.loads((folder / own_model.CARD).read_text()), **change}
    (folder / own_model.CARD).write_text(json.dumps(card))

    with pytest.raises(MissingWeights, match="no model card that we understand"):
        own_model.read_card(folder)


@pytest.mark.parametrize("text", ["", "[1, 2", "[]", "7"])
def test_a_damaged_card_is_refused(folder: Path, text: str):
    (folder / own_model.CARD).write_text(text)

    with pytest.raises(MissingWeights):
        own_model.read_card(folder)


def test_the_simple_network_ends_in_an_average_and_one_linear_layer(small: Classifier):
    x = torch.randn(2, 3, SIDE, SIDE)
    maps: list[torch.Tensor] = []
    small.module.get_submodule("block4").register_forward_hook(lambda _module, _given, out: maps.append(out))
    head = small.module.get_submodule("classifier")
    assert isinstance(head, nn.Linear)

    with torch.no_grad():
        logits = small.module(x)

    assert maps[0].shape == (2, 32, SIDE // 8, SIDE // 8)
    assert torch.allclose(logits, head(maps[0].mean((2, 3))), atol=1e-6)


@pytest.mark.parametrize(
    "architecture",
    [
        Architecture("torchvision", "googlenet"),
        Architecture("torchvision", "resnet18"),
        Architecture("timm", "resnet10t"),
    ],
    ids=str,
)
def test_an_architecture_answers_as_many_classes_as_asked(architecture: Architecture):
    module = create(architecture, 7).eval()

    with torch.no_grad():
        assert module(torch.zeros(1, 3, 96, 96)).shape == (1, 7)
    assert not any(name.startswith(("aux", "AuxLogits")) for name in module.state_dict())


@pytest.mark.parametrize("library", ["torchvision", "timm"])
def test_an_architecture_that_nobody_knows_is_named(library: str):
    with pytest.raises(UnknownModel, match="no_such_net"):
        create(Architecture(library, "no_such_net"), 3)  # type: ignore[arg-type]
