"""Concepts in the library: each an entry of its own, changed by two people at once without a loss, and undone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from xai_core.concepts import editing
from xai_core.concepts.concept import concept, concepts
from xai_core.concepts.editing import Edited
from xai_core.datasets.adopting import AdoptFolder
from xai_core.datasets.dataset import save
from xai_core.datasets.pictures import as_png
from xai_core.errors import LibraryError, UnreadablePicture, UnusableConcept
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.names import LENGTH
from xai_core.picture import Picture
from xai_core.progress import Cancelled

ROOT = Path(__file__).resolve().parents[1]
ODD_NAMES = [
    "",
    "  ",
    "../../etc/passwd",
    "CON",
    "Стрелка",
    "\u202egnp.exe",
    "a" * 300,
    ".hidden",
    "x:y?*|",
    "né\u0301",
]


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def picture(number: int, name: str = "") -> Picture:
    pixels = np.full((20, 24, 3), number % 256, np.uint8)
    pixels[0, 0] = number // 256
    return Picture.of(pixels, name or f"picture {number}.png")


def numbered(*numbers: int) -> list[Picture]:
    return [picture(number) for number in numbers]


def greys(key: str) -> list[int]:
    """The numbers of a concept's pictures, in order, read from the disk."""
    one = concept(key)
    return [int(one.data.picture(item).pixels[5, 5, 0]) for item in one.items]


def digests(*numbers: int) -> set[str]:
    return {picture(number).digest for number in numbers}


def test_the_same_pixels_are_kept_once_and_counted() -> None:
    made = editing.create("Red", [*numbered(1, 2), picture(1, "again.png")], "uploaded")
    assert made == Edited(made.key, 1, 2, 1)
    kept = concept(made.key)
    assert (kept.title, kept.revision, kept.origin, kept.pool) == ("Red", 1, "uploaded", False)
    assert [item.name for item in kept.items] == ["picture 1.png", "picture 2.png"]
    assert editing.add(made.key, numbered(2, 3, 3)) == Edited(made.key, 2, 3, 2)
    assert greys(made.key) == [1, 2, 3]
    assert concept(made.key).data.thumbnail(concept(made.key).items[2]).exists()


def test_concepts_and_pools_are_told_apart_and_can_change_sides() -> None:
    red, pool = editing.create("Red", [], "uploaded"), editing.create("Pool", numbered(1), "uploaded", pool=True)
    assert [each.key for each in concepts().concepts] == [red.key]
    assert [each.key for each in concepts().pools] == [pool.key]
    assert editing.as_pool(pool.key, False).revision == 2
    assert concepts().pools == ()


def test_two_concepts_never_have_the_same_title() -> None:
    first, second = (editing.create("Red", [], "") for _ in range(2))
    assert [concept(made.key).title for made in (first, second)] == ["Red", "Red (2)"]
    editing.rename(second.key, "Blue")
    editing.rename(first.key, "Blue")
    assert concept(first.key).title == "Blue (2)"
    assert editing.rename(second.key, "Blue").revision == 3
    assert concept(second.key).title == "Blue"


def test_pictures_taken_out_are_put_back_where_they_were() -> None:
    key = editing.create("Red", numbered(*range(6)), "").key
    editing.take_out(key, digests(1, 4))
    assert editing.take_out(key, digests(2, 99)).pictures == 3
    assert greys(key) == [0, 3, 5]
    assert editing.put_back(key, digests(1, 2, 4)) == Edited(key, 4, 6)
    assert greys(key) == [0, 1, 2, 3, 4, 5]
    assert editing.put_back(key, digests(1, 2, 4)).pictures == 6


def test_a_picture_that_was_taken_out_and_added_again_comes_back_once() -> None:
    key = editing.create("Red", numbered(1, 2), "").key
    editing.take_out(key, digests(1))
    editing.add(key, numbered(1))
    assert editing.put_back(key, digests(1)).pictures == 2
    assert greys(key) == [2, 1]


def test_a_copy_lives_on_without_the_original() -> None:
    first = editing.create("Red", numbered(1, 2), "uploaded", pool=True)
    second = editing.duplicate(first.key)
    editing.add(second.key, numbered(3))
    token = entries.remove("concepts", first.key)
    one = concept(second.key)
    assert (greys(second.key), one.title, one.origin, one.pool) == ([1, 2, 3], "Red (2)", "a copy of Red", True)
    assert greys(entries.restore("concepts", token)) == [1, 2]


def test_merging_keeps_every_picture_once_and_the_originals() -> None:
    one, two = editing.create("Red", numbered(1, 2), ""), editing.create("Rose", numbered(2, 3), "", pool=True)
    merged = editing.merge([one.key, two.key, one.key], "Warm")
    assert (merged.pictures, merged.doubles) == (3, 1)
    assert greys(merged.key) == [1, 2, 3]
    assert (concept(merged.key).origin, concept(merged.key).pool) == ("merged: Red, Rose", False)
    assert len(concepts().concepts) == 2
    with pytest.raises(UnusableConcept, match="at least 2 different concepts; 1"):
        editing.merge([one.key, one.key], "Warm")


