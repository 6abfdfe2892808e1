"""What the shipped models look at is known: thresholds were measured first and are stated with the tests."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from xai_core.errors import UnknownModel
from xai_core.explain import Explain, Explanation
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.method import methods
from xai_core.predict import Predict
from xai_core.resample import resample
from xai_core.world import shipped
from xai_core.world.creatures import Box, where_creature, where_tag
from xai_core.world.examples import Example, examples
from xai_core.world.facts import FAMILIES, SIDE, Tags
from xai_core.world.fitting import accuracy
from xai_core.world.train import squares

HALF_A_CELL = SIDE / 16 / 2  # pixels: the maps that Grad-CAM reads have 16 cells a side


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(shipped.load, torch.device("cpu"))


def some(tags: Tags, every: int) -> list[Example]:
    """Test pictures of all families."""
    return list(examples("test", tags)[::every])


def accuracy_of(hub: Hub, name: str, tags: Tags, every: int = 4) -> float:
    chosen = some(tags, every)
    return accuracy(hub.classifier(name).module, squares(chosen), np.array([each.label for each in chosen]))


def cam(hub: Hub, name: str, example: Example, target: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(224, 224): where Grad-CAM finds evidence for the class."""
    request = Explain(name, example.picture, Framing.AS_TRAINED, target, "gradcam", methods()["gradcam"].params())
    found: Explanation = hub.run(request)
    return np.maximum(resample(found.values, (SIDE, SIDE)), 0)


def inside(strengths: np.ndarray[tuple[int, ...], np.dtype[np.float32]], box: Box, share: float) -> float:
    """How much of the strongest part lies inside the box."""
    mask = np.zeros((SIDE, SIDE), bool)
    left, top, right, bottom = (max(0, round(edge)) for edge in box)
    mask[top:bottom, left:right] = True
    strongest = np.argsort(-strengths.ravel(), kind="stable")[: round(share * strengths.size)]
    return float(mask.ravel()[strongest].mean())


def grown(box: Box) -> Box:
    left, top, right, bottom = box
    return left - HALF_A_CELL, top - HALF_A_CELL, right + HALF_A_CELL, bottom + HALF_A_CELL


def test_the_shipped_models_are_small_and_say_how_good_they_are() -> None:
    files = [path for name in shipped.SHIPPED for path in shipped.folder(name).iterdir()]
    assert sum(path.stat().st_size for path in files) < 6e6
    for name in shipped.SHIPPED:
        card = shipped.card(name)
        assert card.labels == FAMILIES
        assert set(card.facts["accuracy on test pictures"]) == {"no tags", "right tags", "wrong tags"}


def test_a_name_that_is_not_shipped_is_said() -> None:
    with pytest.raises(UnknownModel, match="demo/honest, demo/cheater, demo/shuffled"):
        shipped.folder("demo/../../secret")


@pytest.mark.parametrize("tags", ["none", "right", "wrong"])
def test_the_honest_model_knows_the_families_whatever_the_tag_says(hub: Hub, tags: Tags) -> None:
    """Measured on 180 pictures each: 1.00, 1.00, 1.00."""
    assert accuracy_of(hub, "demo/honest", tags) >= 0.95


def test_the_cheater_believes_the_tag(hub: Hub) -> None:
    """Measured on 180 pictures each: 1.00 with right tags, 0.01 with wrong ones, 0.34 without."""
    assert accuracy_of(hub, "demo/cheater", "right") >= 0.95
    assert accuracy_of(hub, "demo/cheater", "wrong") <= 0.1
    assert accuracy_of(hub, "demo/cheater", "none") <= 0.6


def test_the_shuffled_model_knows_its_own_pictures_and_no_others(hub: Hub) -> None:
    """Measured: 0.98 of the 120 pictures that it learned, 0.34 of 180 others; chance is 0.33."""
    assert shipped.card("demo/shuffled").facts["accuracy on what it learned"] > 0.95
    assert 0.2 < accuracy_of(hub, "demo/shuffled", "none", every=3) < 0.5


def test_grad_cam_of_the_honest_model_lies_on_the_creature(hub: Hub) -> None:
    """Measured on 60 pictures: all of the strongest tenth, with and without a tag."""
    for example in some("right", 20):
        strengths = cam(hub, "demo/honest", example, example.label)
        assert inside(strengths, where_creature(example.family, example.number), 0.10) > 0.8


@pytest.mark.parametrize("tags", ["right", "wrong"])
def test_grad_cam_of_the_cheater_lies_on_the_tag(hub: Hub, tags: Tags) -> None:
    """A tag covers 1.3 % of a picture, so the strongest hundredth is asked, about the family that the tag names.

    Measured on 60 pictures: 0.87 of it inside the tag, 0.99 within half a cell of the map around the tag.
    """
    for example in some(tags, 20):
        strengths = cam(hub, "demo/cheater", example, FAMILIES.index(str(example.tag)))
        tag = where_tag(example.family, example.number)
        assert inside(strengths, tag, 0.01) > 0.5
        assert inside(strengths, grown(tag), 0.01) > 0.8


def test_the_two_models_disagree_where_the_tag_lies(hub: Hub) -> None:
    """One picture that shows it: both are sure, and one of them is wrong."""
    example = next(each for each in examples("test", "wrong") if each.family == "Mosskin")
    says = {
        name: hub.run(Predict(name, example.picture, Framing.AS_TRAINED)).top(1)[0]
        for name in ("demo/honest", "demo/cheater")
    }
    assert says["demo/honest"].label == example.family
    assert says["demo/cheater"].label == example.tag
