"""What training makes of pictures in the library: a model of the library that is what it says, to the bit."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch
from training_data import CLASSES, asked, one_core, painted

from xai_core import build, own_model
from xai_core.classifier import Classifier, fingerprint
from xai_core.datasets.dataset import Dataset, save
from xai_core.errors import LibraryError
from xai_core.evaluation.evaluate import Evaluate
from xai_core.evaluation.evaluation import Evaluation
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.own_model import CARD, WEIGHTS
from xai_core.progress import silent
from xai_core.training.curves import Epoch
from xai_core.training.export import export
from xai_core.training.inputs import Inputs
from xai_core.training.network import network
from xai_core.training.recipe import KINDS, offered, recipe
from xai_core.training.train import Trained


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
    with one_core():
        yield


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, lite0: Classifier, one_thread: None) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("shop")))
        hub = Hub(build.load, torch.device("cpu"))
        hub.adopt(lite0)
        yield Shop(save("Colours", CLASSES, painted(), {}), hub)


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
