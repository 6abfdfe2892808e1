"""What is known of pictures goes with them: into concepts, from one to another, out as a zip and in again."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from picture_files import saved
from xai_core.concepts import editing
from xai_core.concepts.concept import concept, concepts
from xai_core.concepts.exporting import TABLE, as_zip
from xai_core.concepts.handover import FromDataset, FromSeveral
from xai_core.concepts.importing import ImportConcepts, ImportedConcepts
from xai_core.datasets.dataset import Dataset, dataset, save
from xai_core.datasets.importing import ImportDataset
from xai_core.errors import LibraryError
from xai_core.library import incoming
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.spreadsheet import as_meant, harmless

ODD = (
    "=1+1",
    "-3",
    "-3 °C",
    "'=1",
    "@you",
    "+",
    "a;b;c",
    'says "x", y',
    "'quoted'",
    "naïve 字",
    "x" * 79 + "=",
    "=" * 80,
)


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def grey(number: int) -> np.ndarray:
    return np.full((20, 24, 3), number, np.uint8)


def png(number: int) -> bytes:
    return saved(grey(number), "PNG")


def pictures(*numbers: int) -> list[Picture]:
    return [Picture.of(grey(number), f"picture {number}.png") for number in numbers]


def pets() -> Dataset:
    """Grey n is of class n % 2, and known of it are the site and, from 2 on, the age."""
    given = [(png(n), f"{n}.png", n % 2, "", (f"site {n}", str(n) if n > 1 else "")) for n in range(6)]
    return save("Pets", ("cat", "dog"), given, {}, columns=("site", "age"))


def files(data: Dataset, *numbers: int) -> tuple[str, ...]:
    return tuple(item.file for item in data.items if int(item.name[0]) in numbers)


def known(key: str) -> dict[int, dict[str, str]]:
    """By the grey that lies on the disk: what is known of it, as (name, text) without what is not known."""
    data = concept(key).data
    return {
        int(data.picture(item).pixels[5, 5, 0]): {
            name: text for name, text in zip(data.columns, item.facts, strict=True) if text
        }
        for item in data.items
    }


def brought(given: dict[str, bytes], title: str = "Mine", pool: bool = False) -> ImportedConcepts:
    return ImportConcepts(incoming.stage(list(given.items())), title, pool).answer()


def table(*lines: tuple[object, ...], mark: str = ",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=mark).writerows(lines)
    return file.getvalue().encode()


def test_a_concept_of_a_data_sets_pictures_knows_of_them_what_the_data_set_knows() -> None:
    data = pets()
    made = FromDataset(data.key, 1, "some", files(data, 1, 3)).answer()
    assert known(made.key) == {1: {"site": "site 1"}, 3: {"site": "site 3", "age": "3"}}
    young = FromDataset(data.key, 1, "young", files(data, 1)).answer()
    assert concept(young.key).data.columns == ("site",)  # of age, nothing is known
    mixed = FromDataset(data.key, 1, "mixed", files(data, 2, 3)).answer()
    assert known(mixed.key) == {
        2: {"class": "cat", "site": "site 2", "age": "2"},
        3: {"class": "dog", "site": "site 3", "age": "3"},
    }


def test_a_selection_from_several_sets_has_the_columns_of_all_empty_where_nothing_is_known() -> None:
    one = pets()
    two = save("Zoo", (), [(png(n), f"{n}.png", None, "", (f"{n} kg", "x")) for n in (8, 9)], {}, columns=("kg", "age"))
    parts = (FromDataset(one.key, 1, "", files(one, 5)), FromDataset(two.key, 1, ""))
    made = FromSeveral(parts, "both").answer()
    assert concept(made.key).data.columns == ("class", "site", "age", "kg")
    assert [item.facts for item in concept(made.key).items] == [
        ("dog", "site 5", "5", ""),
        ("", "", "x", "8 kg"),
        ("", "", "x", "9 kg"),
    ]


def test_a_column_called_class_is_the_persons_and_stays_as_it_is() -> None:
    given = [(png(n), f"{n}.png", n, "", ("first", "second")[n : n + 1]) for n in range(2)]
    data = save("School", ("a", "b"), given, {}, columns=("class",))
    assert known(FromDataset(data.key, 1, "all").answer().key) == {0: {"class": "first"}, 1: {"class": "second"}}


def test_copies_and_mergers_keep_what_is_known_and_a_picture_of_both_has_it_from_both() -> None:
    data = pets()
    dogs = FromDataset(data.key, 1, "dogs", label=1).answer().key
    again = save("Again", (), [(png(3), "3.png", None, "", ("Bello", "no"))], {}, columns=("name", "site"))
    named = FromDataset(again.key, 1, "named").answer().key
    plain = editing.create("plain", pictures(7), "").key
    assert known(editing.duplicate(dogs).key) == known(dogs)
    merged = editing.merge([plain, dogs, named], "all").key
    assert known(merged) == {**known(dogs), 3: {"site": "site 3", "age": "3", "name": "Bello"}, 7: {}}
    assert known(editing.merge([named, dogs], "again").key)[3] == {"site": "no", "age": "3", "name": "Bello"}


def test_pictures_of_the_library_join_a_concept_with_what_is_known_of_them() -> None:
    data, key = pets(), editing.create("mine", pictures(20, 21), "").key
    editing.take_out(key, {pictures(20)[0].digest})
    of = {item.name: (data, item) for item in data.items}
    located = [of[name] for name in sorted(of)]
    added = editing.add_of(key, located[4:5])
    assert (added.pictures, known(key)) == (2, {21: {}, 4: {"site": "site 4", "age": "4"}})
    editing.put_back(key, {pictures(20)[0].digest})  # it went when there was no column yet
    assert known(key)[20] == {}
    assert editing.add_of(key, located[3:5]).doubles == 1
    assert editing.add(key, pictures(30)).pictures == 5
    of_two_classes = {"class": "dog", "site": "site 3", "age": "3"}
    assert known(key) == {20: {}, 21: {}, 30: {}, 4: {"site": "site 4", "age": "4"}, 3: of_two_classes}
    editing.add_of(key, located[:1])  # and now there is a column for it
    assert known(key)[0] == {"class": "cat", "site": "site 0"}
    assert concept(key).data.columns == ("site", "age", "class")


def test_concepts_that_are_divided_take_along_what_is_known_of_each() -> None:
    given = [(png(n), f"{n}.png", n % 2, "", (f"site {n}" if n % 2 else "",)) for n in range(4)]
    data = save("Old", ("red", "blue"), given, {}, shelf="concepts", columns=("site",))
    red, blue = editing.divide(data.key)
    assert known(red) == {0: {}, 2: {}}
    assert known(blue) == {1: {"site": "site 1"}, 3: {"site": "site 3"}}
    assert concept(red).data.columns == ()


def test_what_is_known_is_packed_with_the_pictures_and_comes_back_letter_for_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = ("picture", "a;b;c;d;e;f;g;h", "=x")
    names = [f"{'long ' * 20}{n}.png" for n in range(3)] + ["same.png.png", "same.png", *(f"{n}.png" for n in range(9))]
    given = [
        (png(10 + n), name, None, "", (name, text, ODD[-1 - n]))
        for n, (name, text) in enumerate(zip(names, ODD, strict=False))
    ]
    data = save("=1+1", (), given, {}, columns=columns)
    keys = [FromDataset(data.key, 1, "=1+1").answer().key, editing.create("plain", pictures(1), "").key]
    keys.append(FromDataset(pets().key, 1, "x", pool=True).answer().key)
    before = {concept(key).title: known(key) for key in keys}
    packed = as_zip(keys)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    report = brought({"c.zip": packed})
    assert {each.title: known(each.key) for each in report.kept} == before
    assert report.refused == ()
    assert {title: concept(each.key).data.columns for each in report.kept for title in [each.title]} == {
        "=1+1": columns, "plain": (), "x": ("class", "site", "age"),
    }  # fmt: skip
    # the same file is a data set of folders with a table, too
    again = dataset(ImportDataset(incoming.stage([("c.zip", packed)]), "again").answer().key)
    assert set(columns) | {"class", "site", "age"} == set(again.columns)


def test_the_packed_table_is_computed_by_no_spreadsheet_and_left_out_where_nothing_is_known() -> None:
    data = save("d", (), [(png(n), "x.png", None, "", (text,)) for n, text in enumerate(ODD)], {}, columns=("=x",))
    packed = as_zip([FromDataset(data.key, 1, "=1+1").answer().key])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        heading, *lines = csv.reader(io.StringIO(archive.read(TABLE).decode("utf-8-sig"), newline=""))
        assert {line[0].removeprefix("'") for line in lines} == {n for n in archive.namelist() if n.endswith(".png")}
    cells = [cell for line in (heading, *lines) for cell in line]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == ["-3"]
    plain = as_zip([editing.create("plain", pictures(1), "").key])
    assert TABLE not in zipfile.ZipFile(io.BytesIO(plain)).namelist()


@pytest.mark.parametrize("text", [*ODD, "", "''-3", "'-3", "-3e5", "+.5", "-1,5", "-3\n", "-inf"])
def test_a_word_that_is_marked_for_a_spreadsheet_is_found_again(text: str) -> None:
    assert as_meant(harmless(text)) == text


@pytest.mark.parametrize("form", ["zip", "folders", "semicolons"])
def test_a_table_beside_the_folders_of_concepts_tells_of_each_picture_what_it_says(form: str) -> None:
    lines = [("file", "site", "age"), ("dotted/a.png", "x", ""), ("striped/a.png", "y", 7), ("random_1/b", "z", "")]
    given = {f"{name}.png": png(n) for n, name in enumerate(("dotted/a", "dotted/b", "striped/a", "random_1/b"))}
    given["about.csv"] = table(*lines, ("gone.png", "", ""), mark=";" if form == "semicolons" else ",")
    if form == "zip":
        with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
            for name, content in given.items():
                archive.writestr(name, content)
        given = {"tcav.zip": file.getvalue()}
    report = brought(given)
    made = {each.title: (each.pool, known(each.key)) for each in report.kept}
    assert made == {
        "dotted": (False, {0: {"site": "x"}, 1: {}}),
        "striped": (False, {2: {"site": "y", "age": "7"}}),
        "Random counter-examples": (True, {3: {"site": "z"}}),
    }
    assert report.refused == ()
    assert report.notes[0] == "1 line of about.csv names no picture that came, or several."
    assert "site, age" in report.notes[1]


def test_a_table_beside_loose_pictures_or_a_pool_is_read_and_one_that_fits_none_is_refused_with_words() -> None:
    loose = {"a.png": png(1), "b.png": png(2), "about.tsv": table(("a.png", "left"), ("b.png", "right"), mark="\t")}
    (one,) = brought(loose).kept
    assert known(one.key) == {1: {"column 2": "left"}, 2: {"column 2": "right"}}
    (pool,) = brought(loose, pool=True).kept
    assert (pool.pool, known(pool.key)) == (True, known(one.key))
    report = brought({"a.png": png(1), "prices.csv": table(("file", "price"), ("z.png", 3))})
    ((name, reason),) = report.refused
    assert (name, "names none of these pictures" in reason) == ("prices.csv", True)
    with pytest.raises(LibraryError, match="names none of these pictures"):
        brought({"prices.csv": table(("file", "price"))})
    assert len(concepts().concepts) == 2


@pytest.mark.parametrize("shelf", ["datasets", "concepts"])
def test_of_two_files_with_the_same_pixels_what_is_known_of_either_is_kept(shelf: str) -> None:
    lines = [("file", "site", "age"), ("a.png", "", 3), ("b.png", "x", 4)]
    given = {"a.png": png(1), "b.png": png(1), "c.png": png(2), "about.csv": table(*lines)}
    if shelf == "concepts":
        data = concept(brought(given).kept[0].key).data
    else:
        data = dataset(ImportDataset(incoming.stage(list(given.items())), "Pets").answer().key)
    assert (data.columns, [item.facts for item in data.items]) == (("site", "age"), [("x", "3"), ("", "")])
