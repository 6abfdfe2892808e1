"""Rank agreement against scipy, the consensus, and places in words."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from known import asked, marked
from scipy.stats import spearmanr

from xai_core.agreement import GRID, Agreement, agreement, spearman, strongest
from xai_core.explain import Explanation
from xai_core.picture import Picture

PICTURE = Picture.of(np.full((300, 400, 3), 90, np.uint8), "wide")
KEYS = ("gradient", "gradcam", "gradient_x_input", "smoothgrad", "occlusion")
grids = arrays(np.float32, (6, 6), elements=st.integers(0, 9).map(float))


def blob(x: float, y: float, radius: float = 0.15) -> np.ndarray:
    """A bump with its top at a share of the square."""
    rows, columns = (np.mgrid[0:GRID, 0:GRID] + 0.5) / GRID
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2)).astype(np.float32)


def noise(seed: int, side: int = GRID) -> np.ndarray:
    return np.random.default_rng(seed).random((side, side)).astype(np.float32)


def maps(*values: np.ndarray, signed: bool = False) -> list[Explanation]:
    requests = (asked(key, picture=PICTURE) for key in KEYS)
    return [marked(each, request, signed=signed) for each, request in zip(values, requests, strict=False)]


def compared(*values: np.ndarray, signed: bool = False) -> Agreement:
    return agreement(maps(*values, signed=signed))


@settings(max_examples=40, deadline=None)
@given(grids, grids)
def test_rank_correlation_is_scipys_and_symmetric_and_bounded(first: np.ndarray, second: np.ndarray) -> None:
    ours = spearman(first, second)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        assert ours is None
        return
    assert ours == pytest.approx(spearmanr(first.ravel(), second.ravel()).statistic, abs=1e-12)
    assert ours == spearman(second, first)
    assert -1 <= ours <= 1
    assert spearman(first, first) == pytest.approx(1, abs=1e-12)


def test_the_matrix_is_scipys_on_the_common_grid() -> None:
    values = [noise(0), blob(0.3, 0.4), noise(1) + blob(0.3, 0.4)]
    found = compared(*values)
    naive = spearmanr(np.stack([each.ravel() for each in values]).T).statistic
    assert np.allclose(found.matrix, naive, atol=1e-9)
    assert found.average == pytest.approx((naive[0, 1] + naive[0, 2] + naive[1, 2]) / 3)


def test_resolution_alone_does_not_make_maps_disagree() -> None:
    coarse = blob(0.4, 0.5)
    fine = coarse.repeat(8, axis=0).repeat(8, axis=1)
    assert compared(coarse, fine).matrix[0, 1] == pytest.approx(1, abs=1e-9)


def test_of_a_signed_map_what_speaks_against_does_not_count() -> None:
    bump = blob(0.4, 0.5)
    bump[bump < 0.1] = 0
    with_against = bump - 5 * (bump == 0)
    assert compared(bump, with_against, signed=True).matrix[0, 1] == pytest.approx(1, abs=1e-9)


def test_a_blank_map_is_undefined_and_never_zero() -> None:
    found = compared(blob(0.5, 0.5), np.zeros((7, 7)), blob(0.5, 0.5, 0.2))
    assert np.isnan(found.matrix[1]).all()
    assert np.isnan(found.matrix[:, 1]).all()
    assert found.matrix[0, 2] > 0.9
    assert found.undefined == ("", "Grad-CAM found nothing.", "")
    assert (found.overlaps[1], found.together[1]) == (None, None)
    assert found.consensus is not None


def test_a_signed_map_with_nothing_for_the_class_is_undefined_too() -> None:
    found = compared(blob(0.5, 0.5), -noise(0) - 1, signed=True)
    assert "marks no place that speaks for cat" in found.undefined[1]
    assert np.isnan(found.matrix[0, 1])


def test_without_any_map_nothing_is_claimed() -> None:
    for found in (compared(), compared(np.zeros((7, 7)), np.zeros((7, 7)))):
        assert found.consensus is None
        assert found.place == ""
        assert found.average is None


def test_methods_at_one_place_are_together_and_the_stray_one_is_not() -> None:
    found = compared(blob(0.3, 0.5), blob(0.32, 0.5), blob(0.3, 0.48, 0.2), blob(0.85, 0.1), noise(0))
    assert found.together == (True, True, True, False, False)
    assert found.overlaps[0] > 0.4 > 0.15 > found.overlaps[3]  # type: ignore[operator]
    assert found.place == "left of the middle"


def test_noise_is_rarely_together_with_noise() -> None:
    met = [
        each for seed in range(20) for each in compared(noise(3 * seed), noise(3 * seed + 1), noise(99 + seed)).together
    ]
    assert sum(met) <= 0.05 * len(met)  # type: ignore[arg-type]


def test_long_bands_that_touch_by_a_third_may_have_met_by_luck() -> None:
    bands = np.zeros((2, GRID, GRID), np.float32)
    bands[0, 10:13], bands[1, 12:15] = 1, 1
    found = compared(*bands)
    assert found.overlaps[0] == pytest.approx(1 / 3, abs=0.05)  # above the bound, but so are many shifted copies
    assert found.together == (False, False)


def test_a_faint_common_trace_in_noise_is_not_the_same_place() -> None:
    found = compared(noise(1) + 0.6 * noise(0), noise(2) + 0.6 * noise(0))
    assert 0.15 < found.overlaps[0] < 0.3  # type: ignore[operator]  # well beyond luck, but not a place
    assert found.together == (False, False)


def test_one_map_alone_has_a_place_but_no_company() -> None:
    found = compared(blob(0.8, 0.2))
    assert found.together == (None,)
    assert found.place == "towards the top right"
    assert found.average is None


def test_the_consensus_is_the_mean_of_stretched_ranks() -> None:
    found = compared(noise(0), noise(1))
    naive = np.zeros(GRID * GRID)
    for seed in (0, 1):
        for rank, at in enumerate(np.argsort(noise(seed).ravel())):
            naive[at] += rank / (GRID * GRID - 1) / 2
    assert np.allclose(found.consensus.ravel(), naive, atol=1e-6)  # type: ignore[union-attr]
    assert found.consensus.dtype == np.float32  # type: ignore[union-attr]
    assert not found.consensus.flags.writeable  # type: ignore[union-attr]
    assert not found.matrix.flags.writeable


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (0.5, 0.5, "around the middle"),
        (0.2, 0.5, "left of the middle"),
        (0.8, 0.5, "right of the middle"),
        (0.5, 0.2, "above the middle"),
        (0.5, 0.8, "below the middle"),
        (0.2, 0.8, "towards the bottom left"),
    ],
)
def test_places_are_told_in_words(x: float, y: float, words: str) -> None:
    assert compared(blob(x, y)).place == words


def test_two_distant_spots_are_several_places_and_not_the_middle_between_them() -> None:
    assert compared(blob(0.1, 0.1, 0.05) + blob(0.9, 0.9, 0.05)).place == "in several places"


def test_a_crop_at_the_left_of_the_picture_is_left_in_the_picture() -> None:
    [found] = maps(blob(0.5, 0.5))
    object.__setattr__(found, "box", (0.0, 0.0, 120.0, 300.0))
    assert agreement([found]).place == "left of the middle"


@settings(max_examples=100, deadline=None)
@given(grids, st.floats(0.05, 0.5))
def test_the_strongest_share_has_its_size_and_holds_the_strongest(grid: np.ndarray, share: float) -> None:
    member = strongest(grid, share)
    assert member.sum() == pytest.approx(min(share * grid.size, (grid > 0).sum()))
    assert member.min() >= 0
    assert member.max() <= 1 + 1e-12
    assert not member[grid == 0].any()
    if 0 < member.sum() < (grid > 0).sum():
        assert grid[member > 0].min() >= grid[member < 1].max()


def test_maps_of_different_classes_are_not_compared() -> None:
    one, two = (marked(noise(0), asked(target=target)) for target in (0, 1))
    with pytest.raises(ValueError, match="one picture"):
        agreement([one, two])


def test_a_page_may_compare_maps_and_write_sentences_without_torch() -> None:
    code = (
        "import sys, xai_core.agreement, xai_core.stability, xai_core.scores, xai_core.tenth, xai_core.sentence;"
        "assert not {'torch', 'streamlit', 'plotly'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
