"""What pictures come with beside their class: from a table into the library, and from there to the colours of a map."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from planted_maps import CLASSES, coloured, made
from sklearn.metrics import classification_report
from streamlit.testing.v1 import AppTest

from pages.ui.map import below, colouring, views
from pages.ui.map.state import COLUMN, DATA, LABEL, PREDICTION, RIGHT, SPLIT, SURENESS, Atlas
from picture_files import photo, saved
from xai_core.datasets import columns, tables
from xai_core.datasets.adopting import AdoptFolder
from xai_core.datasets.dataset import Dataset, dataset, save
from xai_core.datasets.importing import ImportDataset, ImportedDataset
from xai_core.describe import ModelCard
from xai_core.embedding.exporting import as_csv
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.request import DrawMap, Source
from xai_core.errors import LibraryError
from xai_core.library import entries, incoming
from xai_core.library.home import VARIABLE
from xai_core.limits import TABLE_COLUMNS


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def png(number: int) -> bytes:
    return saved(np.roll(photo(), number, axis=1), "PNG")


def table(*lines: tuple[object, ...], mark: str = ",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=mark).writerows(lines)
    return file.getvalue().encode()


def brought(*files: tuple[str, bytes]) -> ImportedDataset:
    return ImportDataset(incoming.stage(files), "Pets").answer()


def facts(data: Dataset) -> dict[str, tuple[str, ...]]:
    return {item.file: item.facts for item in data.items}


PETS = [(f"{name}/{number}.png", png(10 * number + ord(name))) for name in "ab" for number in (1, 2)]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_table_beside_the_pictures_tells_of_each_what_it_says(mark: str) -> None:
    lines = [("path", "camera", "age"), ("b/1.png", "Nikon", 7), ("a/2.png", "", 3), ("a\\1.png", "phone", "")]
    report = brought(*PETS, ("about.csv", table(*lines, mark=mark)))
    data = dataset(report.key)
    assert data.columns == ("camera", "age")
    assert facts(data) == {
        "a/1.png": ("phone", ""),
        "a/2.png": ("", "3"),
        "b/1.png": ("Nikon", "7"),
        "b/2.png": ("",) * 2,
    }
    assert report.refused == ()
    assert any("camera, age" in note for note in report.notes)


def test_pictures_are_named_with_or_without_folder_and_ending_and_never_guessed() -> None:
    pictures = [
        ("top", "a", "X.JPG"),
        ("top", "b", "y.png"),
        ("top", "b", "x.jpg"),
        (
            "top",
            "v1.2.png",
        ),
    ]
    named = tables._named(pictures)

    def place(cell: str, *folder: str) -> int:
        return tables._place(cell, folder, named)

    assert [place(cell) for cell in ("y", "Y.png", "b/y", "./top/b/y.png", "v1.2", "a/x", "A\\x.jpg")] == [
        1,
        1,
        1,
        1,
        3,
        0,
        0,
    ]
    assert [place(cell) for cell in ("x", "x.jpg", "", "z", "1", "../y.gif")] == [-1] * 6
    assert (place("x", "top", "a"), place("x.jpg", "top", "b")) == (0, 2)


def test_where_no_folder_says_it_a_table_gives_classes_and_parts_of_the_data() -> None:
    loose = [(f"{number}.png", png(number)) for number in range(4)]
    lines = [
        ("id", "Label", "split", "site"),
        (0, "dog", "train", "x"),
        (1, "cat", "val", "y"),
        (2, "dog", "test", "x"),
    ]
    report = brought(*loose, ("list.csv", table(*lines)))
    data = dataset(report.key)
    assert (data.classes, data.columns) == (("cat", "dog"), ("site",))
    assert [(item.label, item.split) for item in data.items] == [
        (1, "train"),
        (0, "validation"),
        (1, "test"),
        (None, ""),
    ]
    assert report.layout == "2 classes by a table; parts of the data by a table"


def test_folders_have_the_last_word_on_classes() -> None:
    data = dataset(brought(*PETS, ("list.csv", table(("file", "label"), ("a/1.png", "zebra")))).key)
    assert (data.classes, data.columns) == (("a", "b"), ("label",))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", table(("file", "age"), ("other.png", 3)), "names none of these pictures"),
        ("x.csv", b"\x81\x8d" * 40, "cannot be read as a table"),
        ("x.tsv", b"", "names none of these pictures"),
        ("x.csv", b'file\n"' + b"a" * 200_000, "cannot be read as a table"),
    ],
)
def test_a_table_that_says_nothing_is_refused_with_words_and_costs_no_picture(
    name: str, content: bytes, words: str
) -> None:
    report = brought(*PETS, (name, content))
    assert report.pictures == 4
    ((refused, reason),) = report.refused
    assert (refused, words in reason) == (name, True)
    with pytest.raises(LibraryError, match=words):
        brought((name, content))


def test_what_strangers_write_is_bounded_and_fit_to_be_shown() -> None:
    heading = ("file", "a\u202eb", "<b>", "<b>", *(f"c{number}" for number in range(50)))
    line = ("a/1.png", "x" * 500, "4/5\x00\n6", "smile", *range(50))
    report = brought(*PETS, ("t.csv", table(heading, line)))
    data = dataset(report.key)
    assert len(data.columns) == len(set(data.columns)) == TABLE_COLUMNS
    assert data.columns[:2] == ("ab", "<b>")
    first = facts(data)["a/1.png"]
    assert (len(first[0]), first[1]) == (80, "4/5 6")
    assert f"the first {TABLE_COLUMNS} were kept" in " ".join(report.notes)


def test_lines_about_pictures_that_did_not_come_are_counted() -> None:
    report = brought(*PETS, ("t.csv", table(("file", "age"), ("a/1.png", 1), ("gone.png", 2), ("1.png", 3))))
    assert "2 lines of t.csv name no picture that came, or several." in report.notes


def test_a_folder_that_lies_in_the_library_brings_its_table_too(library: Path) -> None:
    for name, content in (*PETS, ("about.csv", table(("file", "age"), ("a/2.png", 9)))):
        (library / "datasets" / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (library / "datasets" / "mine" / name).write_bytes(content)
    data = dataset(AdoptFolder("mine").answer().key)
    assert (data.columns, facts(data)["a/2.png"]) == (("age",), ("9",))
    assert (library / "datasets" / "mine" / "about.csv").exists()


def test_a_manifest_without_columns_is_as_it_was_and_one_with_wrong_facts_is_refused() -> None:
    plain = save("old", ("cat",), [(coloured(0), "a", 0, "")], {})
    assert (plain.columns, plain.items[0].facts) == ((), ())
    assert "columns" not in entries.manifest("datasets", plain.key)
    kept = save("new", ("cat",), [(coloured(n), "a", 0, "", (str(n), "y")) for n in (0, 1)], {}, columns=("n", "z"))
    assert [item.facts for item in kept.items] == [("0", "y"), ("1", "y")]

    def later(manifest: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
        del manifest["items"][0]["facts"]
        return manifest

    entries.change("datasets", kept.key, later)
    assert [item.facts for item in dataset(kept.key).items] == [("", ""), ("1", "y")]
    entries.change("datasets", kept.key, lambda found: {**found, "columns": ["n"]})
    with pytest.raises(LibraryError, match="lists no pictures in the form that we know"):
        dataset(kept.key)
    with pytest.raises(ValueError, match="1 facts for 2 columns"):
        save("bad", (), [(coloured(0), "a", None, "", ("x",))], {}, columns=("n", "z"))


def test_many_different_numbers_are_shades_and_few_are_groups() -> None:
    many = columns.numbers("age", [*map(str, range(13)), "", "n/a"])
    assert many is not None
    assert (many.low, many.high) == (0, 12)
    assert np.isnan(many.values[-2:]).all()
    assert columns.numbers("age", [*map(str, range(12))] * 5) is None
    assert columns.numbers("age", [*map(str, range(50)), "old"]) is None
    assert columns.numbers("age", [*map(str, range(50)), "inf"]) is None
    assert columns.words("stars", ["10", "9", "10"]).groups == ("9", "10")
    told = [columns.in_words(each) for each in (0, 2019, 10.5, 69.9, 1250000, 0.123456, 1e-6, -3)]
    assert told == ["0", "2019", "10.5", "69.9", "1,250,000", "0.1235", "1e-06", "-3"]


def test_rare_words_are_folded_into_one_group_and_no_picture_is_lost() -> None:
    said = [*("often",) * 9, *(f"v{number}" for number in range(30) for _ in range(1 + number // 15)), "", "other"]
    found = columns.words("site", said)
    assert len(found.groups) == columns.GROUPS + 1
    assert (found.folded, found.groups[-2:]) == (32 - 19, ("other (13 more)", "not known"))
    for text, at in zip(said, found.of, strict=True):
        assert found.groups[at] in (text, "other (13 more)" if text else "not known")


@pytest.mark.parametrize(
    ("usual", "odd", "low", "high"),
    [
        (range(100), (), "0", "99"),
        (range(13), (), "0", "12"),
        (range(100), (1e6,), "0", "99 and more"),
        (range(100), (-1e6, 5e9), "0 and less", "99 and more"),
        (range(1000), (1e6,) * 10, "0", "999 and more"),
        (range(13), (400,), "0", "12 and more"),
        (range(100), (180,), "0", "180"),
        ((7,) * 3000, range(20), "0", "19"),
    ],
    ids=["even", "few", "one", "both ends", "a hundredth", "one of few", "not far", "all alike"],
)
def test_a_few_outliers_do_not_take_the_colours_from_all_others(
    usual: range | tuple[int, ...], odd: range | tuple[float, ...], low: str, high: str
) -> None:
    found = columns.numbers("price", ["", *map(str, usual), *map(str, odd)])
    assert found is not None
    assert found.ends == (low, high)
    assert [found.low, found.high] == [float(end.split()[0].replace(",", "")) for end in found.ends]
    assert np.array_equal(found.values[1:], [*usual, *odd])  # what is told of a picture is what it came with


def test_colours_begin_and_end_at_the_values_themselves_for_what_nature_makes() -> None:
    for seed in range(50):
        many = np.random.default_rng(seed).normal(size=40 * (seed + 1))
        found = columns.numbers("height", [*map(repr, many.tolist())])
        assert found is not None
        assert (found.low, found.high) == (many.min(), many.max())


def two_sets() -> tuple[Dataset, Dataset]:
    """One with columns and parts of the data, one without either; their files have the same names."""
    one = save(
        "Field",
        CLASSES,
        [
            (coloured(n), f"{n}.png", n % 3, ("train", "test")[n % 2], (("Nikon", "phone")[n % 2], str(n)))
            for n in range(16)
        ],
        {},
        columns=("camera", "age"),
    )
    return one, save("Field", CLASSES, [(coloured(n), f"{n - 16}.png", n % 3, "") for n in range(16, 24)], {})


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


def test_what_is_known_of_a_picture_fits_on_a_line() -> None:
    one, two = two_sets()
    assert columns.told(one, one.items[3]) == "camera: phone · age: 3"
    assert columns.told(two, two.items[3]) == ""


ROW = """
import streamlit as st
from pages.ui.map import controls
from pages.ui.map.state import Atlas
from xai_core.describe import ModelCard
from test_columns import card
kept = st.session_state.setdefault("kept", Atlas())
data = controls.row(kept, card())
st.session_state["data"] = [f"{each.shelf}/{each.key}" for each in data]
if not data:
    controls.no_pictures()
