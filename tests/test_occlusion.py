"""Occlusion against Captum's, and against what is known of a planted network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import Occlusion
from torch import Tensor, nn

from conftest import make_toy
from xai_core.classifier import Classifier
from xai_core.evidence import Evidence
from xai_core.fills import FILLS, as_pixels, filled
from xai_core.framing import Framing, frame
from xai_core.methods.occlusion import OcclusionParams, bands, occlusion, starts
from xai_core.picture import Picture
from xai_core.progress import silent


def evidence(classifier: Classifier, picture: Picture, target: int = 1) -> Evidence:
    return Evidence(classifier, frame(picture.pixels, classifier.preprocess, Framing.WHOLE).square, target)


def captum(seen: Evidence, params: OcclusionParams) -> Tensor:
    """Captum adds up what each channel's share of the window gets; the window here spans all three channels."""
    hidden = filled(seen.classifier, seen.x, params.fill)

    def outcome(x: Tensor) -> Tensor:
        logits = seen.classifier.module(x)
        return logits.softmax(1) if params.measure == "probability" else logits

    with torch.no_grad():
        shares = Occlusion(outcome).attribute(
            seen.x.contiguous(),
            sliding_window_shapes=(3, params.window, params.window),
            strides=(3, params.stride, params.stride),
            baselines=hidden.contiguous(),
            target=seen.target,
            perturbations_per_eval=8,
        )
    return shares[0, 0]


def difference(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize(("window", "stride"), [(8, 8), (8, 4), (10, 6), (12, 10), (32, 2)])
@pytest.mark.parametrize("measure", ["probability", "score"])
def test_equal_to_captum_with_the_same_windows(
    toy: Classifier, picture: Picture, window: int, stride: int, measure: str
) -> None:
    params = OcclusionParams(window=window, stride=stride, measure=measure)
    seen = evidence(toy, picture)
    found = occlusion(seen, params, silent).values
    assert found.shape == (32, 32)
    assert difference(found, captum(seen, params)) < 1e-4


@pytest.mark.parametrize("fill", FILLS)
def test_equal_to_captum_with_every_fill(toy: Classifier, picture: Picture, fill: str) -> None:
    params = OcclusionParams(window=8, stride=6, fill=fill)
    seen = evidence(toy, picture)
    assert difference(occlusion(seen, params, silent).values, captum(seen, params)) < 1e-4


def test_equal_to_captum_on_the_default_model(lite0: Classifier, coffee: Picture) -> None:
    params = OcclusionParams(window=80, stride=72, measure="score")
    seen = evidence(lite0, coffee, 967)
    assert difference(occlusion(seen, params, silent).values, captum(seen, params)) < 1e-4


class Patch(nn.Module):
    """Two classes; the first one's score is the brightness of rows 8 to 15 and columns 20 to 27."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        bright = x[:, :, 8:16, 20:28].mean(dim=(1, 2, 3)) * self.scale
        return torch.stack([bright, -bright], dim=1)


def test_the_only_patch_that_counts_is_found() -> None:
    white = Picture.of(np.full((32, 32, 3), 255, np.uint8), "white")
    seen = evidence(make_toy(Patch(), cam_layer=""), white, 0)
    found = occlusion(seen, OcclusionParams(window=4, stride=4, fill="black"), silent).values
    inside = torch.zeros(32, 32, dtype=torch.bool)
    inside[8:16, 20:28] = True
    assert found[~inside].abs().max() == 0
    assert found[inside].min() > 0
    assert found[inside].max() - found[inside].min() < 1e-6


def test_a_class_that_a_patch_speaks_against_gets_negative_values() -> None:
    white = Picture.of(np.full((32, 32, 3), 255, np.uint8), "white")
    seen = evidence(make_toy(Patch(), cam_layer=""), white, 1)
    assert occlusion(seen, OcclusionParams(window=4, stride=4, fill="black"), silent).values.min() < 0


@pytest.mark.parametrize("side", [32, 33, 47, 224])
@pytest.mark.parametrize(("window", "stride"), [(8, 8), (10, 4), (6, 20), (30, 30), (224, 2)])
def test_every_pixel_is_covered_by_some_window(side: int, window: int, stride: int) -> None:
    covers = bands(side, window, stride).sum(0)
    assert covers.min() >= 1
    assert len(starts(side, window, stride)) == len(bands(side, window, stride))


def test_a_stride_longer_than_the_window_is_shortened_and_said_so(toy: Classifier, picture: Picture) -> None:
    seen = evidence(toy, picture)
    long = occlusion(seen, OcclusionParams(window=8, stride=20), silent)
    assert torch.equal(long.values, occlusion(seen, OcclusionParams(window=8, stride=8), silent).values)
    assert any("skipped" in note for note in long.notes)


@pytest.mark.parametrize(("fill", "colour"), [("black", 0), ("grey", 128), ("white", 255)])
def test_fills_have_the_colour_their_name_says_whatever_the_model_subtracts(
    toy: Classifier, lite0: Classifier, picture: Picture, fill: str, colour: int
) -> None:
    for classifier in (toy, lite0):
        pixels = as_pixels(classifier, filled(classifier, evidence(classifier, picture).x, fill))
        assert np.unique(pixels).tolist() == [colour]


def test_the_mean_colour_is_the_pictures_own(toy: Classifier, picture: Picture) -> None:
    seen = evidence(toy, picture)
    pixels = as_pixels(toy, filled(toy, seen.x, "mean colour"))
    assert np.abs(pixels.astype(float) - seen.square.mean(axis=(0, 1))).max() <= 0.51
