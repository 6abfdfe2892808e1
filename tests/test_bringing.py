"""The field through which pictures come in, wherever one is: what it hands on, and how it says what became of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from picture_files import saved
from xai_core.concepts.concept import concept
from xai_core.concepts.importing import ImportConcepts
from xai_core.datasets.dataset import dataset
from xai_core.datasets.importing import ImportDataset
from xai_core.library.home import VARIABLE

FIELD = """
import streamlit as st
from pages.ui import bringing
st.session_state["sent"] = bringing.field("A folder is a class.", "pictures-0", st.session_state.get("tick", ""))
"""
OUTCOME = """
from pages.ui import bringing
bringing.outcome("**2 pictures** are in", 1, 1200, ("A *note*.",), [(f"{n}.txt", "is no picture.") for n in range(15)],
                 "a folder for each of 3 classes")
"""


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))


def upload() -> list[tuple[str, bytes, str]]:
    pictures = [(f"{n}.png", saved(np.full((20, 24, 3), n, np.uint8), "PNG"), "image/png") for n in range(2)]
    return [*pictures, ("about.csv", b"file,site\n0.png,wood\n1.png,moor\n", "text/csv")]


def test_pictures_with_a_table_go_from_the_field_into_a_data_set_or_a_concept_with_what_the_table_says() -> None:
    page = AppTest.from_string(FIELD).run(timeout=30)
    assert not page.button
    page.file_uploader[0].set_value(upload()).run()
    assert page.text_input[0].value == "0.png"
    page.text_input[0].set_value("  ").run()
    assert page.button[0].disabled
    page.text_input[0].set_value("Woods").run()
    sent = page.button[0].click().run().session_state["sent"]
    assert (sent.title, sent.ticked, page.exception.len) == ("Woods", False, 0)
    data = dataset(ImportDataset(sent.staged, sent.title).answer().key)
    assert (data.columns, [item.facts for item in data.items]) == (("site",), [("wood",), ("moor",)])
    page.session_state["tick"] = "These are counter-examples"
    page.run()
    page.checkbox[0].check()
    sent = page.button[0].click().run().session_state["sent"]
    (made,) = ImportConcepts(sent.staged, sent.title, sent.ticked).answer().kept
    assert (made.pool, concept(made.key).items[1].facts) == (True, ("moor",))


def test_what_became_of_an_upload_names_every_kind_of_file_and_the_first_that_failed() -> None:
    page = AppTest.from_string(OUTCOME).run(timeout=30)
    assert page.success[0].value == (
        "**2 pictures** are in; 1 duplicate left out; 1,200 other files passed over: a folder for each of 3 classes."
    )
    assert page.expander[0].label == "15 files could not be used"
    told = [each.value for each in page.markdown]
    assert r":material/info: A \*note\*\." in told
    assert sum(line.startswith("- **") for line in told) == 12
    assert told[-1] == "And 3 more."
