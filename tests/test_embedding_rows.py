"""Rows before they are laid out: refused where nothing can be drawn, each once, and by their components."""

from __future__ import annotations

import numpy as np
import pytest
from planted_maps import planted, prepared
from sklearn.decomposition import PCA

from xai_core.embedding.checks import distinct
from xai_core.embedding.reduce import reduce
from xai_core.errors import UnusableData

ROWS, _ = planted()
REDUCED = prepared(ROWS)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (ROWS[:9], "needs at least 10 pictures, and there are 9"),
        (ROWS[:0], "there are 0"),
        (ROWS[:, :1], "a single number of each picture"),
        (np.where(np.arange(40) == 3, np.nan, ROWS), "Of 120 of 120 pictures"),
        (np.where(np.arange(120)[:, None] == 5, np.inf, ROWS), "Of 1 of 120 pictures"),
        (np.ones((50, 8), np.float32), "all 50 pictures look the same"),
        (np.zeros((50, 8), np.float32), "all 50 pictures look the same"),
        (np.full((50, 8), 1e30, np.float32), "all 50 pictures look the same"),
        (1 + 1e-8 * ROWS, "all 120 pictures look the same"),
        (np.repeat(ROWS[:4], 20, axis=0), "only 4 look different"),
        (np.concatenate([1e-30 * ROWS, np.full((1, 40), 1e30)]), "only 2 look different"),
    ],
    ids=["nine", "none", "one feature", "NaN", "infinity", "ones", "zeros", "1e30", "rounding", "four", "outlier"],
)
def test_what_ends_a_process_elsewhere_is_refused_in_words(rows: np.ndarray, words: str) -> None:
    with pytest.raises(UnusableData, match=words) as caught:
        distinct(rows.astype(np.float32))
    assert str(caught.value).rstrip(".").count(". ") == 1 or "Choose" in str(caught.value)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_the_size_of_the_numbers_does_not_matter(scale: float) -> None:
    huge = (ROWS.astype(np.float64) / np.abs(ROWS).max() * scale).astype(np.float32)
    np.testing.assert_allclose(prepared(huge), REDUCED, atol=1e-3)


def test_rows_that_are_the_same_take_part_once() -> None:
    rows = np.concatenate([ROWS, ROWS[[7, 7, 3]]])
    rows[:, 5] = 0
    rows[-1, 5] = -0.0
    found = distinct(rows)
    assert len(found.rows) == len(ROWS)
    np.testing.assert_array_equal(found.twins, [*range(len(ROWS)), 7, 7, 3])
    np.testing.assert_allclose(found.apply(rows), found.rows[found.of], atol=1e-6)


@pytest.mark.parametrize("features", [40, 2100], ids=["solved", "approached"])
def test_the_components_are_those_of_scikit_learn_and_project_new_rows(features: int) -> None:
    noise = np.random.default_rng(1).normal(size=(len(ROWS), features), scale=1e-3)
    rows = (np.tile(ROWS, (1, -(-features // 40)))[:, :features] + 3.0 + noise).astype(np.float32)
    found = distinct(rows)
    reduced, projection = reduce(found.rows, found.centre, found.scale)
    theirs = PCA(min(features, 50), svd_solver="full").fit(rows.astype(np.float64))
    assert projection.components.shape == theirs.components_.shape
    np.testing.assert_allclose(projection.explained, theirs.explained_variance_ratio_, atol=1e-4)
    np.testing.assert_allclose(reduced[:, :3], theirs.transform(rows)[:, :3] / found.scale, atol=1e-3)
    np.testing.assert_allclose(projection.apply(rows), reduced, atol=1e-5)
