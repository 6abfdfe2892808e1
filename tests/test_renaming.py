"""Data sets and models are called otherwise, and everything that refers to them stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_catalogue import kept

from picture_files import photo
from xai_core import build, catalogue
from xai_core.datasets.dataset import Dataset, dataset, datasets, save
from xai_core.errors import LibraryError
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.renaming import LONGEST, rename


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def zoo(title: str = "Zoo") -> Dataset:
    return save(title, ("a",), [(Picture.of(photo(), "p"), "p.png", 0, "", ("Lima",))], {"x": 1}, columns=("site",))


def test_a_data_set_has_another_title_and_is_the_same_otherwise() -> None:
    before = zoo()
    rename("datasets", before.key, "  Wild / animals ")
    after = dataset(before.key)
    assert after.title == "Wild animals"
    assert (after.key, after.revision, after.items, after.columns) == (before.key, 1, before.items, before.columns)
    assert entries.manifest("datasets", before.key)["facts"] == {"x": 1}
    assert after.picture(after.items[0]) == before.picture(before.items[0])


def test_a_model_has_another_title_wherever_it_is_offered_and_answers_as_before(library: Path) -> None:
    key = kept("Mine")
    name, card = f"mine/{key}", library / "models" / key / "model.json"
    before = json.loads(card.read_text(encoding="utf-8"))
    weights = build.load(name, "cpu").fingerprint  # type: ignore[arg-type]
    rename("models", key, "The better one")
    assert catalogue.offer(name).title == "The better one"
    assert entries.entry("models", key).title == "The better one"
    assert json.loads(card.read_text(encoding="utf-8")) == {**before, "title": "The better one"}
    assert build.load(name, "cpu").fingerprint == weights  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", "A data set needs a title"),
        (" \t ", "A data set needs a title"),
        ("x" * (LONGEST + 1), "has 61 letters, and 60 are the most"),
        ("wild", "There is a data set called wild already"),
    ],
)
def test_a_title_that_cannot_be_one_is_refused_in_words_and_nothing_changes(title: str, words: str) -> None:
    key = zoo().key
    zoo("Wild")
    with pytest.raises(LibraryError, match=words):
        rename("datasets", key, title)
    assert [each.title for each in datasets()] == ["Wild", "Zoo"]
    rename("datasets", key, "x" * LONGEST)
    rename("datasets", key, "ZOO")  # its own in other letters
    assert dataset(key).title == "ZOO"


def field() -> None:
    from pages.ui.models.renaming import rename_button
    from pages.ui.models.rooms import rooms
    from xai_core.datasets.dataset import datasets

    for each in datasets():
        rename_button("datasets", each.key, each.title, rooms())


def test_on_the_page_a_title_is_typed_and_what_is_wrong_with_it_is_told() -> None:
    zoo()
    zoo("Wild")
    page = AppTest.from_function(field, default_timeout=60).run()
    page.text_input[1].set_value("wild")
    page.form_submit_button[1].click().run()
    assert "called wild already" in page.error[0].value
    page.text_input[1].set_value("Tame")
    page.form_submit_button[1].click().run()
    assert not page.exception
    assert not page.error
    assert [each.value for each in page.text_input] == ["Tame", "Wild"]
