"""What colours the points of a map, over one data set or several, and the scores below it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from planted_maps import CLASSES, coloured, made, two_sets
from sklearn.metrics import classification_report

from pages.ui.map import below, colouring, views
from pages.ui.map.state import COLUMN, DATA, LABEL, PREDICTION, RIGHT, SPLIT, SURENESS, Atlas
from xai_core.datasets.dataset import Dataset, save
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.request import DrawMap, Source
from xai_core.library.home import VARIABLE


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def mapped(one: Dataset, two: Dataset) -> PictureMap:
    """Every second picture of the first, from the last on, after all of the second."""
    first = tuple(range(15, 0, -2))
    sources = (Source(two.key, two.revision), Source(one.key, one.revision, items=first))
    truth = [item.label for item in two.items] + [one.items[item].label for item in first]
    return made(
        np.arange(2 * 16).reshape(16, 2), [0] * 16, truth, np.zeros((16, 3)), request=DrawMap("toy", sources),
        datasets=("Field", "Field"), classes=(CLASSES, CLASSES), sources=np.repeat([0, 1], 8).astype(np.int32),
        items=np.array([*range(8), *first], np.int32),
    )  # fmt: skip


def test_row_i_is_picture_i_in_every_colouring_of_several_data_sets() -> None:
    one, two = two_sets()
    shown = mapped(one, two)
    rows = [(data, item) for data, item in map(shown.located, range(len(shown)))]
    titles = tuple(item.name for _, item in rows)
    wanted = {
        LABEL: lambda data, item: CLASSES[item.label],
        PREDICTION: lambda data, item: "cat",
        RIGHT: lambda data, item: "right" if item.label == 0 else "wrong",
        DATA: lambda data, item: "Field" if data is rows[0][0] else "Field (2)",
        SPLIT: lambda data, item: {"": "neither", "train": "training"}.get(item.split, item.split),
        f"{COLUMN}camera": lambda data, item: item.facts[0] if item.facts else "not known",
    }
    assert set(colouring.offered((two, one))) == {*wanted, SURENESS, f"{COLUMN}age"}
    for way, expected in wanted.items():
        view = views.view(Atlas(colouring=way), shown, None, titles)
        named = [view.colour.groups[at].name for at in view.colour.of]  # type: ignore[union-attr]
        assert named == [expected(data, item) for data, item in rows], way
        # a wrong one is a cross, whatever colours it
        assert [label != said for label, said in zip(view.label, view.prediction, strict=True)] == [
            item.label != 0 for _, item in rows
        ]
        assert view.titles == titles


def crowd(count: int, unlabelled: int = 0) -> PictureMap:
    """Class n of so many has n pictures, those of no class come last; all are taken for the last class but one."""
    names = tuple(f"species {n}" for n in range(count))
    data = save("Crowd", names, [(coloured(0), "x", 0, "")], {})
    label = np.array([*np.repeat(np.arange(count), np.arange(count)), *[-1] * unlabelled], np.int32)
    size = len(label)
    return made(
        np.zeros((size, 2)), np.where(label == 3, 3, count - 2), label, np.zeros((size, 3)), label=label,
        request=DrawMap("toy", (Source(data.key, data.revision),)), datasets=("Crowd",), labels=names,
        classes=(names,), sources=np.zeros(size, np.int32), items=np.zeros(size, np.int32),
    )  # fmt: skip


def test_of_very_many_labels_the_rare_ones_share_a_colour_and_each_can_still_be_found() -> None:
    shown = crowd(60, unlabelled=4)
    view = views.view(Atlas(colouring=LABEL), shown, None, ("x",) * len(shown))
    groups, of = view.colour.groups, view.colour.of  # type: ignore[union-attr]
    often = [f"species {n}" for n in range(60 - 19, 60)]
    assert [each.name for each in groups] == [*often, "other (40 more)", "without a label"]  # nobody is a species 0
    assert len({each.colour for each in groups[-2:]} - {""}) == 2
    for label, at in zip(shown.label, of, strict=True):
        assert at == (20 if label < 0 else label - 41 if label >= 41 else 19)
    assert {view.names[label] for label in view.label if label >= 0} == {f"species {n}" for n in range(1, 60)}


def test_labels_that_fit_beside_each_other_are_not_folded() -> None:
    shown = crowd(21)
    assert len(colouring.colour(LABEL, shown).groups) == 20  # type: ignore[union-attr]
    said = colouring.colour(PREDICTION, shown)
    assert [each.name for each in said.groups] == ["species 3", "species 19"]  # type: ignore[union-attr]


def test_where_many_values_share_a_colour_each_picture_is_still_told_its_own() -> None:
    said = [*(f"camera {n:02d}" for n in range(19) for _ in range(2)), "other", *(f"lens {n}" for n in range(26)), ""]
    given = [(coloured(n), "x", None, "", (each,)) for n, each in enumerate(said)]
    data = save("cameras", (), given, {}, columns=("c",))
    size = len(said)
    shown = made(
        np.zeros((size, 2)), [0] * size, [-1] * size, np.zeros((size, 3)), items=np.arange(size, dtype=np.int32),
        request=DrawMap("toy", (Source(data.key, 1),)), datasets=("cameras",), classes=((),),
        sources=np.zeros(size, np.int32),
    )  # fmt: skip
    found = views.view(Atlas(colouring=f"{COLUMN}c"), shown, None, ("",) * size).colour
    assert isinstance(found, colouring.Groups)
    assert found.groups[-2].name == "other (27 more)"
    card = [found.own.get(row, found.groups[at].name) for row, at in enumerate(found.of)]
    assert card == [each or "not known" for each in said]


def test_of_many_data_sets_that_share_a_colour_the_card_names_the_pictures_own() -> None:
    names = tuple(f"set {n}" for n in range(30))
    shown = made(np.zeros((30, 2)), [0] * 30, [-1] * 30, np.zeros((30, 3)), datasets=names,
                 sources=np.arange(30, dtype=np.int32))  # fmt: skip
    found = colouring.colour(DATA, shown)
    assert [found.own.get(row, found.groups[at].name) for row, at in enumerate(found.of)] == list(names)  # type: ignore[union-attr]


def test_a_column_that_one_data_set_has_alone_is_unknown_in_the_other() -> None:
    _, two = two_sets()
    many = save(
        "more", (), [(coloured(n), "x", None, "", ("", str(n))) for n in range(40, 60)], {}, columns=("x", "age")
    )
    shown = made(
        np.zeros((28, 2)), [0] * 28, [-1] * 28, np.zeros((28, 3)),
        request=DrawMap("toy", (Source(two.key, 1), Source(many.key, 1))), datasets=("a", "b"),
        classes=(CLASSES, ()), sources=np.repeat([0, 1], [8, 20]).astype(np.int32),
        items=np.array([*range(8), *range(20)], np.int32),
    )  # fmt: skip
    shades = views.view(Atlas(colouring=f"{COLUMN}age"), shown, None, ("",) * 28).colour
    assert isinstance(shades, colouring.Shades)
    assert (shades.title, shades.low_words, shades.high_words) == ("age", "40", "59")
    assert [None if math.isnan(each) else int(each) for each in shades.values] == [None] * 8 + list(range(40, 60))


def test_a_colouring_that_the_pictures_do_not_have_gives_way_and_comes_back() -> None:
    one, two = two_sets()
    plain = save("plain", (), [(coloured(3), "x", None, "")], {})
    assert colouring.fitting(f"{COLUMN}camera", (two,)) == LABEL
    assert colouring.fitting(f"{COLUMN}camera", (plain,)) == PREDICTION
    assert colouring.fitting(LABEL, (plain, plain)) == DATA
    assert colouring.fitting(f"{COLUMN}camera", (two, one)) == f"{COLUMN}camera"


def test_the_scores_below_the_map_are_scikit_learns_over_the_pictures_whose_class_is_known() -> None:
    truth, predicted = [0, 0, 2, 2, 2, -1, 0], [0, 1, 2, 0, 2, 2, 0]
    shown = made(np.zeros((7, 2)), predicted, truth, np.zeros((7, 1)))
    each, plain, weighted = below.class_scores_of(shown)
    known = [(t, p) for t, p in zip(truth, predicted, strict=True) if t >= 0]
    told = classification_report(*zip(*known, strict=True), labels=[0, 2], output_dict=True, zero_division=0)
    for score, label in zip(each, ("0", "2"), strict=True):
        wanted = told[label]
        assert (score.precision, score.recall, score.f1, score.support) == pytest.approx(
            (wanted["precision"], wanted["recall"], wanted["f1-score"], wanted["support"])
        )
    assert [score.name for score in each] == ["cat", "fox"]
    assert plain.f1 == pytest.approx(told["macro avg"]["f1-score"])
    assert weighted.recall == pytest.approx(told["weighted avg"]["recall"])
