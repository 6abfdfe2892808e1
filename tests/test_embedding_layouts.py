"""Layouts: planted clusters stay together, progress is told, a stopped one is kept, new rows find their place."""

from __future__ import annotations

import numpy as np
import pytest
from openTSNE import TSNE
from planted_maps import planted, prepared
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.neighbors import NearestNeighbors

from xai_core.embedding import checks, tsne
from xai_core.embedding.layouts import lay_out
from xai_core.embedding.placing import transformed
from xai_core.embedding.settings import Settings, layouts, offered, usual
from xai_core.errors import UnusableData
from xai_core.progress import Cancelled

QUICK = {"perplexity": 15.0, "early": 100, "iterations": 150}
ROWS, CLOUD = planted()
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


def test_a_perplexity_from_the_number_of_pictures_on_is_refused_with_the_largest_possible() -> None:
    with pytest.raises(UnusableData, match=r"needs more than 30 different pictures, and these are 30. Set it to 10"):
        lay_out(REDUCED[:30], Settings())
    small = lay_out(REDUCED[:31], Settings(early=0, iterations=10))
    assert small.perplexity == 10
    assert small.notes == (
        "A perplexity of 30 needs 91 different pictures; with 31 the largest possible was used, 10.0.",
    )


def test_a_layout_that_runs_away_is_refused_and_not_shown() -> None:
    with pytest.raises(UnusableData, match="t-SNE came out infinite"):
        checks.checked(np.array([[0.0, np.nan]]), Settings())
    with pytest.raises(UnusableData, match="on one point"):
        checks.checked(np.zeros((20, 2)), Settings())


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
