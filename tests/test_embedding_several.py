"""Several maps side by side: turned alike without a neighbour changed, how far they agree, and what stays together."""

from __future__ import annotations

import numpy as np
import pytest
from planted_maps import made
from scipy.linalg import orthogonal_procrustes
from sklearn.neighbors import NearestNeighbors

from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.request import DrawMap, Source
from xai_core.embedding.settings import Settings
from xai_core.embedding.several import (
    Agreement,
    Cohesion,
    agreement,
    aligned,
    cohesion,
    map_neighbours,
    together,
    variants,
)
from xai_core.embedding.several_words import agree, called, stay

DRAWS = np.random.default_rng(0)
CLOUDS = np.repeat(np.arange(4), 25)
CLOUD = DRAWS.permutation(CLOUDS)
CENTRES = np.array([[0, 0], [9, 0], [0, 9], [9, 9]], float)


def points(seed: int = 0, scattered: tuple[int, ...] = ()) -> np.ndarray:
    """Four clouds, but for those that lie anywhere."""
    draws = np.random.default_rng(seed)
    found = CENTRES[draws.permutation(4)[CLOUD]] + draws.normal(size=(100, 2))
    for cloud in scattered:
        found[cloud == CLOUD] = draws.uniform(-2, 11, (25, 2))
    return found.astype(np.float32)


def of(places: np.ndarray, twins: np.ndarray | None = None, neighbours: np.ndarray | None = None) -> PictureMap:
    count = len(places)
    near = map_neighbours(places) if neighbours is None else neighbours
    more = {} if twins is None else {"twins": twins.astype(np.int32)}
    return made(places, np.zeros(count), np.zeros(count), near, **more)


def wanted(**changes: object) -> DrawMap:
    return DrawMap("toy", (Source("nowhere", 1),), settings=Settings(**changes))  # type: ignore[arg-type]


def test_a_map_is_turned_mirrored_and_sized_to_where_it_was() -> None:
    before = points()
    turn = np.array([[0.6, -0.8], [0.8, 0.6]]) @ np.diag([1, -1])
    after = (0.2 * before @ turn + (40, -7)).astype(np.float32)
    np.testing.assert_allclose(aligned(after, before), before, atol=1e-4)
    other = points(1)
    here, there = other - other.mean(axis=0), before - before.mean(axis=0)
    rotation, size = orthogonal_procrustes(here, there)
    expected = here @ rotation * size / (here**2).sum() + before.mean(axis=0)
    np.testing.assert_allclose(aligned(other, before), expected, atol=1e-4)
    np.testing.assert_array_equal(map_neighbours(aligned(other, before)), map_neighbours(other))


def test_neighbours_on_a_map_are_those_of_scikit_learn_and_nobody_is_its_own() -> None:
    places = points()
    expected = NearestNeighbors(n_neighbors=10).fit(places).kneighbors(return_distance=False)
    np.testing.assert_array_equal(map_neighbours(places, 10), expected)
    stacked = np.zeros((30, 2), np.float32)  # all on one place
    found = map_neighbours(stacked, 5)
    assert found.shape == (30, 5)
    assert not (found == np.arange(30)[:, None]).any()
    assert map_neighbours(places[:4], 10).shape == (4, 3)


def test_the_same_map_agrees_wholly_and_points_anywhere_by_chance() -> None:
    same = agreement([of(points()), of(-3 * points())])
    assert (same.shared, same.least, same.chance) == (1.0, 1.0, 10 / 99)
    anywhere = [of(np.random.default_rng(seed).random((100, 2)).astype(np.float32)) for seed in range(6)]
    found = agreement(anywhere)
    assert found.shared == pytest.approx(found.chance, abs=0.03)
    sets = [[set(row) for row in map_neighbours(each.points)] for each in anywhere]
    pairs = [(a, b) for a in range(6) for b in range(a)]
    shares = [np.mean([len(sets[a][i] & sets[b][i]) / 10 for i in range(100)]) for a, b in pairs]
    assert found.shared == pytest.approx(np.mean(shares))
    assert found.least == pytest.approx(min(shares))
    with pytest.raises(ValueError, match="it takes two, got 1"):
        agreement(anywhere[:1])


