"""LIME against the lime package itself, and against a model that really is a sum over patches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from lime.lime_image import LimeImageExplainer
from numpy.typing import NDArray
from skimage.segmentation import quickshift
from sklearn.metrics import pairwise_distances
from torch import Tensor, nn

from conftest import make_toy
from xai_core.classifier import Classifier
from xai_core.details import Figure, Panel, Table
from xai_core.evidence import Evidence, Finding
from xai_core.framing import Framing, frame
from xai_core.methods.lime import LimeParams, lime
from xai_core.picture import Picture
from xai_core.progress import silent
from xai_core.segments import flattened, superpixels
from xai_core.surrogate import Surrogate, distances, draws

SLIC = LimeParams(samples=60, algorithm="slic", patches=12)


def evidence(classifier: Classifier, picture: Picture, target: int = 1) -> Evidence:
    return Evidence(classifier, frame(picture.pixels, classifier.preprocess, Framing.WHOLE).square, target)


def package(seen: Evidence, params: LimeParams, colour: int | None = None) -> NDArray[np.float64]:
    """The lime package's map for the same picture, patches and seed."""

    def probabilities(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        x = torch.cat([seen.classifier.encode(picture) for picture in pictures])
        with torch.no_grad():
            return seen.classifier.module(x).softmax(1).double().numpy()

    def patches(square: NDArray[np.uint8]) -> NDArray[np.int64]:
        return superpixels(square, params.algorithm, params.patches, params.seed)

    explained = LimeImageExplainer(random_state=params.seed).explain_instance(
        np.array(seen.square),
        probabilities,
        labels=(seen.target,),
        top_labels=None,
        hide_color=colour,
        num_samples=params.samples,
        segmentation_fn=patches,
        random_seed=params.seed,
    )
    weights = dict(explained.local_exp[seen.target])
    return np.vectorize(weights.get)(explained.segments).astype(float)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("target", [0, 3])
@pytest.mark.parametrize("colour", [None, 0])
def test_equal_to_the_lime_package_with_the_same_patches_and_masks(
    toy: Classifier, picture: Picture, seed: int, target: int, colour: int | None
) -> None:
    params = replace(SLIC, seed=seed, hide="mean of the patch" if colour is None else "black")
    seen = evidence(toy, picture, target)
    np.testing.assert_allclose(lime(seen, params, silent).values.numpy(), package(seen, params, colour), atol=1e-5)


def test_equal_to_the_lime_package_on_the_default_model(lite0: Classifier, coffee: Picture) -> None:
    seen = evidence(lite0, coffee, 967)
    params = LimeParams(samples=12)
    found = lime(seen, params, silent)
    np.testing.assert_allclose(found.values.numpy(), package(seen, params), atol=1e-5)
    assert len(np.unique(found.values)) > 10


def test_quickshift_gets_bytes_and_the_packages_settings(lite0: Classifier, coffee: Picture) -> None:
    square = evidence(lite0, coffee).square[56:168, 56:168]
    ours = superpixels(square, "quickshift", 50, seed=4)
    assert np.array_equal(ours, quickshift(square / 255.0, kernel_size=4, max_dist=200, ratio=0.2, rng=4))
    as_floats = quickshift(square.astype(float), kernel_size=4, max_dist=200, ratio=0.2, rng=4)
    assert as_floats.max() > 3 * ours.max()  # what bytes spare us


def test_the_seed_reaches_masks_and_patches(toy: Classifier, picture: Picture) -> None:
    flat = np.zeros((48, 48, 3), np.uint8)  # only chance can order pixels of equal colour
    flat[:, 24:] = 200
    assert not np.array_equal(superpixels(flat, "quickshift", 50, 0), superpixels(flat, "quickshift", 50, 1))
    seen = evidence(toy, picture)
    maps = [lime(seen, replace(SLIC, seed=seed), silent).values for seed in (0, 0, 1)]
    assert torch.equal(maps[0], maps[1])
    assert not torch.allclose(maps[0], maps[2])


def test_masks_hide_half_the_patches_and_the_first_sample_hides_none() -> None:
    visible = draws(2000, 20, seed=0)
    assert visible[0].all()
    assert abs(visible[1:].mean() - 0.5) < 0.01


def test_distances_are_scikit_learns_cosine() -> None:
    visible = draws(50, 9, seed=0)
    visible[5] = 0
    expected = pairwise_distances(visible, visible[:1], metric="cosine").ravel()
    np.testing.assert_allclose(distances(visible), expected, atol=1e-12)


def test_patches_are_numbered_without_gaps_and_painted_in_their_mean(picture: Picture) -> None:
    patches = superpixels(picture.pixels, "slic", 12, 0)
    assert np.array_equal(np.unique(patches), np.arange(patches.max() + 1))
    painted = flattened(picture.pixels, patches)
    for patch in np.unique(patches):
        assert painted[patches == patch].std(axis=0).max() == 0
        mean = picture.pixels[patches == patch].mean(axis=0)
        assert np.abs(painted[patches == patch][0] - mean).max() < 1


class Quadrants(nn.Module):
    """Probability of the first class: 0.5 + 0.02 x (brightness of each quadrant, weighed 3, -2, 1 and 0)."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor([3.0, -2.0, 1.0, 0.0]))

    def forward(self, x: Tensor) -> Tensor:
        bright = nn.functional.adaptive_avg_pool2d(x.mean(dim=1, keepdim=True), 2).flatten(1)
        chance = 0.5 + 0.02 * (bright @ self.weights)
        return torch.stack([chance.log(), (1 - chance).log()], dim=1)


def test_a_model_that_is_a_sum_over_patches_is_recovered() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 0]]], np.uint8)
    picture = Picture.of(colours.repeat(16, 0).repeat(16, 1), "four colours")
    seen = evidence(make_toy(Quadrants(), cam_layer=""), picture, 0)
    params = LimeParams(samples=3000, algorithm="slic", patches=4, hide="black")
    found = lime(seen, params, silent)
    # each pixel's share of the sum: how far it lies above black after (x - 0.5) / 0.25, averaged over channels
    above = seen.square.astype(float).mean(axis=2) / 255 / 0.25
    weights = np.array([[3.0, -2.0], [1.0, 0.0]]).repeat(16, 0).repeat(16, 1)
    shares = 0.02 * weights * above / 256
    patches = superpixels(seen.square, "slic", 4, params.seed)
    sums = np.bincount(patches.ravel(), shares.ravel())
    np.testing.assert_allclose(found.values.numpy(), sums[patches], atol=5e-3 * abs(sums).max())
    fit = next(detail for detail in found.details if isinstance(detail, Figure))
    assert fit.value == "1.00"


def test_the_table_lists_the_strongest_patches_for_the_target_first(toy: Classifier, picture: Picture) -> None:
    found = lime(evidence(toy, picture, 3), replace(SLIC, features=4, top_labels=3), silent)
    table = next(detail for detail in found.details if isinstance(detail, Table))
    assert table.columns[2] == "owl"
    assert len(table.columns) in (5, 6)
    assert len(table.rows) == 4
    strengths = [abs(float(row[2])) for row in table.rows]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] == pytest.approx(float(found.values.abs().max()), rel=0.05)


def cut_out(toy: Classifier, picture: Picture, params: LimeParams) -> NDArray[np.uint8]:
    details = lime(evidence(toy, picture), params, silent).details
    return [detail for detail in details if isinstance(detail, Panel)][1].pixels


def test_hiding_the_rest_paints_it_black_and_both_signs_are_tinted(toy: Classifier, picture: Picture) -> None:
    square = evidence(toy, picture).square
    shown = cut_out(toy, picture, replace(SLIC, features=2, hide_rest=True))
    assert (shown == 0).all(axis=2).mean() > 0.3
    kept = cut_out(toy, picture, replace(SLIC, features=2))
    assert (kept == square).all(axis=2).mean() > 0.5
    tinted = cut_out(toy, picture, replace(SLIC, features=12, positive_only=False))
    assert ((tinted[..., 0] == square.max()) | (tinted[..., 1] == square.max())).mean() > 0.5


def figures(found: Finding) -> list[Figure]:
    return [detail for detail in found.details if isinstance(detail, Figure)]


@pytest.mark.parametrize("level", [0, 127, 255])
@pytest.mark.parametrize("algorithm", ["quickshift", "slic"])
def test_a_picture_of_one_colour_gets_zeros_a_note_and_no_fit(toy: Classifier, level: int, algorithm: str) -> None:
    plain = Picture.of(np.full((40, 40, 3), level, np.uint8), "plain")
    found = lime(evidence(toy, plain), replace(SLIC, algorithm=algorithm), silent)
    assert not found.values.any()
    assert any("means little" in note for note in found.notes)
    assert not figures(found)


def test_fewer_than_three_patches_hide_the_fit() -> None:
    halves = np.zeros((8, 8), np.int64)
    halves[:, 4:] = 1
    outcomes = np.random.default_rng(0).random((20, 2))
    fitted = Surrogate(np.zeros((8, 8, 3), np.uint8), halves, draws(20, 2, 0), outcomes)
    assert "2 patches" in fitted.degenerate(0)
    assert fitted.weights(0).any()
