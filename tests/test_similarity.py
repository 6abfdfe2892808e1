"""Four measures against scipy, scikit-image and the formulas; what is undefined; and the floor of unrelated maps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.stats import spearmanr
from skimage.feature import hog
from skimage.filters import sobel
from skimage.metrics import structural_similarity

from xai_core.picture import Picture
from xai_core.resample import resample
from xai_core.similarity import MEASURES, RANKS, Prepared, floor, normalised

Floats = NDArray[np.float32]
KINDS = ("Gaussian", "Laplace", "heavy-tailed")
KEYS = [measure.key for measure in MEASURES]


def noise(seed: int, side: int = 48, kind: str = "Gaussian") -> Floats:
    rng, size = np.random.default_rng(seed), (side, side)
    drawn = {
        "Gaussian": rng.normal,
        "Laplace": rng.laplace,
        "heavy-tailed": lambda size: rng.standard_t(3, size=size),
    }[kind](size=size)
    return drawn.astype(np.float32)


def tied(seed: int, side: int = 48) -> Floats:
    """Few values, many zeros: like the map of a method that stops at every ReLU."""
    return np.random.default_rng(seed).integers(-2, 3, (side, side)).astype(np.float32)


def scores(first: Floats, second: Floats, side: int = 48) -> dict[str, float]:
    found = Prepared.of(first, side).compare(Prepared.of(second, side))
    return dict(zip(KEYS, found.tolist(), strict=True))


def beyond(score: NDArray[np.float64], band: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far outside the band each measure is, in widths of the band; 0 inside."""
    low, high = band.T
    return np.maximum(np.maximum(low - score, score - high), 0) / (high - low)


def test_verdicts_use_the_ranks_without_sign() -> None:
    assert KEYS[RANKS] == "ranks"
    assert len(set(KEYS)) == len(KEYS) == 4


@pytest.mark.parametrize("side", [7, 48, 224])
@pytest.mark.parametrize("make", [noise, tied, lambda seed, side: np.abs(noise(seed, side))])
def test_a_map_with_itself_is_one_in_every_measure(make, side: int) -> None:
    values = make(0, side)
    assert list(scores(values, values, 224).values()) == pytest.approx([1.0] * 4, abs=1e-6)


def test_a_map_with_its_own_negative_is_the_same_but_for_the_sign() -> None:
    found = scores(noise(0), -noise(0))
    assert found["signed_ranks"] == pytest.approx(-1, abs=1e-9)
    assert [found[key] for key in ("ranks", "ssim", "hog")] == pytest.approx([1.0] * 3, abs=1e-6)


@pytest.mark.parametrize("value", [0.0, 3.0, -0.1])
def test_a_constant_map_is_undefined_on_either_side_and_never_0_or_1(value: float) -> None:
    blank = np.full((7, 7), value, np.float32)
    for first, second in [(blank, noise(0)), (noise(0), blank), (blank, blank)]:
        assert np.isnan(list(scores(first, second).values())).all()
    assert np.isnan(floor(blank, 48)).all()


def test_a_map_that_is_equally_strong_everywhere_keeps_its_sign_alone() -> None:
    signs = np.sign(noise(0))
    found = scores(signs, noise(1))
    assert np.isfinite(found.pop("signed_ranks"))
    assert np.isnan(list(found.values())).all()
    defined = np.isfinite(floor(signs, 48))
    assert defined.tolist() == [[key == "signed_ranks"] * 2 for key in KEYS]


@pytest.mark.parametrize("make", [noise, tied])
def test_rank_correlations_are_scipys_ties_included(make) -> None:
    first, second = make(0), make(1) + make(0)
    a, b = normalised(first), normalised(second)
    found = scores(first, second)
    assert found["ranks"] == pytest.approx(spearmanr(np.abs(a).ravel(), np.abs(b).ravel()).statistic, abs=1e-12)
    assert found["signed_ranks"] == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic, abs=1e-12)


def by_formula(first: Floats, second: Floats) -> float:
    """Wang 2004, equation 13, over every window of 5 x 5 that lies inside."""
    total = []
    for a, b in zip(
        *(sliding_window_view(x.astype(float), (5, 5)).reshape(-1, 25) for x in (first, second)), strict=True
    ):
        (var_a, cov), (_, var_b) = np.cov(a, b)
        light = (2 * a.mean() * b.mean() + 0.01**2) / (a.mean() ** 2 + b.mean() ** 2 + 0.01**2)
        total.append(light * (2 * cov + 0.03**2) / (var_a + var_b + 0.03**2))
    return float(np.mean(total))


@pytest.mark.parametrize("kind", KINDS)
def test_ssim_is_the_formulas_and_scikit_images_on_strengths(kind: str) -> None:
    first, second = noise(0, kind=kind), noise(0, kind=kind) + noise(1, kind=kind)
    a, b = np.abs(normalised(first)), np.abs(normalised(second))
    found = scores(first, second)["ssim"]
    assert found == pytest.approx(by_formula(a, b), abs=1e-9)
    peer = structural_similarity(a.astype(float), b.astype(float), win_size=5, data_range=1.0)
    assert found == pytest.approx(peer, abs=1e-9)


