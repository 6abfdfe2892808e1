"""Folders that somebody put into the library by hand are taken over as they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from picture_files import photo, saved
from xai_core.datasets.adopting import AdoptFolder
from xai_core.datasets.dataset import dataset, datasets
from xai_core.errors import LibraryError
from xai_core.library import entries
from xai_core.library.home import VARIABLE


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def drop(folder: Path, *files: str) -> dict[str, bytes]:
    """Put different pictures into the library by hand."""
    contents = {}
    for number, name in enumerate(files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        contents[name] = saved(np.roll(photo(), number, axis=1), "PNG")
        (folder / name).write_bytes(contents[name])
    return contents


def test_a_folder_of_concept_pictures_is_taken_over_as_it_lies(library: Path) -> None:
    before = drop(library / "concepts" / "striped", "1.png", "2.png", ".DS_Store")
    assert entries.listing("concepts").dropped_in == ("striped",)
    report = AdoptFolder("striped", "concepts").answer()
    (made,) = datasets("concepts")
    assert [(item.file, item.label) for item in made.items] == [("1.png", None), ("2.png", None)]
    assert (report.key, report.pictures, report.ignored) == ("striped", 2, 1)
    assert {name: (library / "concepts" / "striped" / name).read_bytes() for name in before} == before
    assert made.picture(made.items[1]).digest == made.items[1].digest
    assert made.thumbnail(made.items[0]).exists()
    assert entries.listing("concepts").dropped_in == ()


def test_a_folder_of_classes_is_taken_over_with_its_labels(library: Path) -> None:
    drop(library / "datasets" / "My pets!", *(f"{split}/{name}/1.png" for split in ("Train", "val") for name in "ab"))
    (library / "datasets" / "My pets!" / "read me.txt").write_text("hello")
    report = AdoptFolder("My pets!").answer()
    made = dataset("My pets!")
    assert report.kept == (("a", "train", 1), ("a", "validation", 1), ("b", "train", 1), ("b", "validation", 1))
    assert [name for name, _ in report.refused] == ["read me.txt"]
    assert {item.file: (item.label, item.split) for item in made.items} == {
        "Train/a/1.png": (0, "train"),
        "Train/b/1.png": (1, "train"),
        "val/a/1.png": (0, "validation"),
        "val/b/1.png": (1, "validation"),
    }


def test_links_in_a_folder_are_not_followed_and_an_empty_folder_stays_as_it_is(library: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(saved(photo(), "PNG"))
    folder = library / "datasets" / "linked"
    folder.mkdir(parents=True)
    (folder / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(LibraryError, match="There is no picture"):
        AdoptFolder("linked").answer()
    assert [path.name for path in folder.iterdir()] == ["a.png"]
