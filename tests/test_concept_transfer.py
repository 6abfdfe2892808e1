"""A zip brings back the concepts that it took, and a data set hands pictures over to one."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from concept_files import brought, greys, kept, pictures, png, zipped

from xai_core.concepts import editing, exporting
from xai_core.concepts.concept import concept, concepts
from xai_core.concepts.exporting import as_zip
from xai_core.concepts.handover import FromDataset
from xai_core.concepts.importing import ImportConcepts
from xai_core.datasets.dataset import save
from xai_core.errors import LibraryError, UnusableConcept, UnusableData
from xai_core.intake import read_picture
from xai_core.jobs import on_device
from xai_core.library import entries
from xai_core.library.home import VARIABLE


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def test_what_was_packed_comes_back_with_titles_origins_and_pools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "SHARE", 2)
    titles = [
        "Red / white",
        "random500_0",
        "CON",
        "Стрелка " * 8,
        "Стрелка " * 8 + "!",
        "concepts.json",
        "x" * 80,
        "X" * 80,
    ]
    keys = [
        editing.create(title, pictures(number, number + 1), f"origin {number}").key
        for number, title in enumerate(titles)
    ]
    keys.append(editing.create("Streets", pictures(50, 51, 52), "uploaded", pool=True).key)
    keys.append(editing.create("Woods", pictures(60), "", pool=True).key)
    keys += [editing.create(title, [], "").key for title in ("Nothing yet", "Nothing at all")]
    before, origins = kept(), {each.title: each.origin for each in concepts().concepts}
    packed = as_zip(keys)
    assert as_zip(keys) == packed
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    for again in ({"c.zip": packed}, {"c.zip": packed, "more.zip": zipped({"Blue/a.png": png(9)})}):
        report = brought(again)
        found = kept()
        assert {title: found.get(title) for title, each in before.items() if each[1]} == {
            title: each for title, each in before.items() if each[1]
        }
        assert {
            each.title: each.origin for each in concepts().concepts if each.title in before
        }.items() <= origins.items()
        assert (report.refused, report.doubles, report.notes) == ((), 0, ())
        for each in report.kept:
            entries.remove("concepts", each.key)
    assert {each.title for each in report.kept} - set(before) == {"Mine"}


def test_two_concepts_of_one_title_come_back_as_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [editing.create(title, pictures(number), "drawn").key for number, title in enumerate(("Red", "Rot"))]
    entries.change("concepts", keys[1], lambda manifest: {**manifest, "title": "Red"})
    packed = as_zip(keys)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    brought({"c.zip": packed})
    assert kept() == {"Red": (False, [0]), "Red (2)": (False, [1])}


def test_a_zip_reads_as_folders_of_pictures_in_other_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SHARE", 2)
    keys = [editing.create("Stripes", pictures(1, 2), "").key]
    keys.append(editing.create("Streets", pictures(5, 6, 7), "", pool=True).key)
    keys += [editing.create(title, pictures(8), "", pool=True).key for title in ("Woods", "Walls")]
    with zipfile.ZipFile(io.BytesIO(as_zip(keys))) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        folders: dict[str, list[int]] = {}
        for name in archive.namelist():
            if "/" in name:
                grey = int(read_picture(archive.read(name), name).pixels[5, 5, 0])
                folders.setdefault(name.split("/")[0], []).append(grey)
        listed = json.loads(archive.read("concepts.json"))
    assert folders == {
        "Stripes": [1, 2],
        "random500_0": [5, 6],
        "random500_1": [7],
        "random500_2": [8],
        "random500_3": [8],
    }
    assert {each["title"]: (each["pool"], each["folders"]) for each in listed["concepts"]} == {
        "Streets": (True, ["random500_0", "random500_1"]),
        "Woods": (True, ["random500_2"]),
        "Walls": (True, ["random500_3"]),
        "Stripes": (False, ["Stripes"]),
    }
    stripes = next(each for each in listed["concepts"] if each["title"] == "Stripes")
    assert stripes["digests"] == [each.digest for each in pictures(1, 2)]


HOSTILE_LISTS = [
    b"{",
    b"[" * 100_000,
    b"\xff\xfe",
    b'{"concepts": 3}',
    b'{"concepts": [{"title": "x"}]}',
    b'{"concepts": [{"title": 1, "origin": [], "pool": "yes", "folders": null}]}',
]


@pytest.mark.parametrize("words", HOSTILE_LISTS)
def test_a_list_that_is_none_is_said_and_the_folders_tell(words: bytes) -> None:
    report = brought({"c.zip": zipped({"dotted/a.png": png(1), "striped/a.png": png(2), "concepts.json": words})})
    assert kept() == {"dotted": (False, [1]), "striped": (False, [2])}
    assert report.notes == ("concepts.json cannot be read; the concepts are named after their folders.",)


def test_a_list_leads_nowhere_and_its_titles_are_shown_safely(library: Path) -> None:
    one = {
        "title": "../\u202eevil",
        "origin": "../../x",
        "pool": False,
        "folders": ["../dotted", "dotted"],
        "digests": [],
    }
    report = brought(
        {"c.zip": zipped({"dotted/a.png": png(1), "concepts.json": json.dumps({"concepts": [one]}).encode()})}
    )
    (made,) = report.kept
    assert entries.folder_of("concepts", made.key).parent == library / "concepts"
    assert not set(made.title + concept(made.key).origin) & set("\u202e/\\")


def test_packing_what_is_gone_is_said() -> None:
    key = editing.create("Red", pictures(1), "").key
    next(entries.folder_of("concepts", key).glob("*.png")).unlink()
    with pytest.raises(LibraryError, match="The concepts were not packed"):
        as_zip([key])
    with pytest.raises(LibraryError, match="There is no concept set gone"):
        as_zip(["gone"])


def test_pictures_of_a_data_set_become_a_concept_by_class_by_file_or_all_of_them() -> None:
    given = [(png(number), f"{number}.png", number % 2, "") for number in range(4)]
    data = save("Pets", ("cat", "dog"), given, {})
    files = tuple(item.file for item in data.items[:3])
    chosen = {
        "dogs": FromDataset(data.key, 1, "dogs", label=1),
        "three": FromDataset(data.key, 1, "three", files=files),
        "both": FromDataset(data.key, 1, "both", files=files, label=0),
        "all": FromDataset(data.key, 1, "all", pool=True),
    }
    made = {name: request.answer() for name, request in chosen.items()}
    assert {name: sorted(greys(each.key)) for name, each in made.items()} == {
        "dogs": [1, 3],
        "three": sorted(int(data.picture(item).pixels[0, 0, 0]) for item in data.items[:3]),
        "both": sorted(int(data.picture(item).pixels[0, 0, 0]) for item in data.items[:3] if item.label == 0),
        "all": [0, 1, 2, 3],
    }
    one = concept(made["dogs"].key)
    assert one.origin == "from Pets"
    assert (one.data.folder / one.items[0].file).read_bytes() == png(1)
    assert concept(made["all"].key).pool


def test_a_selection_that_is_out_of_date_or_empty_is_said() -> None:
    data = save("Pets", ("cat",), [(png(1), "1.png", 0, "")], {})
    with pytest.raises(UnusableData, match="revision 7"):
        FromDataset(data.key, 7, "x").answer()
    with pytest.raises(UnusableConcept, match=r"1 of 1 chosen pictures are not in Pets any more"):
        FromDataset(data.key, 1, "x", files=("gone.png",)).answer()
    with pytest.raises(UnusableConcept, match="0 of the 1 pictures of Pets"):
        FromDataset(data.key, 1, "x", label=5).answer()
    assert kept() == {}
    assert not on_device(FromDataset(data.key, 1, "x"))
    assert not on_device(ImportConcepts("", "x"))
