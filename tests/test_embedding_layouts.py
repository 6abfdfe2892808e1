"""Layouts and their figures: planted clusters stay together, refusals come first, quality is what the papers say."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from openTSNE import TSNE
from planted_maps import planted
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.neighbors import NearestNeighbors
from tqdm import tqdm
from tqdm.std import TqdmDefaultWriteLock

from xai_core.embedding import checks, tsne, umap_layout
from xai_core.embedding.checks import distinct
from xai_core.embedding.distances import nearest
from xai_core.embedding.layouts import lay_out
from xai_core.embedding.placing import transformed
from xai_core.embedding.quality import quality
from xai_core.embedding.reduce import reduce
from xai_core.embedding.settings import Settings, layouts, offered, usual
from xai_core.errors import UnusableData
from xai_core.progress import Cancelled

QUICK = {"perplexity": 15.0, "early": 100, "iterations": 150}
ROWS, CLOUD = planted()


def prepared(rows: np.ndarray) -> np.ndarray:
    found = distinct(rows)
    return reduce(found.rows, found.centre, found.scale)[0]


REDUCED = prepared(ROWS)

EVERY = [
    Settings(layout="pca"),
    Settings(**QUICK),
    Settings(**QUICK, initialisation="random"),
    Settings(**QUICK, initialisation="spectral"),
    Settings(library="scikit-learn", perplexity=15.0, iterations=50),
]


@pytest.mark.parametrize("settings", EVERY, ids=lambda each: f"{each.layout} {each.library} {each.initialisation}")
def test_planted_clusters_stay_together_and_the_same_seed_gives_the_same_map(settings: Settings) -> None:
    found = lay_out(REDUCED, settings)
    assert found.points.shape == (len(ROWS), 2)
    assert silhouette_score(found.points, CLOUD) > 0.5
    np.testing.assert_array_equal(found.points, lay_out(REDUCED, settings).points)
    if settings.layout == "tsne":
        near = NearestNeighbors(n_neighbors=1).fit(found.points).kneighbors(return_distance=False)[:, 0]
        assert adjusted_rand_score(CLOUD, CLOUD[near]) > 0.95


def test_another_seed_gives_another_map() -> None:
    first, second = (lay_out(REDUCED, Settings(**QUICK, initialisation="random", seed=seed)).points for seed in (1, 2))
    assert np.abs(first - second).max() > 0.1


def test_the_layout_is_what_opentsne_itself_makes_of_the_rows() -> None:
    theirs = TSNE(
        perplexity=15, neighbors="exact", early_exaggeration_iter=100, n_iter=150, random_state=42, n_jobs=1
    ).fit(REDUCED, initialization=tsne.start(REDUCED, Settings(), None))
    np.testing.assert_allclose(lay_out(REDUCED, Settings(**QUICK)).points, theirs, atol=1e-4)


def test_progress_tells_the_phase_and_the_step() -> None:
    told: list[tuple[float, str]] = []
    lay_out(REDUCED, Settings(**QUICK), progress=lambda share, note: told.append((share, note)))
    notes = [note for _, note in told]
    assert "pulling neighbours together, step 100 of 100" in notes
    assert notes[-1] == "spreading out, step 150 of 150"
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_enough_keeps_the_layout_and_fewer_iterations_draw_the_very_same_one() -> None:
    seen: list[np.ndarray] = []

    def watch(points: np.ndarray) -> bool:
        seen.append(points.copy())
        return len(seen) == 13

    cut = lay_out(REDUCED, Settings(**QUICK), watch)
    assert (cut.iterations, cut.complete) == (129, False)
    assert cut.notes == ("You stopped this layout after 129 of 250 iterations; more would move points on.",)
    np.testing.assert_array_equal(cut.points, seen[-1].astype(np.float32))
    again = lay_out(REDUCED, Settings(perplexity=15.0, early=100, iterations=29))
    np.testing.assert_array_equal(cut.points, again.points)


def test_enough_while_neighbours_are_still_exaggerated_is_said() -> None:
    cut = lay_out(REDUCED, Settings(**QUICK), lambda _: True)
    assert cut.iterations == 9
    assert cut.notes == (
        "You stopped this layout after 9 of 250 iterations, still exaggerated; more would move points on.",
    )


def test_stop_comes_through() -> None:
    def stop(share: float, note: str) -> None:
        if "step" in note:
            raise Cancelled

    with pytest.raises(Cancelled):
        lay_out(REDUCED, Settings(**QUICK), progress=stop)


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


def test_a_perplexity_from_the_number_of_pictures_on_is_refused_with_the_largest_possible() -> None:
    with pytest.raises(UnusableData, match=r"needs more than 30 different pictures, and these are 30. Set it to 10"):
        lay_out(REDUCED[:30], Settings())
    small = lay_out(REDUCED[:31], Settings(early=0, iterations=10))
    assert small.perplexity == 10
    assert small.notes == (
        "A perplexity of 30 needs 91 different pictures; with 31 the largest possible was used, 10.0.",
    )


def test_umap_with_more_neighbours_than_pictures_is_refused() -> None:
    with pytest.raises(UnusableData, match="these are 12"):
        checks.umap_neighbours(Settings(layout="umap"), 12)


def test_umap_where_it_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(umap_layout, "find_spec", lambda _: None)
    with pytest.raises(UnusableData, match="pip install umap-learn"):
        lay_out(REDUCED, Settings(layout="umap"))


@pytest.mark.parametrize("ended_by", ["stop", "enough", "epochs", "nobody"])
def test_umaps_progress_bar_tells_every_tenth_epoch_and_ends_it_when_asked(ended_by: str) -> None:
    told: list[str] = []
    moving = np.zeros((3, 2), np.float32)
    seen: list[float] = []

    def progress(share: float, note: str) -> None:
        told.append(note)
        if ended_by == "stop" and share == 0.5:
            raise Cancelled

    def watch(points: np.ndarray) -> bool:
        seen.append(float(points[0, 0]))
        return ended_by == "enough" and len(seen) == 2

    file = umap_layout.Bar(moving, 40, 20 if ended_by == "epochs" else 0, watch, progress, tqdm.get_lock())
    ends = {"stop": Cancelled, "nobody": None}.get(ended_by, umap_layout.Enough)
    with pytest.raises(ends) if ends else contextlib.nullcontext():
        for _ in tqdm(range(40), file=file, **umap_layout.BAR):
            moving += 1
    assert file.made == (40 if ended_by == "nobody" else 20)
    assert told[:2] == ["pulling neighbours together, step 10 of 40", "pulling neighbours together, step 20 of 40"]
    assert len(told) == (4 if ended_by == "nobody" else 2)
    assert seen == {"stop": [10], "nobody": [10, 20, 30]}.get(ended_by, [10, 20])
    with ThreadPoolExecutor(1) as other:  # whatever ended it, bars of other threads go on
        assert other.submit(TqdmDefaultWriteLock.th_lock.acquire, blocking=False).result()
        other.submit(TqdmDefaultWriteLock.th_lock.release).result()


def test_a_layout_that_runs_away_is_refused_and_not_shown() -> None:
    with pytest.raises(UnusableData, match="t-SNE came out infinite"):
        checks.checked(np.array([[0.0, np.nan]]), Settings())
    with pytest.raises(UnusableData, match="on one point"):
        checks.checked(np.zeros((20, 2)), Settings())


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


def test_a_new_row_is_placed_as_opentsne_places_it_and_the_map_stays() -> None:
    known, new = REDUCED[:-6], REDUCED[-6:]
    theirs = TSNE(perplexity=15, neighbors="exact", early_exaggeration_iter=100, n_iter=150, random_state=42).fit(known)
    points = np.asarray(theirs, np.float32) + 5
    before = points.copy()
    placed = transformed(known, points, new)
    np.testing.assert_array_equal(points, before)
    middle = (before.max(0) + before.min(0)) / 2
    np.testing.assert_allclose(placed - middle, theirs.transform(new), atol=1e-3)
    near = NearestNeighbors(n_neighbors=5).fit(points).kneighbors(placed, return_distance=False)
    assert (CLOUD[:-6][near] == CLOUD[-6:, None]).mean() > 0.95


def test_settings_that_mean_nothing_for_a_layout_are_not_offered() -> None:
    assert [each.name for each in offered(Settings(layout="pca"))] == []
    assert "early" in {each.name for each in offered(usual())}
    assert "early" not in {each.name for each in offered(usual("tsne", "scikit-learn"))}
    assert {each.name for each in offered(Settings(layout="umap"))} == {"umap_neighbours", "umap_distance", "seed"}
    assert layouts()[:2] == ("tsne", "pca")
    with pytest.raises(ValueError, match="perplexity must lie in"):
        Settings(perplexity=1.0)
