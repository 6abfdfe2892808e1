"""What folders and archives say of the pictures in them: classes, parts of the data, and their order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from brought_files import brought, jpeg, paths, png, zipped

from xai_core.datasets.dataset import dataset
from xai_core.datasets.layout import arrange, natural
from xai_core.library.home import VARIABLE


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_a_zip_and_a_folder_of_the_same_pictures_make_the_same_data_set(form: str) -> None:
    files = [(f"pets/{name}/{number}.jpg", jpeg(number + ord(name) % 7 * 20)) for name in "ba" for number in (10, 9)]
    report = brought(("pets.zip", zipped(*files))) if form == "zip" else brought(*files)
    made = dataset(report.key)
    assert made.classes == ("a", "b")
    assert report.kept == (("a", "", 2), ("b", "", 2))
    assert paths(report.key) == ["a/9.jpg", "a/10.jpg", "b/9.jpg", "b/10.jpg"]
    assert (made.folder / "b" / "9.jpg").read_bytes() == jpeg(9 + ord("b") % 7 * 20)
    assert (report.duplicates, report.refused, report.ignored, report.notes) == (0, (), 0, ())
    assert report.layout == "a folder for each of 2 classes"


LAYOUTS: list[tuple[list[str], tuple[str, ...], list[tuple[str | None, str]]]] = [
    (["1.jpg", "2.jpg"], (), [(None, ""), (None, "")]),
    (["cat/1.jpg", "dog/1.jpg"], ("cat", "dog"), [("cat", ""), ("dog", "")]),
    (["top/cat/1.jpg", "top/dog/1.jpg"], ("cat", "dog"), [("cat", ""), ("dog", "")]),
    (["cat/1.jpg", "cat/2.jpg"], ("cat",), [("cat", ""), ("cat", "")]),
    (["cat/deep/er/1.jpg", "dog/1.jpg"], ("cat", "dog"), [("cat", ""), ("dog", "")]),
    (["train/cat/1.jpg", "test/cat/2.jpg"], ("cat",), [("cat", "train"), ("cat", "test")]),
    (["d/Train/cat/1.jpg", "d/VAL/cat/2.jpg"], ("cat",), [("cat", "train"), ("cat", "validation")]),
    (["train/cat/1.jpg", "train/dog/2.jpg"], ("cat", "dog"), [("cat", "train"), ("dog", "train")]),
    (["train/1.jpg", "valid/2.jpg"], (), [(None, "train"), (None, "validation")]),
    (["train/cat/1.jpg", "readme.txt", "docs/x.md"], ("cat",), [("cat", "train"), (None, ""), (None, "")]),
    (["top/cat/1.jpg", "top/dog/1.jpg", "2.jpg"], ("cat", "dog"), [("cat", ""), ("dog", ""), (None, "")]),
    (["class 10/a.jpg", "class 9/a.jpg"], ("class 9", "class 10"), [("class 10", ""), ("class 9", "")]),
    (["train/a.jpg", "cat/b.jpg"], ("cat", "train"), [("train", ""), ("cat", "")]),
    (["without/ending", "any/where"], ("any", "without"), [("without", ""), ("any", "")]),
]


@pytest.mark.parametrize(("names", "classes", "places"), LAYOUTS)
def test_folders_say_class_and_part(
    names: list[str], classes: tuple[str, ...], places: list[tuple[str | None, str]]
) -> None:
    layout = arrange([tuple(name.split("/")) for name in names])
    found = [(None if place.label is None else layout.classes[place.label], place.split) for place in layout.places]
    assert (layout.classes, found) == (classes, places)


def test_classes_are_those_that_torchvision_sees(tmp_path: Path) -> None:
    from torchvision.datasets import ImageFolder

    for name in ("zebra", "cat", "dog"):
        for number in range(2):
            path = tmp_path / "pictures" / name / "inner" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(number + 2 * ord(name[0])))
    theirs = ImageFolder(tmp_path / "pictures")
    files = [(str(path.relative_to(tmp_path)), path) for path in (tmp_path / "pictures").rglob("*.png")]
    ours = dataset(brought(*files).key)
    assert list(ours.classes) == theirs.classes
    same = [(np.asarray(image), label) for image, label in theirs]
    for item, (pixels, label) in zip(ours.items, same, strict=True):
        assert item.label == label
        assert np.array_equal(ours.picture(item).pixels, pixels)


def test_names_are_sorted_as_people_count() -> None:
    right = ["2", "٣", "A1", "a9", "a10", "a" + "9" * 60, "b"]
    assert sorted(set(right), key=natural) == right


def test_several_archives_are_folders_of_their_names() -> None:
    report = brought(("cats.zip", zipped(("1.jpg", jpeg(1)))), ("dogs.zip", zipped(("1.jpg", jpeg(2)))))
    assert report.kept == (("cats", "", 1), ("dogs", "", 1))
