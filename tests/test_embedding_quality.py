"""How well a layout keeps neighbours is what scikit-learn and the papers' formulas say."""

from __future__ import annotations

import numpy as np
import pytest
from planted_maps import planted
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from xai_core.embedding.distances import nearest
from xai_core.embedding.quality import quality

ROWS, _ = planted()


def test_the_nearest_rows_are_those_of_scikit_learn() -> None:
    theirs = NearestNeighbors(n_neighbors=10).fit(ROWS).kneighbors(return_distance=False)
    np.testing.assert_array_equal(nearest(ROWS - ROWS.mean(0), 10), theirs)


def by_the_formula(rows: np.ndarray, points: np.ndarray, k: int) -> tuple[float, float]:
    """Continuity and the share kept, picture by picture, from whole rankings (Venna & Kaski 2001)."""
    n, lost, kept = len(rows), 0, 0
    for i in range(n):
        rank = [np.argsort(np.argsort(np.linalg.norm(each - each[i], axis=1))) for each in (rows, points)]
        near, shown = ({*np.flatnonzero((each >= 1) & (each <= k))} for each in rank)
        lost += sum(int(rank[1][j]) - k for j in near - shown)
        kept += len(near & shown)
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * lost, kept / (n * k)


@pytest.mark.parametrize("k", [1, 5, 10])
def test_quality_is_that_of_scikit_learn_and_of_the_formula(k: int) -> None:
    draws = np.random.default_rng(1)
    rows = draws.normal(size=(90, 12)).astype(np.float32)
    points = (rows[:, :2] + 0.4 * draws.normal(size=(90, 2))).astype(np.float32)
    found = quality(rows, points, k)
    assert found.trustworthiness == pytest.approx(trustworthiness(rows, points, n_neighbors=k), abs=1e-12)
    assert (found.continuity, found.kept) == pytest.approx(by_the_formula(rows, points, k), abs=1e-12)
    assert (found.chance, found.nearest, found.of) == (k / 89, k, 90)
    perfect = quality(rows, rows, k)
    assert (perfect.trustworthiness, perfect.continuity, perfect.kept) == (1, 1, 1)


def test_of_many_pictures_a_sample_is_looked_at_among_all() -> None:
    draws = np.random.default_rng(2)
    rows = draws.normal(size=(600, 8)).astype(np.float32)
    whole, some = quality(rows, rows[:, :2]), quality(rows, rows[:, :2], sample=300)
    assert (some.looked_at, some.of) == (300, 600)
    assert some.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.02)
    assert some.kept == pytest.approx(whole.kept, abs=0.02)
    assert some.kept != whole.kept
