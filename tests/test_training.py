"""Training from pictures in the library to a model in the library: live, stoppable, and the same for the same seed."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from xai_core import build, own_model
from xai_core.classifier import Classifier, fingerprint
from xai_core.datasets.dataset import Dataset, Given, save
from xai_core.errors import LibraryError, UnusableData
from xai_core.evaluation.evaluate import Evaluate
from xai_core.evaluation.evaluation import Evaluation
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.own_model import CARD, WEIGHTS
from xai_core.picture import Picture
from xai_core.progress import Cancelled, silent
from xai_core.run_folder import STALE
from xai_core.training.curves import Epoch, finish, journal, log_of
from xai_core.training.export import export
from xai_core.training.inputs import Inputs
from xai_core.training.network import network
from xai_core.training.recipe import KINDS, Recipe, offered, recipe
from xai_core.training.train import Train, Trained

CLASSES = ("warm", "cold", "leafy")
COLOURS = ((210, 90, 50), (60, 90, 210), (70, 170, 60))
PICTURES = 8  # of each class
QUICK: dict[str, Recipe] = {
    "head": recipe("head"),
    "fine-tune": replace(recipe("fine-tune"), epochs=2, views=2),
    "cnn": replace(recipe("cnn"), epochs=2),
}


def painted(count: int = PICTURES, seed: int = 0) -> Iterator[Given]:
    """Noisy pictures of one colour for each class, 48 × 64 pixels."""
    draws = np.random.default_rng(seed)
    for number in range(count):
        for label, colour in enumerate(COLOURS):
            pixels = np.clip(np.array(colour) + draws.integers(-60, 61, (48, 64, 3)), 0, 255).astype(np.uint8)
            yield Picture.of(pixels, f"{CLASSES[label]} {number}.png"), f"{CLASSES[label]} {number}.png", label, ""


@dataclass
class Shop:
    """A library with one data set, and what each kind of training made of it, trained when first asked for."""

    data: Dataset
    hub: Hub
    results: dict[str, Trained] = field(default_factory=dict)

    def trained(self, kind: str) -> Trained:
        if kind not in self.results:
            self.results[kind] = self.hub.run(asked(self.data, kind))
        return self.results[kind]

    def state(self, name: str) -> dict[str, torch.Tensor]:
        return self.hub.classifier(name).module.state_dict()


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """The same sums in the same order, and no waiting for a core that somebody else has."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, lite0: Classifier, one_thread: None) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("shop")))
        hub = Hub(build.load, torch.device("cpu"))
        hub.adopt(lite0)
        yield Shop(save("Colours", CLASSES, painted(), {}), hub)


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


def asked(data: Dataset, kind: str = "cnn", **changes: object) -> Train:
    return Train(data.key, data.revision, replace(QUICK[kind], **changes), f"My {kind}", "run-1")


