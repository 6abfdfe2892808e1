"""Folders become concepts and the random ones a pool; what is no picture is named; all are kept or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from concept_files import brought, kept, png, zipped

from xai_core.concepts import importing
from xai_core.concepts.concept import concept
from xai_core.concepts.importing import ImportConcepts
from xai_core.errors import LibraryError
from xai_core.library import entries, incoming
from xai_core.library.home import VARIABLE
from xai_core.progress import Cancelled


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


TCAV_LAYOUT = {
    "tcav/dotted/b.png": png(2),
    "tcav/dotted/a.png": png(1),
    "tcav/striped/a.png": png(1),
    "tcav/striped/again.png": png(1),
    "tcav/random500_0/x.png": png(7),
    "tcav/random500_1/x.png": png(8),
    "tcav/random500_1/y.png": png(7),
    "tcav/.DS_Store": b"x",
}


@pytest.mark.parametrize("form", ["zip", "folders"])
def test_a_folder_is_a_concept_and_the_random_folders_are_one_pool(form: str) -> None:
    report = brought({"tcav.zip": zipped(TCAV_LAYOUT)} if form == "zip" else TCAV_LAYOUT)
    assert kept() == {
        "dotted": (False, [1, 2]),
        "striped": (False, [1]),
        "Random counter-examples": (True, [7, 8]),
    }
    assert [(each.title, each.pool, each.pictures) for each in report.kept] == [
        ("dotted", False, 2),
        ("Random counter-examples", True, 2),
        ("striped", False, 1),
    ]
    assert (report.doubles, report.refused, report.notes) == (2, (), ())
    assert {concept(each.key).origin for each in report.kept} == {"uploaded"}


def test_loose_pictures_and_a_single_folder_have_the_title_that_was_typed() -> None:
    brought({"a.png": png(1), "b.png": png(2)}, "Rust")
    brought({"stains/a.png": png(1)}, "Stains of oil")
    brought({"stains/a.png": png(1)}, " ")
    assert kept() == {"Rust": (False, [1, 2]), "Stains of oil": (False, [1]), "stains": (False, [1])}


def test_a_pool_takes_all_folders() -> None:
    brought({"one/a.png": png(1), "two/b.png": png(2), "c.png": png(3)}, "Streets", pool=True)
    assert kept() == {"Streets": (True, [3, 1, 2])}


def test_what_is_no_picture_is_named_with_its_reason() -> None:
    files = {"dotted/a.png": png(1), "dotted/notes.txt": b"hello", "striped/b.png": png(2)[:60], "readme.md": b"# x"}
    report = brought(files)
    assert kept() == {"dotted": (False, [1])}
    assert [name for name, _ in report.refused] == ["dotted/notes.txt", "readme.md", "striped/b.png"]
    assert report.notes == ("No concept was made of striped: every picture was left out.",)
    with pytest.raises(LibraryError, match=r"^notes\.txt is not a picture"):
        brought({"notes.txt": b"hello"})
    with pytest.raises(LibraryError, match="There is no picture in what was brought"):
        brought({"empty.zip": zipped({})})


def test_an_upload_becomes_all_of_its_concepts_or_none(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = incoming.stage(list(TCAV_LAYOUT.items()))

    def stop(fraction: float, note: str = "") -> None:
        if note.startswith("5 of"):
            raise Cancelled

    with pytest.raises(Cancelled):
        ImportConcepts(staged, "Mine").answer(progress=stop)
    monkeypatch.setattr(importing, "MOST", 2)
    with pytest.raises(LibraryError, match="3 folders, each of which would be a concept; the limit is 2"):
        brought(TCAV_LAYOUT)
    monkeypatch.undo()
    monkeypatch.setenv(VARIABLE, str(library))
    entries.listing("concepts")
    real, seen = Path.rename, []

    def full(self: Path, target: Path) -> Path:
        seen.append(target)
        if len(seen) == 3:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(LibraryError, match="The concepts were not saved: the disk is full"):
        brought(TCAV_LAYOUT)
    assert len(seen) == 5  # two were taken back
    assert kept() == {}
    assert [path.name for path in (library / "incoming").iterdir() if path.is_dir()] == []
    assert [path for path in (library / "concepts").iterdir() if not path.name.startswith(".")] == []
