"""Hiding the strongest tenth, on a network whose answer without its patch is known exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known import AFTER, BEFORE, LABEL, PATCH, SIDE, asked, marked, patch_map, planted, softmax

from xai_core.classifier import Classifier
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.tenth import HiddenTenth, Tenth


def hidden(values: np.ndarray, *, signed: bool = False, **changed: object) -> HiddenTenth:
    hub = planted()
    hub.told[asked()] = marked(values, signed=signed)
    answer: HiddenTenth = hub.run(Tenth(asked(), **changed))
    return answer


def test_hiding_the_patch_takes_exactly_its_part_of_the_score_away() -> None:
    found = hidden(patch_map())
    assert found.before == pytest.approx(BEFORE, abs=1e-6)
    assert found.after == pytest.approx(AFTER, abs=1e-6)
    assert found.share == 64 / SIDE**2  # the map marks less than a tenth, and no more is hidden
    assert found.part == "the 6 %"


def test_random_places_cost_exactly_what_they_cover_of_the_patch() -> None:
    found = hidden(patch_map(), draws=20, seed=4)
    assert found.elsewhere is not None
    rng = np.random.default_rng((4, 1))  # the documented stream: two shifts a draw
    for shift, probability in zip(rng.integers(1, SIDE, size=(20, 2)), found.elsewhere, strict=True):
        covered = np.roll(patch_map(), shift, axis=(0, 1))[PATCH].mean()
        assert probability == pytest.approx(softmax(4.0 * (1 - covered)), abs=1e-5)
    assert found.spread[0] <= found.typical <= found.spread[1]  # type: ignore[index,operator]


def test_exactly_a_tenth_is_hidden_of_a_map_that_marks_more() -> None:
    rows = np.linspace(1, 2, SIDE, dtype=np.float32)[:, None] * np.ones(SIDE, np.float32)
    found = hidden(rows)
    assert found.share == round(0.1 * SIDE**2) / SIDE**2
    assert found.part == "the tenth"
    assert found.after == pytest.approx(BEFORE, abs=1e-6)  # the lowest rows, far from the patch
    assert found.matters is False
    assert "no more than chance" in found.sentence


def test_what_speaks_against_the_class_is_not_hidden() -> None:
    found = hidden(patch_map() - 2, signed=True)
    assert found.after is None
    assert found.typical is None
    assert found.matters is None
    assert LABEL in found.sentence
    assert found.short == found.sentence == "Gradient marks nothing that speaks for cat."


def test_a_blank_map_has_no_figure_but_a_reason() -> None:
    found = hidden(np.zeros((7, 7)))
    assert (found.after, found.elsewhere, found.spread) == (None, None, None)
    assert found.sentence == "Gradient found nothing."


def test_the_sentence_has_the_figures_and_their_comparison() -> None:
    found = hidden(patch_map(), draws=9)
    assert found.matters
    low, high = found.spread  # type: ignore[misc]
    assert found.sentence.startswith("Hiding the 6 % that Gradient marks drops cat from 93 % to 20 %; ")
    assert f"({round(100 * low)} % to {round(100 * high)} %)" in found.sentence
    assert found.short.startswith("Hiding its strongest 6 %: 93 % to 20 %; a random 6 %: ")


def test_seeds_repeat_and_differ() -> None:
    first, again, other = (hidden(patch_map(), seed=seed).elsewhere for seed in (0, 0, 1))
    assert np.array_equal(first, again)  # type: ignore[arg-type]
    assert not np.array_equal(first, other)  # type: ignore[arg-type]
    assert not first.flags.writeable  # type: ignore[union-attr]


def test_it_matters_only_if_no_random_place_costs_as_much() -> None:
    reference = hidden(patch_map())
    for elsewhere, matters in (((0.5, 0.9), True), ((0.1, 0.9), False), ((reference.after, 0.9), False)):
        assert replace(reference, elsewhere=np.array(elsewhere, np.float32)).matters is matters


@pytest.mark.parametrize("changed", [{"share": 0.0}, {"share": 0.6}, {"share": float("nan")}, {"draws": 0}])
def test_numbers_out_of_bounds_are_named(changed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(changed))):
        Tenth(asked(), **changed)


def test_on_a_real_photograph_the_marked_tenth_matters_and_the_same_shape_elsewhere_does_not(
    lite0: Classifier,
) -> None:
    from skimage import data

    grey = Picture.of(np.stack([data.camera()] * 3, axis=-1), "camera")
    hub = Hub(lambda key, device: lite0, lite0.device)
    tripod = lite0.labels.index("tripod")
    request = Explain("lite0", grey, Framing.AS_TRAINED, tripod, "gradcam", methods()["gradcam"].params())
    found = hub.run(Tenth(request))
    assert found.before > 0.9
    assert found.after < 0.4
    assert found.typical > 0.85
    assert found.matters
