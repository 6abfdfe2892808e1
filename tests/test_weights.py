"""Weight files: where they lie, what is wrong with them, and what a person is told."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from torch.hub import get_dir
from weight_files import CPU, empty_home, put

from xai_core import build, weights, zoo
from xai_core.errors import MissingWeights
from xai_core.weights import DAMAGED, STILL_WORKS, WheelFile, hub_folder, locate, present, verify
from xai_core.zoo import DEFAULT, MODELS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_home(tmp_path, monkeypatch)


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
