"""From an uploaded file to a model in the library, by the process of its own that reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision import models

from checkpoint_files import CANARY, Evil, legacy, saved, zipped
from xai_core import own_model
from xai_core.architecture import SIMPLE_CNN, Architecture, create
from xai_core.checkpoints import outside
from xai_core.checkpoints.importing import ImportModel, InspectCheckpoint, Wanted
from xai_core.errors import LibraryError, UnusableModel
from xai_core.framing import Preprocess
from xai_core.library import entries, incoming
from xai_core.own_model import CARD, WEIGHTS
from xai_core.progress import Cancelled, silent

LABELS = ("cat", "dog", "cow")
SMALL = Preprocess(72, 64, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
RESNET = Architecture("torchvision", "resnet18")


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECOND_LOOK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def resnet() -> nn.Module:
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        network = models.resnet18(num_classes=len(LABELS))
        with torch.no_grad():
            network.train()(torch.rand(4, 3, 64, 64))
    return network.eval()


def small_state() -> dict[str, torch.Tensor]:
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return dict(create(SIMPLE_CNN, len(LABELS)).state_dict())


def resident() -> int:
    """Bytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def left_behind(upload: str) -> list[str]:
    """What lies beside the uploaded file, or has kept a process busy."""
    ((_, path),) = incoming.staged(upload)
    return [each.name for each in path.parent.iterdir() if each.name not in (path.name, incoming.INDEX)]


def test_a_state_dict_of_another_program_becomes_a_model_with_the_same_answers(library: Path) -> None:
    network = resnet()
    upload = incoming.stage(
        [("../Family <b>.pth", saved({"model": nn.DataParallel(network).state_dict(), "epoch": 9}))]
    )
    said: list[str] = []
    inspected = InspectCheckpoint(upload).answer(None, lambda fraction, note="": said.append(note))
    assert inspected.suggestions[0] == RESNET
    assert inspected.classes == len(LABELS)
    assert inspected.checkpoint.name == "Family <b>.pth"
    assert said[-1] == "looking for networks that it fits"

    imported = ImportModel(upload, "Families", Wanted(RESNET, LABELS, SMALL)).answer()
    assert imported.name == "mine/Families"
    assert any("module." in note for note in imported.notes)
    assert ("layer4", "layer4 (2 × 2, 512 channels)") in imported.layers
    with pytest.raises(LibraryError):
        incoming.staged(upload)

    folder = entries.folder_of("models", "Families")
    loaded = own_model.load(folder, imported.name, torch.device("cpu"))
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(loaded.module(pictures), network(pictures), rtol=1e-4, atol=1e-5)
    assert (loaded.labels, loaded.preprocess, loaded.cam_layer) == (LABELS, SMALL, "layer4")
    file = own_model.read_card(folder).facts["file"]
    assert file["sha256"] == inspected.checkpoint.sha256
    assert file["name"] == "Family <b>.pth"


def test_a_refused_fit_keeps_the_upload_for_another_try_and_reads_it_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = incoming.stage([("small.pt", saved(small_state()))])
    with pytest.raises(UnusableModel, match="answers 3 classes, and you named 2"):
        ImportModel(upload, "", Wanted(SIMPLE_CNN, LABELS[:2], SMALL)).answer()
    assert not entries.listing("models").entries
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(UnusableModel, match=r"^small\.pt does not say what network it is"):
        ImportModel(upload, "Small").answer()
    imported = ImportModel(upload, " ", Wanted(SIMPLE_CNN, LABELS, SMALL)).answer()
    assert imported.title == "small"


