"""The core from a notebook, without any dashboard."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from conftest import toy_network
from xai_core import notebook as look
from xai_core.cascade import Law
from xai_core.classifier import Classifier, fingerprint
from xai_core.framing import Preprocess
from xai_core.picture import Picture

SMALL = Preprocess(36, 32, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
LABELS = ("cat", "dog", "fox", "owl", "bee")


def wrapped(module: nn.Module) -> Classifier:
    return look.wrap(module, LABELS, SMALL, cam_layer="4")


def test_a_picture_is_explained_in_three_lines(picture: Picture) -> None:
    model = wrapped(toy_network())
    found = look.explain(model, picture, "gradcam")
    assert found.label == LABELS[int(look.predict(model, picture).probabilities.argmax())]
    assert found.values.shape == (8, 8)
    assert found.provenance.weights == model.fingerprint
    with pytest.raises(FrozenInstanceError):
        found.seconds = 0.0  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        found.values[0, 0] = 1


def test_the_network_that_was_wrapped_stays_as_it_was(picture: Picture) -> None:
    mine = toy_network().train()
    before = fingerprint(mine)
    look.explain(wrapped(mine), picture, "guided_backprop", target=2)
    assert mine.training
    assert all(p.requires_grad and p.grad is None for p in mine.parameters())
    assert fingerprint(mine) == before


def test_another_network_under_the_same_name_gets_its_own_answers(picture: Picture) -> None:
    first = look.explain(wrapped(toy_network(0)), picture, "gradient", target=1)
    second = look.explain(wrapped(toy_network(1)), picture, "gradient", target=1)
    assert not np.allclose(first.values, second.values)


def test_several_methods_are_compared_for_one_class(picture: Picture) -> None:
    maps = look.compare(wrapped(toy_network()), picture, ["gradient", "layercam"], target=3)
    assert list(maps) == ["gradient", "layercam"]
    assert {found.label for found in maps.values()} == {"owl"}


def test_a_wrong_name_or_setting_is_told(picture: Picture) -> None:
    model = wrapped(toy_network())
    with pytest.raises(KeyError, match="gradcam"):
        look.explain(model, picture, "grad_cam")
    with pytest.raises(ValueError, match="windows"):
        look.explain(model, picture, "occlusion", windows=3)
    with pytest.raises(ValueError, match="window"):
        look.explain(model, picture, "occlusion", window=100_000)


def test_pictures_come_from_files_and_from_arrays(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    assert look.picture(tmp_path / "noise.png") == look.picture(pixels)


def test_the_table_of_models_is_open_to_notebooks_too(coffee: Picture) -> None:
    model = look.load("lite0")
    assert look.predict(model, coffee).top(1)[0].label == "espresso"
    assert next(model.module.parameters()).device.type == torch.device(model.device).type


def test_a_networks_explanations_can_be_checked(picture: Picture) -> None:
    mine = wrapped(toy_network())
    run = look.sanity_check(mine, picture, "gradient", law=Law.SOURCE, seed=3)
    assert [stage.name for stage in run.survey.stages] == ["", "7", "3", "0 + 1"]
    assert run.verdict.sentence.startswith("Gradient: ")
    with pytest.raises(ValueError, match="no setting size"):
        look.sanity_check(mine, picture, "gradient", size=3)
