"""Concepts and maps from a notebook, in the library that the dashboard has too."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from planted_maps import own_library
from tcav_sets import drawn

from conftest import make_toy
from xai_core import notebook as look
from xai_core.classifier import Classifier
from xai_core.concepts.concept import concepts
from xai_core.datasets.dataset import Dataset, datasets
from xai_core.errors import LibraryError
from xai_core.notebook.models import hub
from xai_core.tcav.table import as_json

LABELS = ("cat", "dog", "fox", "owl", "bee")  # of the toy
QUICK: dict[str, Any] = {"runs": 4, "random_concepts": 19, "most": 12, "examples": 20}


@pytest.fixture(autouse=True, scope="module")
def library_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with own_library(tmp_path_factory):
        yield


@pytest.fixture(scope="module")
def toy(library_of_its_own: None) -> Classifier:
    hub().adopt(make_toy())
    return look.load("toy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve pictures each of two classes, a table, and a file that is no picture."""
    place = tmp_path_factory.mktemp("brought") / "pets"
    for name, colour in ((LABELS[0], "red"), (LABELS[1], "blue")):
        (place / name).mkdir(parents=True)
        for number in range(12):
            Image.fromarray(drawn(colour, number).pixels).save(place / name / f"{number}.png")
    (place / LABELS[0] / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and then nothing")
    return place


@pytest.fixture(scope="module")
def pets(folder: Path, library_of_its_own: None) -> Dataset:
    with pytest.warns(UserWarning, match=r"broken\.jpg"):
        return look.data_set("pets", folder)


@pytest.fixture(scope="module")
def tested(toy: Classifier, pets: Dataset) -> look.ConceptTest:
    red = look.concept("red", [drawn("red", number) for number in range(50, 64)])
    pool = look.concept("anything", [drawn("any", number) for number in range(60)], pool=True)
    return look.tcav(toy, red, LABELS[:2], pets, pools=[pool], **QUICK)


def test_a_folder_becomes_a_data_set_with_its_folders_as_classes(pets: Dataset) -> None:
    assert set(pets.classes) == set(LABELS[:2])
    assert len(pets.items) == 24


def test_a_cell_that_is_run_again_brings_nothing_twice(pets: Dataset, folder: Path) -> None:
    shown = [drawn("red", number) for number in range(200, 210)]
    first, labelled = look.concept("again", shown), look.data_set("loose", shown, ["a", "b"] * 5)
    before = len(datasets()), len(concepts().concepts)
    assert look.concept("again", shown) == first
    assert look.data_set("loose", shown, ["a", "b"] * 5) == labelled
    assert look.data_set("pets", folder) == pets
    assert (len(datasets()), len(concepts().concepts)) == before


def test_a_concept_is_known_by_its_title_and_by_one_with_a_number() -> None:
    one, other = ([drawn("red", number) for number in numbers] for numbers in (range(400, 405), range(405, 410)))
    first, second = look.concept("hue/red", one), look.concept("hue/red", other)
    assert [each.title for each in (first, second)] == ["hue red", "hue red (2)"]
    assert look.concept("hue/red", one) == first
    assert look.concept("hue/red", other) == second
    assert look.concept("hue", one).title == "hue"


def test_what_differs_is_kept_beside_the_first() -> None:
    shown = [drawn("blue", number) for number in range(300, 306)]
    first, other = look.concept("blues", shown), look.concept("blues", shown[1:])
    assert (first.key, len(first.items)) != (other.key, len(other.items))
    one, swapped = look.data_set("pair", shown[:2], ["a", "b"]), look.data_set("pair", shown[:2], ["b", "a"])
    assert [one.classes[item.label or 0] for item in one.items] == ["a", "b"]
    assert [swapped.classes[item.label or 0] for item in swapped.items] == ["b", "a"]


def test_the_test_is_the_one_that_the_page_makes(tested: look.ConceptTest) -> None:
    """The page's own path from the same choices: the same requests, and so the same figures."""
    from pages.ui.concepts.asking import requests
    from pages.ui.concepts.study import Study
    from xai_core.describe import Describe
    from xai_core.tcav.settings import Settings

    card = hub().run(Describe("toy"))
    inside = concepts()
    red = next(each for each in inside.concepts if each.title == "red")
    pool = next(each for each in inside.pools if each.title == "anything")
    pets = next(each for each in datasets() if each.title == "pets")
    kept = Study(settings=Settings(**QUICK))
    (asked,) = requests(kept, card, [red], pets, list(LABELS[:2]), [card.bottleneck], pool)
    assert tested.grid.findings[0].result.request == asked


def test_a_test_is_told_and_saved(tested: look.ConceptTest, tmp_path: Path) -> None:
    assert "red" in str(tested)
    assert all(str(row["sentence"]) in str(tested) for row in tested.rows)
    tested.save(tmp_path / "red.json")
    assert json.loads((tmp_path / "red.json").read_text()) == json.loads(as_json(tested.grid))
    tested.save(tmp_path / "red.csv")
    assert len(list(csv.reader((tmp_path / "red.csv").open(encoding="utf-8-sig")))) == 3
    with pytest.raises(ValueError, match=r"\.csv or \.json"):
        tested.save(tmp_path / "red.xlsx")


def test_a_finding_leads_to_pictures_and_places(tested: look.ConceptTest, pets: Dataset) -> None:
    found = tested.findings[0]
    order = look.sort_by_concept(found, pets)
    likeness = order.likeness
    assert (np.diff(likeness) <= 0).all()
    first, last = (pets.items[order.items[place]].label for place in (0, -1))
    assert (pets.classes[first or 0], pets.classes[last or 0]) == (LABELS[0], LABELS[1])
    shown = look.concept_map(found, drawn("red", 5))
    assert shown.values.ndim == 2


def test_all_pictures_of_a_set_may_be_those_of_a_class(toy: Classifier, pets: Dataset) -> None:
    red = look.concept("red", [drawn("red", number) for number in range(50, 64)])
    pool = look.concept("anything", [drawn("any", number) for number in range(60)], pool=True)
    found = look.tcav(toy, [red], [LABELS[2].upper(), 3], {LABELS[2]: pets, LABELS[3]: pets}, pools=[pool], **QUICK)
    assert [each.cell.examples for each in found.findings] == [20, 20]
    with pytest.raises(ValueError, match=LABELS[4]):
        look.tcav(toy, [red], [4], {LABELS[2]: pets}, pools=[pool], **QUICK)


def test_a_class_that_the_model_does_not_have_is_told(toy: Classifier, pets: Dataset) -> None:
    red = look.concept("red", [drawn("red", number) for number in range(50, 64)])
    with pytest.raises(ValueError, match="called 'unicorn'"):
        look.tcav(toy, red, ["unicorn"], pets)
    with pytest.raises(ValueError, match="classes 0 to 4, got 5"):
        look.tcav(toy, red, [5], pets)


def test_a_concept_may_be_drawn() -> None:
    striped = look.concept("stripes", look.Recipe("stripes", scale=0.3))
    assert len(striped.items) == 60
    assert striped.origin == "drawn: stripes, scale 0.3, contrast 0.7, seed 0"


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no folder or file"):
        look.data_set("nothing", tmp_path / "nowhere")
    with pytest.raises(LibraryError, match="no picture for nothing"):
        look.concept("nothing", tmp_path)
    with pytest.raises(ValueError, match="2 pictures need as many labels, got 1"):
        look.data_set("pair", [drawn("red", 1), drawn("red", 2)], ["a"])
    with pytest.raises(ValueError, match="sub-folders"):
        look.data_set("pair", tmp_path, ["a"])


def test_a_map_is_drawn_told_added_to_and_saved(toy: Classifier, pets: Dataset, tmp_path: Path) -> None:
    shown = look.picture_map(toy, pets, perplexity=5, iterations=50)
    assert shown.points.shape == (24, 2)
    assert shown.perplexity == 5
    assert "neighbours" in look.in_words(shown)
    placed = look.place(shown, drawn("red", 99))
    assert np.isfinite(placed.point).all()
    look.save_map(shown, tmp_path / "pets.csv")
    assert len((tmp_path / "pets.csv").read_text("utf-8").splitlines()) == 25
    look.save_map(shown, tmp_path / "pets.html")
    assert "data:image/webp" in (tmp_path / "pets.html").read_text("utf-8")
    with pytest.raises(ValueError, match="perplexities"):
        look.picture_map(toy, pets, perplexities=5)
    with pytest.raises(ValueError, match=r"\.csv or \.html"):
        look.save_map(shown, tmp_path / "pets.png")


def test_progress_is_one_line_that_moves(capsys: pytest.CaptureFixture[str]) -> None:
    look.show_progress(0.25, "a long word about what is being done")
    look.show_progress(1.0, "done")
    first, last = capsys.readouterr().err.removeprefix("\r").split("\r")
    assert first.startswith(" 25%  a long word")
    assert last.startswith("100%  done")
    assert last.endswith("\n")
    assert len(first) == len(last.rstrip("\n"))
