"""Weight files: where they lie, what is wrong with them, and what a person is told."""

from __future__ import annotations

import hashlib
import os
import pwd
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.hub import get_dir
from torchvision import models
from torchvision.models._api import WeightsEnum

from random_models import lively
from xai_core import build, weights, zoo
from xai_core.errors import MissingWeights
from xai_core.weights import DAMAGED, MEGABYTE, STILL_WORKS, HubFile, WheelFile, hub_folder, locate, present, verify
from xai_core.zoo import DEFAULT, MODELS, ModelSpec

CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for weights, in use."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    checkpoints = tmp_path / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    return checkpoints


def put(folder: Path, content: bytes, name: str = "") -> HubFile:
    """A file in its place, under the name that its bytes deserve unless told otherwise."""
    name = name or f"tiny-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    (folder / name).write_bytes(content)
    return HubFile(f"https://example.org/models/{name}", len(content) / MEGABYTE)


def offer(monkeypatch: pytest.MonkeyPatch, file: HubFile, key: str = "resnet50") -> ModelSpec:
    """Give a model of the table other weights."""
    line = replace(MODELS[key], weights=file)
    monkeypatch.setitem(zoo.MODELS, key, line)
    return line


@pytest.mark.parametrize(
    "environment",
    [
        {"TORCH_HOME": "/somewhere/models"},
        {"XDG_CACHE_HOME": "/somewhere/cache"},
        {"HOME": "/somewhere/home"},
        {"TORCH_HOME": "~/models", "XDG_CACHE_HOME": "/not/here", "HOME": "/somewhere/home"},
    ],
)
def test_weights_lie_where_torch_keeps_its_own(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert hub_folder() == Path(get_dir()) / "checkpoints"


def test_a_sound_file_is_located(folder: Path) -> None:
    file = put(folder, b"weights" * 1000)
    assert present(file)
    assert locate(file) == folder / file.name


def test_an_absent_file_is_named_with_its_place_its_address_and_what_still_works(folder: Path) -> None:
    file = MODELS["vgg19"].weights
    assert not present(file)
    with pytest.raises(MissingWeights) as raised:
        locate(file)
    words = str(raised.value)
    for part in ("vgg19-dcbb9e9d.pth", "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", "548 MB", STILL_WORKS):
        assert part in words
    assert str(folder / "vgg19-dcbb9e9d.pth") in words
    assert MODELS[DEFAULT].title in STILL_WORKS


def test_a_truncated_file_is_set_aside_and_never_used(folder: Path) -> None:
    file = put(folder, b"weights" * 10_000)
    (folder / file.name).write_bytes(b"weights" * 5_000)
    assert not present(file)
    with pytest.raises(MissingWeights, match=r"tiny-\w{8}\.pth is damaged \(0\.0 MB instead of 0\.1\).*not used"):
        locate(file)
    assert [left.name for left in folder.iterdir()] == [file.name + DAMAGED]
    with pytest.raises(MissingWeights, match="has not been downloaded yet"):
        locate(file)


def test_wrong_bytes_of_the_right_size_are_found_out(folder: Path) -> None:
    file = put(folder, b"weights" * 1000)
    (folder / file.name).write_bytes(b"sthgiew" * 1000)
    assert present(file)  # a glance at the size cannot tell
    with pytest.raises(MissingWeights, match="is damaged and was not used"):
        locate(file)
    assert not present(file)


def test_a_file_that_changes_after_it_was_verified_is_verified_again(folder: Path) -> None:
    file = put(folder, b"weights" * 1000)
    path = locate(file)
    path.write_bytes(b"sthgiew" * 1000)
    os.utime(path, ns=(0, 0))
    with pytest.raises(MissingWeights, match="is damaged"):
        locate(file)


def test_an_unchanged_file_is_hashed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = locate(put(folder, b"weights" * 1001))
    monkeypatch.setattr(weights.hashlib, "file_digest", None)
    assert verify(path, path.stem[-8:])


def test_a_damaged_file_in_a_read_only_folder_is_still_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(folder, b"weights" * 1000, "tiny-00000000.pth")

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(MissingWeights, match=r"Delete .*tiny-00000000\.pth"):
        locate(file)


def test_a_file_that_cannot_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(folder, b"weights" * 1002)

    def refuse(self: Path, *arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MissingWeights, match=r"tiny-\w{8}\.pth cannot be read: Permission denied"):
        locate(file)


def test_without_a_home_the_default_works_and_the_rest_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(number: int) -> None:
        raise KeyError(number)

    for name in ("HOME", "TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert not any(zoo.ready(line) for line in MODELS.values() if line.download)
    with pytest.raises(MissingWeights, match="TORCH_HOME"):
        build.load("vgg19", CPU)
    assert build.load(DEFAULT, CPU).labels[967] == "espresso"


def test_a_home_that_is_a_file_leaves_the_default_working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "file"))
    assert not zoo.ready(MODELS["vgg19"])
    with pytest.raises(MissingWeights, match="has not been downloaded yet"):
        build.load("vgg19", CPU)


def test_a_missing_package_says_how_to_install_it() -> None:
    file = WheelFile("no_such_weights_package", "models/none-00000000.pth")
    assert not present(file)
    with pytest.raises(MissingWeights, match=r"pip install .*no-such-weights-package"):
        locate(file)


def test_a_damaged_package_is_found_out_and_left_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "made_up_weights"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "model-12345678.pth").write_bytes(b"not what the name says")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(MissingWeights, match=r"is damaged and was not used.*pip install --force-reinstall"):
        locate(WheelFile("made_up_weights", "model-12345678.pth"))
    assert (package / "model-12345678.pth").exists()
    with pytest.raises(MissingWeights, match="is missing from"):
        locate(WheelFile("made_up_weights", "other-12345678.pth"))


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
