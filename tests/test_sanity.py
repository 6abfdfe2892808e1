"""The sanity check against what is known: the paper's finding on the real model, and toys whose truth is planted."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from conftest import make_toy
from xai_core import build
from xai_core.cascade import Cascade
from xai_core.classifier import fingerprint
from xai_core.errors import UnsupportedMethod
from xai_core.explain import Explain
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.progress import Cancelled
from xai_core.sanity import Finished, SanityRun, SanityTest, comparable
from xai_core.similarity import MEASURES

ESPRESSO = 967
TOY = Cascade("toy")


def asked(
    picture: Picture, method: str = "gradient", cascade: Cascade = TOY, target: int = 0, **changed: Any
) -> SanityTest:
    repredict = changed.pop("repredict", False)
    params = methods()[method].params(**changed)
    return SanityTest(cascade, picture, Framing.WHOLE, target, method, params, repredict)


@pytest.fixture(scope="module")
def real() -> Hub:
    hub = Hub(build.load, torch.device("cpu"))
    hub.classifier("lite0")
    return hub


@pytest.fixture(scope="module", params=[0, 1])
def espresso(request: pytest.FixtureRequest, real: Hub, coffee: Picture) -> dict[str, SanityRun]:
    """Gradient and guided backpropagation on the default model, two seeds."""
    recipe = Cascade("lite0", seed=request.param)
    return {
        method: real.run(SanityTest(recipe, coffee, Framing.AS_TRAINED, ESPRESSO, method, methods()[method].params()))
        for method in ("gradient", "guided_backprop", "gradcam")
    }


def test_guided_backprop_outlives_the_upper_half_of_the_default_model(espresso: dict[str, SanityRun]) -> None:
    run = espresso["guided_backprop"]
    assert [stage.name for stage in run.survey.stages][1:5] == ["classifier", "conv_head + bn2", "blocks.6", "blocks.5"]
    assert run.survey.blocks == 10
    assert run.ranks[1:5].min() > 0.9
    assert run.verdict.kind == "bad"
    assert "4 of 10 blocks" in run.verdict.sentence


def test_the_gradient_falls_at_the_first_stage(espresso: dict[str, SanityRun]) -> None:
    run = espresso["gradient"]
    assert run.ranks[1] < 0.5
    assert 0.25 < run.ranks[1:5].min() < run.ranks[1:5].max() < 0.5
    assert run.verdict.kind == "good"
    assert espresso["gradcam"].verdict.kind == "good"


def test_the_destroyed_network_forgets_the_class(espresso: dict[str, SanityRun]) -> None:
    stages = espresso["gradient"].survey.stages
    assert stages[0].probability > 0.9
    assert all(stage.probability < 0.01 for stage in stages[1:])
    assert not any(stage.dead for stage in stages)


def test_the_shared_model_is_untouched_and_others_get_the_same_bits(real: Hub, coffee: Picture) -> None:
    classifier = real.classifier("lite0")
    before = fingerprint(classifier.module)
    square = frame(coffee.pixels, classifier.preprocess, Framing.AS_TRAINED).square
    alone = real.evidence("lite0", square, ESPRESSO).gradient.clone()
    seen: list[Tensor] = []

    def meanwhile(fraction: float, note: str = "") -> None:
        """What the worker does between two batches: somebody else's request."""
        if len(seen) < 6:
            seen.append(classifier.gradient(classifier.encode(square), ESPRESSO)[0])

    test = SanityTest(
        Cascade("lite0", seed=7), coffee, Framing.AS_TRAINED, ESPRESSO, "smoothgrad",
        methods()["smoothgrad"].params(samples=4),
    )  # fmt: skip
    real.run(test, meanwhile)
    assert len(seen) == 6
    assert all(torch.equal(each, alone) for each in seen)
    assert fingerprint(classifier.module) == before


def test_a_map_agrees_with_itself_and_is_compared_with_every_stage(hub: Hub, picture: Picture) -> None:
    run: SanityRun = hub.run(asked(picture))
    assert run.similarity.shape == (4, len(MEASURES))
    np.testing.assert_allclose(run.similarity[0], 1)
    assert not np.isnan(run.similarity).any()
    assert run.maps[0] is not None
    assert run.maps[0].request.model == "toy"
    assert run.reasons == ("",) * 4


