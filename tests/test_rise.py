"""RISE against the paper's formula, with masks enlarged by scikit-image, and on a planted network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.transform import resize
from torch import Tensor, nn

from conftest import make_toy
from xai_core.classifier import Classifier
from xai_core.evidence import Evidence
from xai_core.framing import Framing, frame
from xai_core.methods.rise import Masks, RiseParams, rise
from xai_core.picture import Picture
from xai_core.progress import silent

CPU = torch.device("cpu")


def evidence(classifier: Classifier, picture: Picture, target: int = 1) -> Evidence:
    return Evidence(classifier, frame(picture.pixels, classifier.preprocess, Framing.WHOLE).square, target)


def enlarged(masks: Masks, index: int, side: int, cells: int) -> NDArray[np.float64]:
    """One mask by another hand: scikit-image's bilinear enlargement, then the shifted crop."""
    cell = int(np.ceil(side / cells))
    grid = masks.grids[index].numpy().astype(float)
    size = (cells + 1) * cell
    large = resize(grid, (size, size), order=1, mode="edge", anti_aliasing=False)
    down, across = masks.shifts[index].tolist()
    return large[down : down + side, across : across + side]


@pytest.mark.parametrize(("side", "cells"), [(32, 7), (224, 7), (33, 4)])
def test_masks_are_enlarged_grids_at_random_shifts(side: int, cells: int) -> None:
    masks = Masks(6, cells, 0.5, side, seed=3)
    made = masks(2, 6, CPU).numpy()
    for index in range(2, 6):
        np.testing.assert_allclose(made[index - 2], enlarged(masks, index, side, cells), atol=1e-5)


def test_equal_to_the_papers_formula(toy: Classifier, picture: Picture) -> None:
    params = RiseParams(masks=30, cells=5, visible=0.4, seed=2, from_lowest=False)
    seen = evidence(toy, picture)
    masks = Masks(30, 5, 0.4, 32, seed=2)
    expected = np.zeros((32, 32))
    for index in range(30):
        mask = enlarged(masks, index, 32, 5)
        with torch.no_grad():
            logits = toy.module(seen.x * torch.from_numpy(mask).float())[0].numpy().astype(float)
        outcome = np.exp(logits[seen.target]) / np.exp(logits).sum()
        expected += outcome * mask / (30 * 0.4)
    np.testing.assert_allclose(rise(seen, params, silent).values.numpy(), expected, rtol=1e-4)


def test_starting_at_the_lowest_value_shifts_the_map_and_nothing_else(toy: Classifier, picture: Picture) -> None:
    seen = evidence(toy, picture)
    plain = rise(seen, RiseParams(masks=30, from_lowest=False), silent).values
    shifted = rise(seen, RiseParams(masks=30), silent).values
    torch.testing.assert_close(shifted, plain - plain.min())
    assert float(shifted.min()) == 0


def test_cells_are_visible_as_often_as_asked() -> None:
    for visible in (0.1, 0.5, 0.9):
        assert abs(float(Masks(2000, 7, visible, 28, 0).grids.mean()) - visible) < 0.01


def test_shifts_reach_everywhere_in_a_cell_and_masks_stay_within_bounds() -> None:
    masks = Masks(3000, 7, 0.5, 32, 0)
    assert set(masks.shifts.flatten().tolist()) == set(range(5))
    made = masks(0, 64, CPU)
    assert made.shape == (64, 32, 32)
    assert made.min() >= 0
    assert made.max() <= 1 + 1e-6


def test_seeds_differ_and_repeat(toy: Classifier, picture: Picture) -> None:
    seen = evidence(toy, picture)
    maps = [rise(seen, RiseParams(masks=30, seed=seed), silent).values for seed in (0, 0, 1)]
    assert torch.equal(maps[0], maps[1])
    assert not torch.allclose(maps[0], maps[2])


class Corner(nn.Module):
    """The first class is likely while rows 0 to 9 and columns 20 to 31 stay bright."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((1,), 8.0))

    def forward(self, x: Tensor) -> Tensor:
        bright = x[:, :, :10, 20:].mean(dim=(1, 2, 3)) * self.scale
        return torch.stack([bright - 8, torch.zeros_like(bright)], dim=1)


def test_the_patch_that_counts_is_the_strongest() -> None:
    white = Picture.of(np.full((32, 32, 3), 255, np.uint8), "white")
    found = rise(evidence(make_toy(Corner(), cam_layer=""), white, 0), RiseParams(masks=600), silent).values
    row, column = divmod(int(found.argmax()), 32)
    assert row < 10
    assert column >= 20
    inside = torch.zeros(32, 32, dtype=torch.bool)
    inside[:10, 20:] = True
    assert found[inside].mean() > 2 * found[~inside].mean()


def test_the_note_names_the_colour_that_hiding_fades_to(toy: Classifier, picture: Picture) -> None:
    notes = rise(evidence(toy, picture), RiseParams(masks=30), silent).notes
    assert any("RGB 128, 128, 128" in note for note in notes)
    assert any("speckle" in note for note in notes)