def test_a_set_of_several_concepts_is_no_concept_until_it_is_divided() -> None:
    pictures = [(picture(number), f"{number}.png", number % 2, "") for number in range(4)]
    data = save("Old colours", ("red", "blue"), pictures, {}, shelf="concepts")
    found = concepts()
    assert found.concepts == ()
    assert found.messages == (
        "Old colours holds 2 concepts in one set, and only one at a time can be tested. Divide it, or remove it.",
    )
    with pytest.raises(LibraryError, match="holds 2 concepts"):
        editing.add(data.key, numbered(9))
    red, blue = editing.divide(data.key)
    assert (concept(red).title, greys(red)) == ("red", [0, 2])
    assert (concept(blue).title, greys(blue)) == ("blue", [1, 3])
    assert concepts().messages == ()


def test_a_folder_that_a_person_put_there_becomes_a_concept_that_can_grow(library: Path) -> None:
    entries.listing("concepts")
    (library / "concepts" / "striped").mkdir()
    for number in (1, 2):
        (library / "concepts" / "striped" / f"{number}.png").write_bytes(as_png(picture(number)))
    assert concepts().dropped_in == ("striped",)
    AdoptFolder("striped", "concepts").answer()
    assert editing.add("striped", numbered(2, 3)).pictures == 3
    assert greys("striped") == [1, 2, 3]
    editing.take_out("striped", digests(1))
    assert (library / "concepts" / "striped" / "1.png").exists()


@pytest.mark.parametrize("name", ODD_NAMES)
def test_whatever_a_concept_and_its_pictures_are_called_they_stay_inside_and_are_shown_safely(
    name: str, library: Path
) -> None:
    key = editing.create(name, [picture(1, name)], name).key
    editing.add(key, [picture(2, name)])
    editing.rename(key, f"{name}!")
    one = concept(key)
    assert greys(key) == [1, 2]
    assert entries.folder_of("concepts", key).parent == library / "concepts"
    for text in (one.title, one.origin, *(item.name for item in one.items)):
        assert len(text) <= LENGTH
        assert not set(text) & set("\u202e/\\")


def test_two_programs_of_fifty_pictures_each_make_a_hundred() -> None:
    key = editing.create("Red", [], "").key
    code = (
        "import sys, numpy as np\nfrom xai_core.concepts.editing import add\nfrom xai_core.picture import Picture\n"
        "print(flush=True)\nsys.stdin.readline()\n"
        "for number in range(50):\n"
        "    pixels = np.full((20, 24, 3), 100 * int(sys.argv[1]) + number, np.uint8)\n"
        f"    add({key!r}, [Picture.of(pixels, 'the same name.png')])"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    programs = [subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT, **pipes) for name in ("0", "1")]
    for program in programs:
        program.stdout.readline()  # both are ready
    for program in programs:
        program.stdin.write(b"\n")
        program.stdin.close()
    assert [program.wait() for program in programs] == [0, 0]
    assert sorted(greys(key)) == [*range(50), *range(100, 150)]
    assert concept(key).revision == 101


def test_two_threads_that_add_the_same_picture_keep_it_once() -> None:
    key = editing.create("Red", [], "").key

    def late() -> Iterator[Picture]:
        """While this addition gathers, another one is finished."""
        with ThreadPoolExecutor(1) as other:
            assert other.submit(editing.add, key, numbered(1, 2)).result().pictures == 2
        yield from numbered(2, 3)

    assert editing.add(key, late()) == Edited(key, 3, 3, 1)
    assert greys(key) == [1, 2, 3]


def test_what_is_stopped_or_fails_leaves_the_concept_as_it_was(library: Path) -> None:
    def stop(fraction: float, note: str = "") -> None:
        raise Cancelled

    def broken() -> Iterator[Picture]:
        yield picture(2)
        raise UnreadablePicture("holiday.heic is an HEIC file.")

    with pytest.raises(Cancelled):
        editing.create("Red", numbered(1), "", progress=stop)
    assert concepts().concepts == ()
    key = editing.create("Red", numbered(1), "").key
    before = sorted(path.name for path in entries.folder_of("concepts", key).rglob("*"))
    with pytest.raises(Cancelled):
        editing.add(key, numbered(2), stop)
    with pytest.raises(UnreadablePicture):
        editing.add(key, broken())
    assert sorted(path.name for path in entries.folder_of("concepts", key).rglob("*")) == before
    assert list((library / "concepts" / ".staging").iterdir()) == []
    assert concept(key).revision == 1


def test_changing_a_concept_that_is_gone_is_said() -> None:
    for change in (lambda: editing.add("gone", numbered(1)), lambda: editing.rename("gone", "x")):
        with pytest.raises(LibraryError, match="There is no concept set gone"):
            change()