def test_each_stage_is_what_explaining_that_network_gives(hub: Hub, picture: Picture) -> None:
    """No method knows of the cascade: a stage's map is the ordinary explanation of a network of that name."""
    test = asked(picture, "integrated_gradients", steps=4)
    run: SanityRun = hub.run(test)
    fresh = Hub(build.load, torch.device("cpu"))
    fresh.adopt(make_toy())
    for stage, found in enumerate(run.maps):
        assert found is not None
        request = Explain(TOY.at(stage), picture, Framing.WHOLE, 0, "integrated_gradients", test.params)
        np.testing.assert_array_equal(found.values, fresh.run(request).values)


def test_signs_are_kept_and_channels_added_up_before_maps_are_compared() -> None:
    gradient = comparable(methods()["gradient"].params())
    assert (gradient.signed, gradient.channels) == (True, "sum")  # type: ignore[attr-defined]
    gradcam = methods()["gradcam"].params(layer="4")
    assert comparable(gradcam) == gradcam


def test_another_networks_own_answer_can_be_explained(hub: Hub, picture: Picture) -> None:
    run: SanityRun = hub.run(asked(picture, repredict=True))
    for stage, found in zip(run.survey.stages, run.maps, strict=True):
        assert found is not None
        assert found.request.target == stage.target == stage.top
    kept: SanityRun = hub.run(asked(picture, target=2))
    assert {found.request.target for found in kept.maps if found is not None} == {2}


def test_a_blank_map_is_undefined_and_says_so(hub: Hub, picture: Picture) -> None:
    class Constant(nn.Module):
        """Grad-CAM finds nothing: the trained head looks at the picture's edge, which no layer with a grid sees."""

        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(3, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(x[:, :, 0].mean(dim=2)) + 0 * self.conv(x).mean()

    blind = Hub(lambda key, device: make_toy(Constant(), cam_layer="conv"), torch.device("cpu"))
    run: SanityRun = blind.run(asked(picture, "gradcam"))
    assert np.isnan(run.similarity).all()
    assert np.isnan(run.floor).all()
    assert all(reason for reason in run.reasons)
    assert run.verdict.kind == "none"


def test_a_method_without_meaning_for_the_model_is_refused(hub: Hub, picture: Picture) -> None:
    hub.adopt(make_toy(nn.Sequential(nn.Conv2d(3, 5, 3), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())))
    with pytest.raises(UnsupportedMethod, match="GELU"):
        hub.run(asked(picture, "guided_backprop"))


@pytest.mark.parametrize(("method", "settings"), [("smoothgrad", {"samples": 20}), ("occlusion", {})])
def test_progress_climbs_and_names_method_and_block(
    hub: Hub, picture: Picture, method: str, settings: dict[str, Any]
) -> None:
    told: list[tuple[float, str]] = []
    hub.run(asked(picture, method, **settings), lambda fraction, note="": told.append((fraction, note)))
    own = [(fraction, note) for fraction, note in told if methods()[method].title in note]
    assert len(own) > 6
    assert [f for f, _ in own] == sorted(f for f, _ in own)
    assert own[-1][0] > 0.9
    assert any("block" in note for _, note in own)
    assert np.diff([fraction for fraction, _ in own]).max() < 0.5


def test_what_was_finished_before_a_stop_stays(hub: Hub, picture: Picture) -> None:
    test = asked(picture, "rise", masks=32)

    def stop(fraction: float, note: str = "") -> None:
        if "block 2" in note:
            raise Cancelled

    with pytest.raises(Cancelled):
        hub.run(test, stop)
    left = hub.run(Finished(test))
    assert isinstance(left, SanityRun)
    assert [found is not None for found in left.maps] == [True, True, False, False]
    assert not np.isnan(left.similarity[:2]).any()
    assert np.isnan(left.similarity[2:]).all()
    assert "Stopped" in left.reasons[3]
    whole: SanityRun = hub.run(test)
    np.testing.assert_array_equal(whole.similarity[:2], left.similarity[:2])


def test_nothing_is_left_of_a_test_that_never_began(hub: Hub, picture: Picture) -> None:
    assert hub.run(Finished(asked(picture, "occlusion"))) is None


def test_looking_at_what_is_left_never_waits_for_the_device(hub: Hub, picture: Picture) -> None:
    with hub._turn:
        waiting = threading.Thread(target=hub.run, args=(Finished(asked(picture)),), daemon=True)
        waiting.start()
        waiting.join(60)
        assert not waiting.is_alive()
