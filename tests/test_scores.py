"""Deletion and insertion: the paper's formula written out plainly, and a network whose reasons are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from known import AFTER, BEFORE, LAMP, PATCH, SIDE, Told, asked, marked, patch_map, planted
from scipy.ndimage import gaussian_filter
from scipy.signal import correlate2d

from xai_core.errors import XaiError
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.method import methods
from xai_core.order import moved, random_ranks, ranks_of
from xai_core.picture import Picture
from xai_core.predict import Predict
from xai_core.scores import SOURCE_STEPS, STEPS, Score, Scored, area, blurred


def scored(values: np.ndarray, steps: int = 16, hub: Told | None = None, **changed: object) -> Scored:
    hub = planted() if hub is None else hub
    hub.told[asked()] = marked(values)
    answer: Scored = hub.run(Score(asked(), steps, **changed))
    return answer


@given(arrays(np.float32, st.integers(2, 300), elements=st.floats(0, 1, width=32)))
def test_the_area_is_the_trapezium_rule_over_unit_width(curve: np.ndarray) -> None:
    exact = curve.astype(np.float64)
    assert area(curve) == pytest.approx(np.trapezoid(exact, dx=1 / (len(curve) - 1)), abs=1e-9)
    assert -1e-9 <= area(curve) <= 1 + 1e-9


def naive(hub: Hub, request: Explain, values: np.ndarray, pixels: int) -> tuple[list[float], list[float]]:
    """Both curves as the paper's code makes them: one picture at a time, `pixels` more at each step."""
    classifier = hub.classifier(request.model)
    prediction = hub.run(Predict(request.model, request.picture, request.framing))
    x = classifier.encode(prediction.framed.square)
    spike = np.zeros((11, 11))
    spike[5, 5] = 1
    kernel = gaussian_filter(spike, 5)
    soft = np.stack([correlate2d(channel, kernel, mode="same") for channel in x[0].numpy().astype(np.float64)])
    order = np.argsort(-values.ravel(), kind="stable")
    curves = []
    for start, finish in ((x[0].numpy(), np.zeros_like(soft)), (soft, x[0].numpy())):
        now, curve = start.astype(np.float32).reshape(3, -1).copy(), []
        for step in range(-(-order.size // pixels) + 1):
            logits = classifier.module(torch.from_numpy(now.reshape(x.shape).copy()))
            curve.append(float(logits.softmax(dim=1)[0, request.target]))
            at = order[pixels * step : pixels * (step + 1)]
            now[:, at] = finish.reshape(3, -1)[:, at]
        curves.append(curve)
    return curves[0], curves[1]


@pytest.mark.parametrize(("steps", "pixels"), [(16, 64), (10, 103), (224, 5)])
def test_both_curves_are_those_of_the_papers_code(toy: object, picture: Picture, steps: int, pixels: int) -> None:
    hub = Told(toy)  # type: ignore[arg-type]
    request = Explain("toy", picture, Framing.AS_TRAINED, 1, "gradient", methods()["gradient"].params())
    values = np.random.default_rng(3).random((SIDE, SIDE)).astype(np.float32)  # no ties
    hub.told[request] = marked(values, request)
    found = hub.run(Score(request, steps, draws=1))
    deletion, insertion = naive(hub, request, values, pixels)
    assert np.allclose(found.own.deletion.probabilities[0], deletion, atol=1e-5)
    assert np.allclose(found.own.insertion.probabilities[0], insertion, atol=1e-5)
    assert found.own.deletion.area == pytest.approx(np.trapezoid(deletion) / (len(deletion) - 1), abs=1e-5)
    assert np.allclose(found.own.shares, np.minimum(np.arange(len(deletion)) * pixels, SIDE**2) / SIDE**2)


def test_the_sources_steps_are_224_pixels_each() -> None:
    assert 224 * 224 / SOURCE_STEPS == 224
    assert STEPS < SOURCE_STEPS


def test_the_right_map_falls_first_the_wrong_one_last_and_chance_lies_between() -> None:
    right, wrong = scored(patch_map()), scored(1 - patch_map())
    falls = [right.own.deletion.area, right.random.deletion.area, wrong.own.deletion.area]  # type: ignore[union-attr]
    assert falls[0] < falls[1] - 0.1 < falls[2] - 0.2
    assert right.moved.deletion.area > falls[0] + 0.1  # type: ignore[union-attr]


def test_the_right_map_rises_first_the_wrong_one_last_and_chance_lies_between() -> None:
    hub, lamp = planted(), asked(picture=LAMP)
    rises = []
    for values in (patch_map(), 1 - patch_map()):
        hub.told[lamp] = marked(values, lamp)
        found = Score(lamp).answer(hub)
        rises += [found.own.insertion.area, found.random.insertion.area]  # type: ignore[union-attr]
    right, chance, wrong, again = rises
    assert chance == again
    assert right > chance + 0.1 > wrong + 0.2


def test_the_planted_patch_is_gone_after_exactly_its_share() -> None:
    curve = scored(patch_map(), steps=16).own.deletion.probabilities[0]  # type: ignore[union-attr]
    assert curve[0] == pytest.approx(BEFORE, abs=1e-5)
    assert np.allclose(curve[1:], AFTER, atol=1e-5)  # the patch is a sixteenth of the square


def test_a_map_without_any_order_is_a_random_order() -> None:
    ranks = ranks_of(np.ones((4, 4), np.float32), SIDE, seed=5)
    assert sorted(ranks.ravel()) == list(range(SIDE * SIDE))
    assert abs(np.corrcoef(ranks.ravel(), np.arange(SIDE * SIDE))[0, 1]) < 0.1
    assert not np.array_equal(ranks, ranks_of(np.ones((4, 4), np.float32), SIDE, seed=6))
    hub = planted()
    almost = np.zeros((SIDE, SIDE), np.float32)
    almost[0, 0] = 1  # one pixel outside the patch, the rest tied
    found = scored(almost, hub=hub, draws=20)
    low, high = min(found.random.deletion.areas), max(found.random.deletion.areas)  # type: ignore[union-attr]
    assert low - 0.02 < found.own.deletion.area < high + 0.02  # type: ignore[union-attr]


def test_a_signed_map_goes_from_for_to_against() -> None:
    values = np.zeros((SIDE, SIDE), np.float32)
    values[0, 0], values[5, 5] = 1, -9
    ranks = ranks_of(values, SIDE, 0)
    assert ranks[0, 0] == 0
    assert ranks[5, 5] == SIDE * SIDE - 1


def test_seeds_repeat_and_differ() -> None:
    same = [scored(patch_map(), seed=1).moved.deletion.probabilities for _ in range(2)]  # type: ignore[union-attr]
    other = scored(patch_map(), seed=2).moved.deletion.probabilities  # type: ignore[union-attr]
    assert np.array_equal(*same)
    assert not np.array_equal(same[0], other)
    assert not any(np.array_equal(a, b) for a, b in zip(random_ranks(8, 2, 0), random_ranks(8, 2, 1), strict=True))


def test_a_moved_order_keeps_its_shape_and_is_elsewhere() -> None:
    ranks = ranks_of(patch_map(), SIDE, 0)
    for copy in moved(ranks, 10, seed=0):
        rows, columns = np.nonzero(copy < 64)
        assert len(set(rows)) == len(set(columns)) == 8  # still 8 x 8, though perhaps cut by an edge
        assert not np.array_equal(copy, ranks)


def test_a_blank_map_gets_no_score() -> None:
    found = scored(np.zeros((7, 7)))
    assert (found.own, found.moved, found.random) == (None, None, None)
    assert found.reasons
    assert "blank" in found.sentence
    assert "0 %" not in found.sentence


def test_random_orders_are_made_once_for_all_maps_of_a_picture() -> None:
    hub = planted()
    first, second = scored(patch_map(), hub=hub), None
    other = asked("gradient_x_input")
    hub.told[other] = marked(1 - patch_map(), other)
    second = hub.run(Score(other, 16))
    assert second.random is first.random


def test_an_infinite_answer_is_refused_by_name() -> None:
    hub = planted()
    with torch.no_grad():
        hub.classifier("planted").module.gain.fill_(float("inf"))
    with pytest.raises(XaiError, match="no score"):
        scored(patch_map(), hub=hub)


@pytest.mark.parametrize("changed", [{"steps": 1}, {"steps": 1001}, {"draws": 0}, {"draws": 21}])
def test_numbers_out_of_bounds_are_named(changed: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(changed))):
        Score(asked(), **changed)


def test_answers_are_read_only_and_the_sentence_compares() -> None:
    found = scored(patch_map())
    assert found.own is not None
    for array in (found.own.shares, found.own.deletion.probabilities, found.own.insertion.probabilities):
        assert not array.flags.writeable
    for words in ("lower is better", "higher is better", "moved", "random"):
        assert words in found.sentence
    assert "16 steps" in found.made


def test_the_blur_fades_towards_the_edge_as_the_papers_does() -> None:
    x = torch.ones(1, 3, SIDE, SIDE)
    soft = blurred(x)
    assert soft[0, 0, PATCH[0], PATCH[1]].mean() == pytest.approx(1, abs=1e-5)
    assert soft[0, 0, 0, 0] < 0.5
