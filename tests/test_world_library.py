"""The demo world in the library: whole, found again, and stopped without a trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from xai_core.datasets.dataset import dataset
from xai_core.library import entries
from xai_core.progress import Cancelled
from xai_core.world import world
from xai_core.world.creatures import creature
from xai_core.world.facts import COLOURS, CROPS, FAMILIES, PER_CONCEPT, SCENES, TEXTURES
from xai_core.world.world import PARTS, BuildWorld


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
    assert len(entries.listing("concepts").entries) == 3


def test_a_data_set_of_creatures_holds_the_very_pixels_with_class_and_split(small: Path) -> None:
    creatures = dataset(BuildWorld().answer().creatures)
    assert creatures.classes == FAMILIES
    assert {item.split for item in creatures.items} == {"train", "validation", "test"}
    first = creatures.items[0]
    assert creatures.picture(first) == creature("Emberling", 0)
    assert (first.label, first.split) == (0, "train")


def test_a_concept_set_is_a_folder_of_pictures_for_each_concept(small: Path) -> None:
    folder = entries.folder_of("concepts", BuildWorld().answer().colours)
    inside = {path.parent.name: path for path in folder.glob("[!.]*/*.png")}
    assert set(inside) == set(COLOURS)
    with Image.open(inside["red"]) as image:
        assert image.size == (224, 224)


def test_a_renamed_part_is_still_found(small: Path) -> None:
    first = BuildWorld().answer()
    entries.change("datasets", first.creatures, lambda manifest: {**manifest, "title": "My creatures"})
    assert BuildWorld().answer() == first


def test_a_part_that_was_removed_is_drawn_again(small: Path) -> None:
    first = BuildWorld().answer()
    entries.remove("concepts", first.textures)
    again = BuildWorld().answer()
    assert entries.manifest("concepts", again.textures)["classes"] == list(TEXTURES)
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


def test_the_whole_world_has_as_many_pictures_as_it_says() -> None:
    counts = {part.name: len(part.pictures()) for part in PARTS}
    assert counts["creatures"] == 3 * 230
    assert counts["colours"] == len(COLOURS) * PER_CONCEPT
    assert counts["textures"] == len(TEXTURES) * PER_CONCEPT
    assert counts["counter-examples"] == SCENES + CROPS
    tests = [draw() for draw in next(part for part in PARTS if part.name == "tagged").pictures()[-180:]]
    assert {split for _, _, _, split in tests} == {"test"}
    assert len({picture.digest for picture, _, _, _ in tests if not isinstance(picture, bytes)}) == 180
