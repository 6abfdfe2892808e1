"""The demo world in the library: whole, found again, and stopped without a trace."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from xai_core.concepts.concept import concepts
from xai_core.datasets.dataset import dataset
from xai_core.errors import LibraryError
from xai_core.library import entries
from xai_core.library.rooms import alone
from xai_core.progress import Cancelled
from xai_core.world import world
from xai_core.world.creatures import creature
from xai_core.world.facts import COLOURS, CROPS, FAMILIES, PER_CONCEPT, SCENES, SIGNED, TEXTURES
from xai_core.world.world import COUNTER_EXAMPLES, EXAMPLES, PARTS, BuildWorld, World


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of its own, and a world with every sixtieth picture."""
    monkeypatch.setenv("SECOND_LOOK_HOME", str(tmp_path))
    parts = [replace(part, pictures=lambda part=part: part.pictures()[::60]) for part in PARTS]
    monkeypatch.setattr(world, "PARTS", tuple(parts))
    return tmp_path


def test_the_world_is_drawn_into_the_library_and_found_there_the_second_time(small: Path) -> None:
    told: list[float] = []
    first = BuildWorld().answer(progress=lambda fraction, note="": told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert BuildWorld().answer() == first
    assert len(entries.listing("datasets").entries) == 2
    assert len(entries.listing("concepts").entries) == len(COLOURS) + len(TEXTURES) + len(SIGNED) + 1


def test_a_data_set_of_creatures_holds_the_very_pixels_with_class_and_split(small: Path) -> None:
    creatures = dataset(BuildWorld().answer().creatures)
    assert creatures.classes == FAMILIES
    assert {item.split for item in creatures.items} == {"train", "validation", "test"}
    first = creatures.items[0]
    assert creatures.picture(first) == creature("Emberling", 0)
    assert (first.label, first.split) == (0, "train")


def test_every_concept_is_an_entry_of_its_own_and_the_counter_examples_are_a_pool(small: Path) -> None:
    made, kept = BuildWorld().answer(), concepts()
    assert {each.key for each in kept.concepts} == {key for _, key in made.concepts}
    assert [each.key for each in kept.pools] == [made.pool]
    assert {"Red", "Stripes", "Mosskin tag"} <= {each.title for each in kept.concepts}
    folder = entries.folder_of("concepts", dict(made.concepts)["red"])
    with Image.open(next(folder.glob("*.png"))) as image:
        assert image.size == (224, 224)


def test_concepts_come_without_the_creatures_and_the_pool_without_concepts(small: Path) -> None:
    made = BuildWorld(("dots", *COUNTER_EXAMPLES)).answer()
    assert [name for name, _ in made.concepts] == ["dots"]
    assert (made.creatures, made.tagged) == ("", "")
    assert entries.listing("datasets").entries == ()
    assert BuildWorld(COUNTER_EXAMPLES).answer() == World(pool=made.pool)
    with pytest.raises(ValueError, match="no pink"):
        BuildWorld((*EXAMPLES, "pink"))


def test_a_renamed_part_is_still_found(small: Path) -> None:
    first = BuildWorld().answer()
    entries.change("datasets", first.creatures, lambda manifest: {**manifest, "title": "My creatures"})
    entries.change("concepts", first.concepts[0][1], lambda manifest: {**manifest, "title": "Warm"})
    assert BuildWorld().answer() == first


def test_a_part_that_was_removed_is_drawn_again(small: Path) -> None:
    first = BuildWorld().answer()
    gone = dict(first.concepts)["stripes"]
    entries.remove("concepts", gone)
    again = BuildWorld().answer()
    assert gone not in dict(again.concepts).values()
    assert dataset(dict(again.concepts)["stripes"], "concepts").title == "Stripes"
    assert again.creatures == first.creatures


def test_what_is_stopped_leaves_whole_entries_only(small: Path) -> None:
    def stop(fraction: float, note: str = "") -> None:
        if "tags" in note:
            raise Cancelled

    with pytest.raises(Cancelled):
        BuildWorld().answer(progress=stop)
    assert [entry.title for entry in entries.listing("datasets").entries] == ["Demo: creatures"]
    BuildWorld().answer()
    assert len(entries.listing("datasets").entries) == 2


def test_while_another_program_draws_it_one_waits_and_draws_nothing_twice(small: Path) -> None:
    told: list[str] = []

    def look(fraction: float, note: str = "") -> None:
        told.append(note)
        if len(told) == 2:
            raise Cancelled

    with ThreadPoolExecutor(1) as other:
        with alone("world"):
            waiting = other.submit(BuildWorld(("red",)).answer, None, look)
            with pytest.raises(Cancelled):
                waiting.result()
        assert told == ["somebody else is drawing the demo world"] * 2
        assert entries.listing("concepts").entries == ()
        begun = other.submit(BuildWorld(("red",)).answer)  # nobody is inside any more
        assert BuildWorld(("red",)).answer() == begun.result()
    assert len(entries.listing("concepts").entries) == 1


def test_a_world_that_is_there_needs_no_library_that_can_be_written(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = BuildWorld(("red",)).answer()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("filelock._unix.os.open", refuse)
    assert BuildWorld(("red",)).answer() == made
    with pytest.raises(LibraryError, match="this program may not write there"):
        BuildWorld(("red", "blue")).answer()


def test_the_whole_world_has_as_many_pictures_as_it_says() -> None:
    counts = {part.name: len(part.pictures()) for part in PARTS}
    assert counts["creatures"] == 3 * 230
    assert {counts[name] for name in (*COLOURS, *TEXTURES, *SIGNED)} == {PER_CONCEPT}
    assert counts["pool"] == SCENES + CROPS
    tests = [draw() for draw in next(part for part in PARTS if part.name == "tagged").pictures()[-180:]]
    assert {given[3] for given in tests} == {"test"}
    assert len({given[0].digest for given in tests if not isinstance(given[0], bytes)}) == 180
