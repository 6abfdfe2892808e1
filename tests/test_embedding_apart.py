"""What sets pictures apart, how alike two are, and which few stand for many: against loops and other libraries."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray
from planted_maps import made, planted
from scipy.spatial.distance import pdist
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from xai_core.embedding import alike
from xai_core.embedding.alike import Alike, HowAlike
from xai_core.embedding.apart import Apart, SetApart
from xai_core.embedding.checks import distinct
from xai_core.embedding.choosing import chosen
from xai_core.embedding.request import DrawMap, Source
from xai_core.errors import UnusableData

DRAWING = DrawMap("toy", (Source("nowhere", 1),))


def hub(rows: NDArray[np.float32]) -> SimpleNamespace:
    """Knows these features of every map."""
    return SimpleNamespace(run=lambda _request, _progress: SimpleNamespace(features=distinct(rows)))


def apart(rows: NDArray[np.float32], *inside: int) -> Apart:
    return SetApart(DRAWING, inside).answer(hub(rows))  # type: ignore[arg-type]


def how_alike(rows: NDArray[np.float32], one: int, other: int) -> Alike:
    return HowAlike(DRAWING, one, other).answer(hub(rows))  # type: ignore[arg-type]


def noise(count: int, features: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(count, features)).astype(np.float32)


@pytest.mark.parametrize("size", [2, 7, 28])
def test_a_picture_has_no_say_in_the_direction_along_which_it_is_measured(size: int) -> None:
    rows = noise(30, 12)
    found, used = apart(rows, *range(size)), distinct(rows).rows.astype(np.float64)
    inside = np.arange(30) < size
    for row in range(30):
        others = np.arange(30) != row
        direction = used[others & inside].mean(0) - used[others & ~inside].mean(0)
        assert found.along[row] == pytest.approx(used[row] @ direction / np.linalg.norm(direction), abs=1e-5)
    assert found.separation == pytest.approx(roc_auc_score(inside, found.along))


def test_pictures_selected_blindly_are_not_set_apart_however_many_features_there_are() -> None:
    rows = [noise(60, 800, seed) for seed in range(8)]
    assert np.mean([apart(each, *range(15)).separation for each in rows]) == pytest.approx(0.5, abs=0.08)
    told = apart(rows[0], *range(15))
    assert "hardly apart" in told.sentence
    assert "(by chance 50 %)" in told.sentence


def test_few_pictures_selected_blindly_are_not_said_to_be_set_apart() -> None:
    draws = np.random.default_rng(4)
    told = [apart(noise(60, 40, n), *draws.choice(60, 2 + n % 4, replace=False)) for n in range(100)]
    assert sum(each.separation >= 0.65 for each in told) > 15, "by luck"
    assert sum(" partly apart" in each.sentence or " clearly apart" in each.sentence for each in told) <= 5
    lucky = next(each for each in told if each.separation >= 0.65)
    assert lucky.sentence.startswith("Too few to say whether the model keeps them apart: ")


def test_a_planted_cluster_is_set_apart_and_its_other_half_looks_like_it() -> None:
    rows, of = planted()
    cluster = np.flatnonzero(of == 2)
    found = apart(rows, *cluster[:15])
    assert "clearly" in apart(rows, *cluster).sentence
    assert apart(rows, *cluster).separation > 0.99
    assert set(found.lookalikes) <= set(cluster[15:])
    assert len(found.lookalikes) == 8
    assert not len(set(apart(rows, *cluster).lookalikes)), "nobody else is like them"


def test_an_odd_one_is_found_among_the_selected() -> None:
    rows, of = planted()
    stranger = int(np.flatnonzero(of == 0)[0])
    found = apart(rows, stranger, *np.flatnonzero(of == 1))
    assert found.odd[0] == stranger
    assert stranger not in found.typical


def test_one_picture_can_be_set_apart_and_all_cannot() -> None:
    rows = noise(20, 6)
    found = apart(rows, 3)
    assert found.typical.tolist() == [3]
    assert "cannot be told from one" in found.sentence
    with pytest.raises(UnusableData, match="not all of them"):
        apart(rows, *range(20))


def test_how_alike_two_are_is_what_other_libraries_say() -> None:
    rows = noise(40, 5)
    found, used = how_alike(rows, 3, 11), distinct(rows).rows
    order = NearestNeighbors(n_neighbors=40).fit(used).kneighbors(used, return_distance=False)
    assert found.ranks == (list(order[3]).index(11), list(order[11]).index(3))
    assert found.cosine == pytest.approx(cosine_similarity(used)[3, 11], abs=1e-5)
    distances = pdist(used)
    assert found.closer == pytest.approx((distances > np.linalg.norm(used[3] - used[11])).mean(), abs=2e-3)
    assert found.of == 39


def test_of_many_pictures_the_pairs_of_a_sample_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = noise(400, 5)
    exact = how_alike(rows, 0, 1)
    monkeypatch.setattr(alike, "SAMPLE", 200)
    sampled = how_alike(rows, 0, 1)
    assert sampled.closer == pytest.approx(exact.closer, abs=0.05)
    assert sampled.ranks == exact.ranks


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closer": 0.973}, "more alike than 97 % of all pairs on this map. Each is the other’s nearest of 500"),
        ({"closer": 0.1}, "less alike than 90 % of all pairs on this map."),
        ({"ranks": (22, 1)}, "The second is the first’s 22nd nearest of 500 pictures, the first the second’s nearest."),
        ({"ranks": (111, 43)}, "the first’s 111th nearest of 500 pictures, the first the second’s 43rd nearest."),
        ({"closer": 0.999, "ranks": (2, 3)}, "more alike than over 99 % of all pairs"),
        ({"same": True}, "the same picture"),
    ],
)  # fmt: skip
def test_how_alike_two_are_is_told_in_plain_words(changes: dict[str, object], words: str) -> None:
    usual = Alike(HowAlike(DRAWING, 0, 1), 0.5, (1, 1), 500, 0.9, False)
    assert words in replace(usual, **changes).sentence  # type: ignore[arg-type]
    assert "0.50" in usual.measured
    assert replace(usual, cosine=float("nan")).measured == ""


def test_twins_are_the_same_and_nothing_else_can_be_compared_with_itself() -> None:
    rows = noise(20, 4)
    rows[7] = rows[2]
    found = how_alike(rows, 2, 7)
    assert found.same
    assert found.ranks == (1, 1)
    for one, other in ((2, 2), (0, 20), (-1, 3)):
        with pytest.raises(ValueError, match="two of rows 0 to 19"):
            how_alike(rows, one, other)


def test_few_are_chosen_by_the_rule_and_the_same_to_the_model_once() -> None:
    shown = made(
        np.zeros((6, 2)), [0, 1, 1, 2, 0, 0], [0, 0, 1, 0, 0, -1], np.zeros((6, 3)),
        confidence=np.array([0.9, 0.6, 0.5, 0.8, 0.7, 0.4], np.float32), twins=np.array([0, 1, 2, 3, 0, 5], np.int32),
    )  # fmt: skip
    along = np.array([0.1, 0.9, 0.5, 0.3, 0.2, -1.0])
    everything = [5, 4, 3, 2, 1, 0]
    assert chosen(shown, everything, "typical", 3, along) == (1, 2, 3)
    assert chosen(shown, everything, "odd", 9, along) == (5, 0, 3, 2, 1)
    assert chosen(shown, everything, "mistakes", 9, along) == (3, 1), "the surest first; of row 5 nobody knows"
    assert chosen(shown, everything, "unsure", 2, along) == (5, 2)
    assert chosen(shown, everything, "typical", 2, None) == (5, 4)
    assert chosen(shown, [0, 2], "mistakes", 9, along) == ()
