"""From a weight file to a network: what is checked before it is used, and that it is the one it says."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models._api import WeightsEnum
from weight_files import CPU, empty_home, offer, put

from random_models import lively
from xai_core import build
from xai_core.errors import MissingWeights
from xai_core.weights import HubFile, locate
from xai_core.zoo import DEFAULT, MODELS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_home(tmp_path, monkeypatch)


def saved(folder: Path, state: object) -> HubFile:
    torch.save(state, folder / "new.pth")
    content = (folder / "new.pth").read_bytes()
    (folder / "new.pth").unlink()
    return put(folder, content)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"fc.weight": torch.ones(2)}, "another model's"),
        ([1, 2, 3], "another kind of file"),
        ({"fc": "text"}, "another kind of file"),
        (nn.Linear(2, 2), "cannot be read as weights"),  # a whole pickled network is code, not weights
    ],
)
def test_a_file_of_something_else_is_refused(
    state: object, words: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, saved(folder, state))
    with pytest.raises(MissingWeights, match=words):
        build.load("resnet50", CPU)


def test_a_file_that_is_no_archive_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, put(folder, b"PK\x03\x04" + bytes(5000)))
    with pytest.raises(MissingWeights, match="cannot be read as weights"):
        build.load("resnet50", CPU)
    with zipfile.ZipFile(folder / "new.zip", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}.")
    offer(monkeypatch, put(folder, (folder / "new.zip").read_bytes()))
    with pytest.raises(MissingWeights, match=r"cannot be read as weights|another"):
        build.load("resnet50", CPU)


def test_shapes_types_and_values_are_checked_before_a_network_is_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = models.mobilenet_v3_large().state_dict()
    first = "features.0.0.weight"
    wrong = {
        r"has shape \(16, 3, 5, 5\)": state | {first: torch.zeros(16, 3, 5, 5)},
        "holds torch.float16": state | {first: state[first].half()},
        "not numbers": state | {first: torch.full_like(state[first], float("nan"))},
    }
    for words, broken in wrong.items():
        offer(monkeypatch, saved(folder, broken), "mobilenet_v3_large")
        with pytest.raises(MissingWeights, match=words):
            build.load("mobilenet_v3_large", CPU)


@pytest.mark.parametrize("key", ["inception_v3", "mobilenet_v3_large"])
def test_a_model_is_built_as_torchvision_builds_it_with_weights(
    key: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(3)
    whole = models.get_model(key, **({"init_weights": False} if key == "inception_v3" else {}))
    if key == "inception_v3":  # its second head wants pictures of full size, which takes long
        second, whole.AuxLogits, whole.aux_logits = whole.AuxLogits, None, False
    lively(whole, 96)
    if key == "inception_v3":
        whole.AuxLogits = second
    state = whole.state_dict()
    offer(monkeypatch, saved(folder, state), key)
    monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda self, **options: state)
    theirs = models.get_model(key, weights="IMAGENET1K_V1").eval()
    ours = build.load(key, CPU).module
    x = torch.randn(1, 3, 96, 96)
    with torch.no_grad():
        wanted, found, other = theirs(x), ours(x), theirs(x.flip(1))
        assert (found - wanted).abs().max() < 1e-4 * wanted.std()
        assert (other - wanted).abs().max() > 0.1 * wanted.std()  # or the line above would prove nothing
        if key == "inception_v3":
            assert (ours.aux_logits, ours.AuxLogits) == (False, None)
            ours.transform_input = False
            assert (ours(x) - wanted).abs().max() > 0.1 * wanted.std()


def test_the_default_holds_its_file_entry_by_entry(lite0: build.Classifier) -> None:
    file = torch.load(locate(MODELS[DEFAULT].weights), weights_only=True)
    own = lite0.module.state_dict()
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(own.values(), file.values(), strict=True))


def test_entries_in_another_order_are_refused() -> None:
    network = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    state = {f"x{i}": tensor for i, tensor in enumerate(reversed(network.state_dict().values()))}
    with pytest.raises(MissingWeights, match=r"x0 has shape \(2,\), 0.weight needs \(3, 2\)"):
        build.adopt_in_order(network, state, "file.pth")
    with pytest.raises(MissingWeights, match="1 tensors, the network has 4"):
        build.adopt_in_order(network, {"x": torch.ones(1)}, "file.pth")
