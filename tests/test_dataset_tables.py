"""A table that comes with pictures: it says of each what it knows, and a bad one costs no picture."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from brought_files import brought, png

from xai_core.datasets import tables
from xai_core.datasets.adopting import AdoptFolder
from xai_core.datasets.dataset import Dataset, dataset
from xai_core.errors import LibraryError
from xai_core.library.home import VARIABLE
from xai_core.limits import TABLE_COLUMNS


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def table(*lines: tuple[object, ...], mark: str = ",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=mark).writerows(lines)
    return file.getvalue().encode()


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