def test_our_own_export_comes_back_without_a_question(tmp_path: Path) -> None:
    module = create(SIMPLE_CNN, len(LABELS)).eval()
    first = own_model.classifier_of(module, "first", LABELS, SMALL, "block3")
    before = own_model.write(tmp_path, "Small", SIMPLE_CNN, first, {"accuracy": 0.9})
    files = {"model__json": (tmp_path / CARD).read_bytes(), "weights__safetensors": (tmp_path / WEIGHTS).read_bytes()}
    upload = incoming.stage([("Small.zip", zipped(**files))])
    inspected = InspectCheckpoint(upload).answer()
    assert inspected.checkpoint.card == before
    assert (inspected.suggestions, inspected.classes) == ((SIMPLE_CNN,), len(LABELS))
    again = ImportModel(upload, "").answer()
    after = own_model.read_card(entries.folder_of("models", again.name.removeprefix("mine/")))
    assert after.sha256 == before.sha256
    assert (after.labels, after.preprocess, after.cam_layer) == (LABELS, SMALL, "block3")
    assert after.facts["accuracy"] == 0.9


def test_a_hostile_file_is_refused_in_the_words_of_its_kind_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    upload = incoming.stage([("evil.pt", saved(Evil()))])
    with pytest.raises(UnusableModel, match=r"^evil\.pt contains code \((posix|nt)\.system\)"):
        InspectCheckpoint(upload).answer()
    assert not list(tmp_path.rglob(CANARY))
    assert not Path(outside.ROOT, CANARY).exists()
    assert left_behind(upload) == []
    assert not entries.listing("models").entries


def test_several_files_are_not_one_model() -> None:
    upload = incoming.stage([("a.pt", b"1"), ("b.pt", b"2")])
    with pytest.raises(UnusableModel, match="A model is one file, and these are 2"):
        InspectCheckpoint(upload).answer()


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[str]]]:
    """Every process that is started."""
    started: list[subprocess.Popen[str]] = []
    real = subprocess.Popen

    def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
        started.append(real(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    yield started
    assert all(child.poll() is not None for child in started), "no process outlives its request"


def test_a_stopped_reading_ends_its_process_and_stores_nothing(children: list[subprocess.Popen[str]]) -> None:
    upload = incoming.stage([("small.pt", saved(small_state()))])

    def stop(fraction: float, note: str = "") -> None:
        if children:
            raise Cancelled

    with pytest.raises(Cancelled):
        InspectCheckpoint(upload).answer(None, stop)
    assert [child.returncode for child in children] == [-signal.SIGKILL], "it was not waited for"
    assert left_behind(upload) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, "the process that read it ended early (signal 9). Nothing was stored"),
        (signal.SIGXCPU, "took longer to read than we allow"),
        (signal.SIGXFSZ, "unfolds to more than we store"),
    ],
)
def test_a_process_that_is_killed_is_a_sentence(
    number: signal.Signals, words: str, children: list[subprocess.Popen[str]]
) -> None:
    upload = incoming.stage([("small.pt", saved(small_state()))])

    def kill(fraction: float, note: str = "") -> None:
        os.kill(children[0].pid, number)

    with pytest.raises(UnusableModel) as caught:
        InspectCheckpoint(upload).answer(None, kill)
    assert str(caught.value).startswith("small.pt ")
    assert words in str(caught.value)
    assert left_behind(upload) == []


def test_a_file_that_asks_for_far_more_memory_than_it_has_bytes_is_refused_there() -> None:
    upload = incoming.stage([("bomb.pt", bomb())])
    before = resident()
    with pytest.raises(UnusableModel, match=r"^bomb\.pt needs more memory than a file of its size should"):
        InspectCheckpoint(upload).answer()
    assert resident() - before < 50 * 2**20


def test_two_may_read_the_same_upload_at_once() -> None:
    upload = incoming.stage([("small.pt", saved(small_state()))])
    ((_, path),) = incoming.staged(upload)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(outside.read(path, "small.pt", silent))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]


def bomb() -> bytes:
    """An older file of a few bytes whose pickle claims a storage of 10^9 numbers: only reading it tells."""
    data = legacy({"weight": torch.ones(7)})
    at = data.index(b"K\x07", data.index(b"cpu"))  # BININT1 7: the number of values, behind the storage's device
    return data[:at] + b"\x8a\x05" + (10**9).to_bytes(5, "little") + data[at + 2 :]
