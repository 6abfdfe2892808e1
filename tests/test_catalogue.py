"""Every model under one kind of name: the table's, the demo world's, people's own; and loading each by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from xai_core import build, catalogue, own_model, zoo
from xai_core.architecture import SIMPLE_CNN
from xai_core.catalogue import MINE, Group
from xai_core.classifier import Classifier, freeze
from xai_core.errors import MissingWeights, UnknownModel, XaiError
from xai_core.framing import Preprocess
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.simple_cnn import SIDE, SimpleCNN
from xai_core.world.shipped import SHIPPED

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


def kept(title: str) -> str:
    """A model of the library; its key."""
    module = freeze(SimpleCNN(2), CPU)
    made: Classifier = own_model.classifier_of(
        module, title, ("left", "right"), Preprocess(SIDE, SIDE, (0.5,) * 3, (0.5,) * 3)
    )

    def fill(folder: Path) -> dict[str, Any]:
        own_model.write(folder, title, SIMPLE_CNN, made, {})
        return {}

    return entries.create("models", title, fill)


def test_the_table_comes_first_then_the_demo_world_then_ones_own():
    key = kept("Mine")

    offered = catalogue.offered()

    assert offered[0].name == zoo.DEFAULT
    assert [each.name for each in offered if each.group is Group.DEMO] == list(SHIPPED)
    assert (offered[-1].name, offered[-1].title, offered[-1].group) == (MINE + key, "Mine", Group.MINE)
    assert all(each.ready for each in offered if each.group is not Group.TABLE)


def test_every_offer_is_found_by_its_name():
    kept("Mine")

    for each in catalogue.offered():
        assert catalogue.offer(each.name) == each


def test_a_model_that_was_removed_is_no_longer_offered_and_says_so():
    name = MINE + kept("Mine")
    entries.remove("models", name.removeprefix(MINE))

    assert name not in {each.name for each in catalogue.offered()}
    with pytest.raises(UnknownModel, match="no longer in the library"):
        catalogue.offer(name)
    with pytest.raises(XaiError):
        build.load(name, CPU)


@pytest.mark.parametrize("name", ["demo/nobody", "nobody", "mine/../../etc", ""])
def test_a_name_that_nobody_has_is_refused(name: str):
    with pytest.raises(UnknownModel):
        catalogue.offer(name)


def test_a_damaged_model_is_told_by_name_and_hides_no_other():
    broken, good = kept("Broken"), kept("Good")
    (entries.folder_of("models", broken) / own_model.CARD).write_text("{")

    assert [each.title for each in catalogue.offered() if each.group is Group.MINE] == ["Good"]
    (told,) = catalogue.damaged()
    assert broken in told
    assert good not in told


def test_models_are_loaded_by_their_names():
    mine = build.load(MINE + kept("Mine"), CPU)
    honest = build.load("demo/honest", CPU)

    assert (mine.labels, mine.name) == (("left", "right"), "mine/Mine")
    assert honest.labels == ("Emberling", "Mosskin", "Tidelet")
    assert not any(parameter.requires_grad for parameter in honest.module.parameters())


def test_a_shipped_model_whose_weights_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "honest"
    folder.mkdir()
    from xai_core.world import shipped

    for name in (own_model.CARD, own_model.WEIGHTS):
        (folder / name).write_bytes((shipped.MODELS / "honest" / name).read_bytes())
    path = folder / own_model.WEIGHTS
    path.write_bytes(path.read_bytes()[:-4] + b"\x00\x00\x80\x7f")
    monkeypatch.setattr(shipped, "MODELS", tmp_path)

    with pytest.raises(MissingWeights, match="changed on disk"):
        build.load("demo/honest", CPU)