def left_behind(folder: Path) -> list[str]:
    """Whatever lies in the library besides data sets, locks and the library's own empty rooms."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock")]
    return [str(path) for path in files if "datasets" not in path.parts]


@pytest.mark.parametrize("kind", KINDS)
def test_the_result_is_a_model_of_the_library_that_says_what_was_measured(kind: str, shop: Shop) -> None:
    result = shop.trained(kind)
    classifier = shop.hub.classifier(result.name)
    assert classifier.labels == CLASSES
    assert classifier.cam_layer
    facts = own_model.read_card(entries.folder_of("models", result.name.removeprefix("mine/"))).facts
    assert facts["test"]["right"] == result.test.right
    assert facts["dataset"]["key"] == shop.data.key
    assert facts["recipe"]["kind"] == kind
    assert [Epoch(**epoch) for epoch in facts["curves"]] == list(result.curves)
    assert {name: len(found) for name, found in facts["digests"].items()} == {"train": 12, "validation": 6, "test": 6}
    assert result.counts["test"] == dict.fromkeys(CLASSES, 2)
    assert result.interval[0] < result.accuracy <= result.interval[1]


@pytest.mark.parametrize("kind", ["head", "fine-tune"])
def test_the_default_model_that_others_use_is_not_touched(kind: str, shop: Shop) -> None:
    shared = shop.hub.classifier("lite0")
    shop.trained(kind)
    assert fingerprint(shared.module) == fingerprint(build.load("lite0", torch.device("cpu")).module)
    assert not any(module.training for module in shared.module.modules())
    assert not any(p.requires_grad or p.grad is not None for p in shared.module.parameters())


def test_a_head_learns_what_is_easy_and_says_so_in_one_sentence(shop: Shop) -> None:
    result = shop.trained("head")
    assert result.accuracy == 1.0
    assert result.sentence().text == (
        "My head, 3 classes, 100 % on 6 held-out pictures (always naming the commonest class: 33 %); "
        "it takes none for another class."
    )


def test_everything_but_the_head_is_the_default_model_to_the_bit(shop: Shop) -> None:
    base, own = shop.state("lite0"), shop.state(shop.trained("head").name)
    changed = {name for name, tensor in base.items() if not torch.equal(tensor, own[name])}
    assert changed == {"classifier.weight", "classifier.bias"}


def test_fine_tuning_changes_the_last_blocks_and_no_statistics(shop: Shop) -> None:
    base, own = shop.state("lite0"), shop.state(shop.trained("fine-tune").name)
    changed = {name for name, tensor in base.items() if not torch.equal(tensor, own[name])}
    assert {name.split(".")[0] for name in changed} == {"blocks", "conv_head", "bn2", "classifier"}
    assert {name.split(".")[1] for name in changed if name.startswith("blocks")} == {"6"}
    assert not {name for name in changed if "running" in name or "tracked" in name}


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_measured_in_training_is_what_the_saved_model_answers(kind: str, shop: Shop) -> None:
    result = shop.trained(kind)
    found: Evaluation = shop.hub.run(Evaluate(result.name, shop.data.key, shop.data.revision))
    assert (found.right, len(found.items)) == (result.test.right, result.test.of)
    assert found.sentence() == result.sentence()
    assert found.interval == result.interval


def test_features_are_those_of_timm_itself(shop: Shop, tmp_path: Path) -> None:
    how = replace(recipe("head"), augmentation=True, views=2)
    inputs = Inputs(network(shop.hub, how, 3), how, torch.device("cpu"), tmp_path / "inputs")
    inputs.read(shop.data, range(4), silent)
    base = shop.hub.classifier("lite0")
    squares = [frame(shop.data.picture(item).pixels, base.preprocess, Framing.AS_TRAINED).square for item in
               shop.data.items[:4]]  # fmt: skip
    x = torch.cat([base.encode(square) for square in squares])
    with torch.no_grad():
        expected = base.module.forward_head(base.module.forward_features(x), pre_logits=True)
    torch.testing.assert_close(inputs.plain(torch.arange(4)), expected, rtol=1e-3, atol=1e-4)
    views = inputs.views(torch.arange(4)).unflatten(0, (4, 2))
    assert torch.equal(views[:, 0], inputs.plain(torch.arange(4)))
    assert (views[:, 1] - views[:, 0]).abs().amax(dim=1).min() > 0.01


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
        assert sorted(path.name for path in (fresh_library / "training").iterdir()) == [".DS_Store", "alive", "run-1"]


@pytest.mark.parametrize("run", ["", "../up", "a/b", ".", "a" * 65, "nul\0", "ü"])
def test_a_run_that_could_be_a_path_is_refused(run: str) -> None:
    for use in (log_of, finish):
        with pytest.raises(ValueError, match="letters, digits"):
            use(run)


def test_a_data_set_that_has_changed_is_not_trained_on_unasked(data: Dataset, trainer: Hub) -> None:
    entries.change("datasets", data.key, lambda manifest: manifest)
    with pytest.raises(UnusableData, match="“Colours” has been changed: you chose revision 1, and it is at revision 2"):
        trainer.run(asked(data))


def test_a_full_disk_is_said_before_anything_is_written(
    data: Dataset, trainer: Hub, fresh_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(fresh_library)._replace(free=10)
    monkeypatch.setattr("xai_core.training.inputs.shutil.disk_usage", lambda path: full)
    with pytest.raises(UnusableData, match=r"Training on 24 pictures needs 0\.2 GB of disk .* 0\.0 GB are free"):
        trainer.run(asked(data))
    assert left_behind(fresh_library) == []


def test_an_exported_model_is_two_files_that_load_anywhere(shop: Shop, tmp_path: Path) -> None:
    result = shop.trained("cnn")
    packed = export(result.name.removeprefix("mine/"))
    assert packed == export(result.name.removeprefix("mine/"))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [CARD, WEIGHTS]
        assert json.loads(archive.read(CARD))["labels"] == list(CLASSES)
        archive.extractall(tmp_path)
    again = own_model.load(tmp_path, "again", torch.device("cpu"))
    assert again.fingerprint == shop.hub.classifier(result.name).fingerprint
    with pytest.raises(LibraryError, match="no model"):
        export("nobody")


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_that_is_offered_explains_itself(kind: str) -> None:
    settings = {setting.name: setting for setting in offered(recipe(kind))}  # type: ignore[arg-type]
    assert all(len(setting.knob.help) > 20 for setting in settings.values())
    assert ("l2" in settings) == (kind == "head")
    assert {"seed", "epochs", "validation", "test", "class_weights"} <= set(settings)
    with pytest.raises(ValueError, match="epochs"):
        replace(recipe(kind), epochs=0)  # type: ignore[arg-type]


def test_a_page_can_ask_and_read_without_loading_what_computes() -> None:
    modules = ("training.train", "training.export", "training.curves", "evaluation.evaluate", "evaluation.table")
    code = "\n".join(f"import xai_core.{name}" for name in modules)
    heavy = "{'torch', 'torchvision', 'timm', 'sklearn', 'scipy.stats', 'skimage'}"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nassert not {heavy} & set(sys.modules)"],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
