"""A training while it runs: watched, finished early, stopped, refused, and the same for the same seed."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from training_data import CLASSES, asked, one_core, painted

from xai_core import build
from xai_core.classifier import Classifier
from xai_core.datasets.dataset import Dataset, save
from xai_core.errors import LibraryError, UnusableData
from xai_core.hub import Hub
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.progress import Cancelled
from xai_core.run_folder import STALE, sweep
from xai_core.training.curves import LOG, Epoch, finish, journal, log_of
from xai_core.training.train import Trained


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    with one_core():
        yield


@pytest.fixture
def fresh_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty library for this test alone."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def data(fresh_library: Path) -> Dataset:
    return save("Colours", CLASSES, painted(), {})


@pytest.fixture
def trainer(fresh_library: Path, lite0: Classifier) -> Hub:
    made = Hub(build.load, torch.device("cpu"))
    made.adopt(lite0)
    return made


def left_behind(folder: Path) -> list[str]:
    """Whatever lies in the library besides data sets, locks and the library's own empty rooms."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock")]
    return [str(path) for path in files if "datasets" not in path.parts]


def test_the_same_seed_gives_the_same_network_and_another_one_does_not(data: Dataset, trainer: Hub) -> None:
    names = []
    for run, seed in enumerate((0, 0, 1)):
        torch.manual_seed(run)  # whatever numbers others have drawn before
        names.append(trainer.run(replace(asked(data, seed=seed), run=f"run-{run}")).name)
    first, second, other = (trainer.classifier(name).fingerprint for name in names)
    assert first == second != other


def test_training_moves_nobody_elses_random_numbers(data: Dataset, trainer: Hub) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trainer.run(asked(data))
    assert torch.equal(torch.rand(3), expected)


def test_the_curves_can_be_read_while_it_runs_and_go_when_it_ends(data: Dataset, trainer: Hub) -> None:
    seen: list[int] = []

    def watch(fraction: float, note: str = "") -> None:
        seen.append(len(log_of("run-1")))

    result: Trained = trainer.run(asked(data, epochs=3), watch)
    assert sorted(set(seen)) == [0, 1, 2, 3]
    assert len(result.curves) == 3
    assert log_of("run-1") == ()


def test_a_line_that_is_half_written_is_not_read_yet(fresh_library: Path) -> None:
    with journal("run-1") as notes:
        notes.write(Epoch(1, 1.0, 1.1, 0.5, 2.0))
        with (notes.folder / "epochs.jsonl").open("a") as file:
            file.write('{"number": 2, "lo')
        assert log_of("run-1") == (Epoch(1, 1.0, 1.1, 0.5, 2.0),)


def test_the_notes_say_how_far_it_is_and_never_go_back(data: Dataset, trainer: Hub) -> None:
    said: list[tuple[float, str]] = []
    trainer.run(asked(data, epochs=3), lambda fraction, note: said.append((fraction, note)))
    fractions = [fraction for fraction, _ in said]
    assert fractions == sorted(fractions)
    assert max(fractions) <= 1
    notes = [note for _, note in said]
    assert any(note.startswith("looking at pictures, 16 of 24") for note in notes)
    assert any(note.startswith("epoch 3 of 3 at most, ") and "% on held-out pictures" in note for note in notes)


def test_finishing_early_keeps_the_best_so_far(data: Dataset, trainer: Hub) -> None:
    def person(fraction: float, note: str = "") -> None:
        if len(log_of("run-1")) == 2:
            finish("run-1")

    result: Trained = trainer.run(asked(data, epochs=50), person)
    assert result.epochs == 2
    losses = [epoch.validation_loss for epoch in result.curves]
    assert result.best == 1 + losses.index(min(losses))
    assert trainer.classifier(result.name).labels == CLASSES


def test_finishing_what_does_not_run_does_nothing(fresh_library: Path) -> None:
    finish("nobody")
    assert left_behind(fresh_library) == []


@pytest.mark.parametrize("moment", ["splitting", "loading", "looking at pictures, 16", "epoch 1", "epoch 2", "saving"])
def test_cancelling_leaves_nothing_behind(moment: str, data: Dataset, trainer: Hub, fresh_library: Path) -> None:
    def person(fraction: float, note: str = "") -> None:
        if note.startswith(moment):
            raise Cancelled

    with pytest.raises(Cancelled):
        trainer.run(asked(data), person)
    assert left_behind(fresh_library) == []
    assert entries.listing("models").entries == ()


def test_what_a_killed_training_left_is_swept_and_a_living_one_is_not(fresh_library: Path) -> None:
    old, alive = fresh_library / "training" / "old", fresh_library / "training" / "alive"
    for folder in (old, alive):
        folder.mkdir(parents=True)
        (folder / "inputs").write_bytes(b"x")
    stray = fresh_library / "training" / ".DS_Store"
    stray.touch()
    for path in (old, stray):
        os.utime(path, (time.time() - STALE - 60,) * 2)
    with journal("run-1"):
        left = {path.name for path in (fresh_library / "training").iterdir()}
        assert left == {".DS_Store", "alive", "run-1", "run-1.lock"}


def test_what_a_training_left_whose_process_was_killed_is_swept_at_once(fresh_library: Path) -> None:
    code = (
        "from xai_core.training.curves import journal\nwith journal('killed') as notes:\n"
        "    (notes.folder / 'inputs').write_bytes(b'x')\n    print(flush=True)\n    input()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    program = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1], **pipes)
    program.stdout.readline()
    folder = fresh_library / "training" / "killed"
    sweep("training")
    assert (folder / "inputs").exists()
    program.kill()
    program.wait()
    sweep("training")
    assert list((fresh_library / "training").iterdir()) == []


@pytest.mark.parametrize("run", ["", "../up", "a/b", ".", "a" * 65, "nul\0", "ü"])
def test_a_run_that_could_be_a_path_is_refused(run: str) -> None:
    for use in (log_of, finish):
        with pytest.raises(ValueError, match="letters, digits"):
            use(run)


def test_a_data_set_that_has_changed_is_not_trained_on_unasked(data: Dataset, trainer: Hub) -> None:
    entries.change("datasets", data.key, lambda manifest: manifest)
    with pytest.raises(UnusableData, match="“Colours” has been changed: you chose revision 1, and it is at revision 2"):
        trainer.run(asked(data))


def test_a_curve_that_cannot_be_written_down_does_not_end_the_training(
    data: Dataset, trainer: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def full(self: Path, *how: Any, **more: Any) -> Any:
        if self.name == LOG:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(self, *how, **more)

    monkeypatch.setattr(Path, "open", full)
    assert len(trainer.run(asked(data)).curves) > 0


def test_the_room_for_what_is_learned_from_is_taken_at_once(
    data: Dataset, trainer: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("xai_core.training.inputs.os.posix_fallocate", full)  # written later, it would end the process
    with pytest.raises(LibraryError, match="was not trained: the disk is full"):
        trainer.run(asked(data))


def test_a_full_disk_is_said_before_anything_is_written(
    data: Dataset, trainer: Hub, fresh_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(fresh_library)._replace(free=10)
    monkeypatch.setattr("xai_core.training.inputs.shutil.disk_usage", lambda path: full)
    with pytest.raises(UnusableData, match=r"Training on 24 pictures needs 0\.2 GB of disk .* 0\.0 GB are free"):
        trainer.run(asked(data))
    assert left_behind(fresh_library) == []