"""


def card() -> ModelCard:
    refused, blocks = (("attention_rollout", "no"),), (("features.3", "block 3: 14 × 14"),)
    return ModelCard("toy", CLASSES, (), "", refused, "0" * 64, blocks)


def test_the_row_of_choices_takes_several_sets_and_stands_their_loss() -> None:
    one, two = two_sets()
    first, second = f"datasets/{one.key}", f"datasets/{two.key}"
    page = AppTest.from_string(ROW, default_timeout=60).run()
    assert not page.exception
    assert page.session_state["data"] == [first]  # until somebody chooses
    page.multiselect[0].set_value([second, first]).run()
    assert page.session_state["data"] == [second, first]
    colours = next(each for each in page.selectbox if each.label == "Coloured by")
    colours.set_value(DATA).run()
    next(each for each in page.selectbox if each.label == "Coloured by").set_value(f"{COLUMN}camera").run()
    kept = page.session_state["kept"]
    assert (kept.sources, kept.colouring) == ((second, first), f"{COLUMN}camera")  # both choices, one after the other
    kept.sources = (second,)  # from an address
    page.run()
    assert (page.multiselect[0].value, page.session_state["data"]) == ([second], [second])
    entries.remove("datasets", two.key)
    assert page.run().session_state["data"] == [first]
    page.multiselect[0].set_value([]).run()
    assert page.session_state["data"] == []
    assert not page.exception
    assert "Choose which pictures to map" in page.markdown[-1].value


def test_what_pictures_are_compared_by_fits_the_model() -> None:
    two_sets()
    page = AppTest.from_string(ROW, default_timeout=60).run()
    ways = next(each for each in page.selectbox if each.label == "Compared by")
    assert {"the last layer", "block 3", "where Grad-CAM points"} <= set(ways.options)
    assert not any("Attention rollout" in way for way in ways.options)
    ways.set_value("method/gradcam").run()
    assert page.session_state["kept"].of == "gradcam"
    page.session_state["kept"].of = "attention_rollout"  # chosen with another model
    page.run()
    assert (page.session_state["kept"].of, page.session_state["kept"].layers) == ("activations", {"toy": ""})


def test_a_table_of_the_map_has_the_columns_of_all_its_data_sets_and_no_formula() -> None:
    one, two = two_sets()
    risky = save("risky", (), [(coloured(30), "x", None, "", ("=1+1", "b"))], {}, columns=("x", "camera"))
    shown = made(
        np.zeros((3, 2)), [0] * 3, [-1] * 3, np.zeros((3, 3)),
        request=DrawMap("toy", tuple(Source(each.key, 1) for each in (two, one, risky))), datasets=("a", "b", "c"),
        classes=(CLASSES, CLASSES, ()), sources=np.arange(3, dtype=np.int32), items=np.zeros(3, np.int32),
    )  # fmt: skip
    heading, *rows = csv.reader(io.StringIO(as_csv(shown).decode("utf-8-sig")))
    assert heading[-3:] == ["camera", "age", "x (2)"]
    assert [row[-3:] for row in rows] == [["", "", ""], ["Nikon", "0", ""], ["b", "", "'=1+1"]]


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