@pytest.mark.parametrize("side", [128, 224, 299])
@pytest.mark.parametrize("kind", KINDS)
def test_edges_are_scikit_images_descriptor_and_pearsons_r(kind: str, side: int) -> None:
    first, second = noise(0, side, kind), noise(0, side, kind) + noise(1, side, kind)
    cell = {128: 8, 224: 14, 299: 19}[side]

    def described(values: Floats) -> NDArray[np.float64]:
        strength = resample(np.abs(normalised(values)), (16 * cell, 16 * cell))
        found = hog(strength, 9, (cell, cell), (3, 3), block_norm="L2-Hys")
        assert found.shape == (14 * 14 * 3 * 3 * 9,)
        return found

    expected = np.corrcoef(described(first), described(second))[0, 1]
    assert scores(first, second, side)["hog"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("factor", [1e-8, 0.5, 3.7, 1e6])
def test_scaling_a_map_changes_nothing(factor: float) -> None:
    first, second = noise(0), noise(0) + noise(1)
    scaled = (first * np.float32(factor)).astype(np.float32)
    assert list(scores(scaled, second).values()) == pytest.approx(list(scores(first, second).values()), abs=1e-4)


def test_one_glaring_pixel_decides_nothing() -> None:
    first, second = noise(0), noise(0) + noise(1)
    glaring = first.copy()
    glaring[20, 30] = 1e6
    before, after = scores(first, second), scores(glaring, second)
    assert list(after.values()) == pytest.approx(list(before.values()), abs=0.02)
    unclipped = structural_similarity(glaring / glaring.max(), second / second.max(), win_size=5, data_range=1.0)
    assert abs(unclipped - before["ssim"]) > 0.2


def test_maps_of_different_resolution_meet_at_one_size() -> None:
    coarse = noise(0, 7)
    assert list(scores(coarse, resample(coarse, (96, 96)), 96).values()) == pytest.approx([1.0] * 4, abs=1e-6)


@pytest.mark.parametrize("side", [7, 28, 224])
@pytest.mark.parametrize("kind", KINDS)
def test_two_unrelated_noise_maps_lie_inside_the_floor(kind: str, side: int) -> None:
    pairs = [(noise(2 * i, side, kind), noise(2 * i + 1, side, kind)) for i in range(4)]
    shown = max(side, 112)
    found = np.array([Prepared.of(a, shown).compare(Prepared.of(b, shown)) for a, b in pairs])
    bands = np.array([floor(a, shown) for a, _ in pairs])
    assert not beyond(found.mean(axis=0), bands.mean(axis=0)).any()
    # the band holds 95 % of its own draws: a single pair may lie a whisker outside
    assert max(beyond(score, band).max() for score, band in zip(found, bands, strict=True)) < 0.8


def test_what_is_related_lies_far_above_the_floor(coffee: Picture) -> None:
    edges = sobel(coffee.pixels[:224, :224].mean(axis=2)).astype(np.float32)
    shaken = edges + np.float32(edges.std() / 4) * noise(1, 224)
    found = Prepared.of(edges, 224).compare(Prepared.of(shaken, 224))
    assert (found > floor(edges, 224)[:, 1] + 0.1).all()


def test_the_floor_is_reproducible_and_another_seed_gives_nearly_the_same() -> None:
    values = noise(0)
    assert np.array_equal(floor(values, 48), floor(values, 48))
    other = floor(values, 48, seed=1)
    assert not np.array_equal(floor(values, 48), other)
    assert np.abs(floor(values, 48) - other).max() < 0.05


def test_the_floor_of_a_coarse_map_is_wider_than_that_of_noise_and_holds() -> None:
    coarse, fine = floor(noise(0, 7), 112), floor(noise(0, 112), 112)
    assert (np.ptp(coarse, axis=1) > 1.5 * np.ptp(fine, axis=1)).all()
    inside = []
    for seed in range(8):
        band, own = floor(noise(seed, 7), 112), Prepared.of(noise(seed, 7), 112)
        for other in range(100, 116):
            inside.append(beyond(own.compare(Prepared.of(noise(other + 16 * seed, 7), 112)), band) == 0)
    # of the range that 24 draws span, 95 % is about 0.89 of all there are
    assert (np.mean(inside, axis=0) > 0.8).all()


def test_the_floor_never_compares_a_map_with_itself() -> None:
    assert max(floor(noise(seed, 3), 48)[RANKS, 1] for seed in range(6)) < 0.9


def test_the_floor_knows_that_a_pattern_which_repeats_is_alike_wherever_it_is_moved() -> None:
    rows, columns = np.mgrid[0:64, 0:64]
    stripes = np.sin((rows + columns) * np.pi / 4).astype(np.float32)
    low, high = floor(stripes, 64)[KEYS.index("hog")]
    assert high > 0.9
    assert low < 0.5  # mirrored, its edges run the other way


@pytest.mark.parametrize("shape", [(2, 2), (1, 8), (3, 5)])
def test_the_smallest_maps_have_a_floor_too(shape: tuple[int, int]) -> None:
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    assert np.isfinite(floor(values, 56)).all()
