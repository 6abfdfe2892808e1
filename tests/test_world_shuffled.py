"""The data randomisation test: what cannot differ fails, what differs passes, and the words say which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from conftest import make_toy, toy_network
from xai_core.errors import UnsupportedMethod
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.resample import resample
from xai_core.shuffled import LabelRun, LabelTest, headline, judged
from xai_core.similarity import RANKS
from xai_core.verdict import ABOUT, NOT_ABOUT
from xai_core.world import shipped
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES

NOISE = tuple(
    Picture.of(np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8), f"noise {seed}")
    for seed in range(4)
)
CREATURES = tuple(creature(family, 170 + number) for family in FAMILIES for number in range(2))
TRUTH = (0, 0, 1, 1, 2, 2)


def toys() -> Hub:
    """Two toys that learned different things, one of them twice under different names."""
    hub = Hub(lambda key, device: make_toy(name=key), torch.device("cpu"))
    for name, seed in (("first", 0), ("twin", 0), ("other", 5)):
        hub.adopt(make_toy(toy_network(seed), name=name))
    return hub


def asked(method: str, shuffled: str, **changed: Any) -> LabelTest:
    return LabelTest(NOISE, (0, 1, 2, 3), Framing.WHOLE, method, methods()[method].params(**changed), "first", shuffled)


@pytest.fixture(scope="module")
def world() -> Hub:
    return Hub(shipped.load, torch.device("cpu"))


def on_creatures(world: Hub, method: str) -> LabelRun:
    run: LabelRun = world.run(LabelTest(CREATURES, TRUTH, Framing.AS_TRAINED, method, methods()[method].params()))
    return run


def test_maps_of_the_same_network_are_not_about_what_it_learned() -> None:
    run = toys().run(asked("gradient", "twin"))
    assert np.allclose(run.similarity, 1)
    assert (run.verdict.kind, run.verdict.share) == ("bad", pytest.approx(1.0))
    assert "100 % of its map is the same" in run.verdict.sentence


def test_maps_of_another_network_are_about_what_it_learned() -> None:
    run = toys().run(asked("gradient", "other"))
    assert run.verdict.kind == "good"
    assert run.ranks.max() < 0.6


def test_the_measure_is_rank_correlation_of_strengths() -> None:
    run = toys().run(asked("gradient_x_input", "other"))
    for pair, ours in zip(run.maps, run.similarity, strict=True):
        strengths = [np.abs(resample(each.values, (32, 32))).ravel() for each in pair]
        # cutting at the 99th percentile makes ties at the top
        cut = [np.minimum(each, np.percentile(each, 99)) for each in strengths]
        assert ours[RANKS] == pytest.approx(spearmanr(*cut).statistic, abs=0.01)


def test_both_networks_are_asked_about_the_true_class_with_signs_kept() -> None:
    test = asked("gradient", "other", signed=False, channels="largest")
    run = toys().run(test)
    for index, pair in enumerate(run.maps):
        assert [each.request.model for each in pair] == ["first", "other"]
        assert {each.request.target for each in pair} == {test.targets[index]}
        assert all(each.signed for each in pair)


@pytest.mark.parametrize(
    ("level", "kind"),
    [(0.0, "good"), (ABOUT - 0.01, "good"), (ABOUT + 0.01, "care"), (NOT_ABOUT - 0.01, "care"), (1.0, "bad")],
)
def test_the_verdict_follows_the_same_rule_as_the_cascades(level: float, kind: str) -> None:
    assert judged("Map", np.full(5, level), 0.0, 0.0).kind == kind
    raised = judged("Map", np.full(5, 0.4 + 0.6 * level), 0.4, 0.7)
    assert (raised.kind, raised.share) == (kind, pytest.approx(level))


def test_without_maps_to_compare_there_is_no_verdict() -> None:
    verdict = judged("Map", np.array([0.2, np.nan, np.nan]), 0.0, 0.1)
    assert verdict.kind == "none"
    assert "2 of the 3 pictures" in verdict.sentence


def test_a_method_without_meaning_is_refused(world: Hub) -> None:
    with pytest.raises(UnsupportedMethod, match="attention"):
        on_creatures(world, "attention_rollout")


@pytest.mark.parametrize(
    ("pictures", "targets", "words"),
    [
        (NOISE[:2], (0, 1), "at least 3"),
        ((*NOISE[:2], NOISE[0]), (0, 1, 2), "different"),
        (NOISE[:3], (0, 1), "2 targets"),
    ],
)
def test_too_few_or_equal_pictures_are_refused(
    pictures: tuple[Picture, ...], targets: tuple[int, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        LabelTest(pictures, targets, Framing.WHOLE, "gradient", methods()["gradient"].params())


def test_the_headline_names_who_would_not_notice_and_counts_the_others() -> None:
    hub = toys()
    bad, good = hub.run(asked("gradient", "twin")), hub.run(asked("gradient_x_input", "other"))
    assert "would not notice" not in headline([]).text
    told = headline([bad, good]).text
    assert told.startswith(f"{bad.title} would not notice that the labels were shuffled")
    assert told.endswith("One map differs between the two models, as it should.")


def test_on_the_demo_world_grad_cam_differs_as_much_as_maps_of_different_pictures_do(world: Hub) -> None:
    """Measured on 9 pictures: Grad-CAM shares 0.10 with the shuffled model's, of different pictures 0.17."""
    run = on_creatures(world, "gradcam")
    assert run.verdict.kind == "good"
    assert run.verdict.share is not None
    assert run.verdict.share < 0.25


def test_on_the_demo_world_guided_backprop_keeps_its_signs_where_the_gradient_loses_them(world: Hub) -> None:
    """Measured on 9 pictures: signed ranks 0.46 against 0.02, though both stay below the rule's limit of strengths."""
    guided, plain = on_creatures(world, "guided_backprop"), on_creatures(world, "gradient")
    assert np.nanmean(guided.similarity[:, RANKS + 1]) > 0.3
    assert abs(np.nanmean(plain.similarity[:, RANKS + 1])) < 0.15