def test_twins_count_once_and_do_not_make_maps_agree() -> None:
    twins = np.arange(100) // 2 * 2
    maps = [of(np.random.default_rng(seed).random((100, 2)).astype(np.float32)[twins], twins) for seed in range(4)]
    found = agreement(maps)
    assert found.of == 50
    assert found.shared == pytest.approx(10 / 49, abs=0.05)


def test_a_cluster_stays_together_until_a_map_tears_it_apart() -> None:
    rows = np.flatnonzero(CLOUD == 2)
    first, second, torn = of(points()), of(points(1)), of(points(2, scattered=(2,)))
    found = cohesion([first, second, torn], rows)
    assert found.by_features > 0.95
    assert min(found.on_maps[:2]) > 0.95
    assert found.on_maps[2] < 0.6
    assert found.chance == 24 / 99
    inside = set(rows)
    brute = np.mean([near in inside for row in rows for near in map_neighbours(torn.points)[row]])
    assert found.on_maps[2] == pytest.approx(brute)
    assert together(map_neighbours(points()), rows[:3]) <= 1  # of two neighbours each
    with pytest.raises(ValueError, match="at least two"):
        together(map_neighbours(points()), rows[:1])


def test_other_seeds_start_anywhere_and_other_perplexities_fit_the_pictures() -> None:
    seeds = [each.settings for each in variants(wanted(seed=2), "seed", 500)]
    assert [each.seed for each in seeds] == [1, 3, 4]
    assert {each.initialisation for each in seeds} == {"random"}
    sizes = {n: [each.settings.perplexity for each in variants(wanted(), "perplexity", n)] for n in (16, 48, 200, 900)}
    assert sizes == {16: [], 48: [5, 10], 200: [5, 10, 50], 900: [5, 50, 100]}
    chosen = wanted(perplexity=5.0)
    assert [each.settings.perplexity for each in variants(chosen, "perplexity", 900)] == [10, 50, 100]
    assert variants(wanted(layout="pca"), "seed", 500) == ()
    umap = variants(wanted(layout="umap", umap_epochs=50), "perplexity", 40)
    assert [each.settings.umap_neighbours for each in umap] == [5, 10, 30]
    assert {each.settings.umap_epochs for each in umap} == {0}  # another one is not cut short


@pytest.mark.parametrize(("shared", "verdict"), [(0.8, "largely agree"), (0.3, "agree in part"), (0.1, "hardly agree")])
def test_how_far_maps_agree_is_said_with_chance(shared: float, verdict: str) -> None:
    said, measured = agree(Agreement(3, shared, shared - 0.05, 0.011, 10, 900))
    assert verdict in said
    assert f"{100 * shared:.0f} % are among its nearest on another (chance: 1.1 %; the two" in measured
    assert "the two" not in agree(Agreement(2, shared, shared, 0.011, 10, 900))[1]


@pytest.mark.parametrize(
    ("by_features", "on_maps", "verdict"),
    [
        (0.9, (0.95, 0.8), "stay together on every map"),
        (0.9, (0.95, 0.5), "torn apart on 1 of 2 maps"),
        (0.9, (0.3, 0.5), "torn apart on every map"),
        (0.1, (0.9, 0.9), "no group to the model"),  # a clump that only the layout made
    ],
)
def test_whether_a_selection_stays_together_is_said_against_the_features(
    by_features: float, on_maps: tuple[float, ...], verdict: str
) -> None:
    said, measured = stay(Cohesion(40, by_features, on_maps, 0.05))
    assert verdict in said
    assert measured.endswith("(chance: 5.0 %).")


def test_a_map_is_called_by_what_differs() -> None:
    assert called(wanted(), "perplexity") == "Perplexity 30"
    assert called(wanted(seed=3, initialisation="random"), "seed") == "Seed 3, random start"
    assert called(wanted(layout="umap"), "perplexity") == "15 neighbours"
