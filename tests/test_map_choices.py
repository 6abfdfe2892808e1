"""The row of choices above the map: which pictures, compared by what, in which colours."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted_maps import CLASSES, two_sets
from streamlit.testing.v1 import AppTest

from pages.ui.map.state import COLUMN, DATA
from xai_core.describe import ModelCard
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.names import as_text


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


ROW = """
import streamlit as st
from pages.ui.map import controls
from pages.ui.map.state import Atlas
from xai_core.describe import ModelCard
from test_map_choices import card
kept = st.session_state.setdefault("kept", Atlas())
data = controls.row(kept, card())
st.session_state["data"] = [f"{each.shelf}/{each.key}" for each in data]
if not data:
    controls.no_pictures()
"""


def card() -> ModelCard:
    refused, blocks = (("attention_rollout", "no"),), (("features.3", "1/1 early: features.3"),)
    return ModelCard("toy", CLASSES, (), "", refused, "0" * 64, blocks)


def test_the_row_of_choices_takes_several_sets_and_stands_their_loss() -> None:
    one, two = two_sets()
    first, second = f"datasets/{one.key}", f"datasets/{two.key}"
    page = AppTest.from_string(ROW, default_timeout=60).run()
    assert not page.exception
    assert page.session_state["data"] == [first]  # until somebody chooses
    page.multiselect[0].set_value([second, first]).run()
    assert page.session_state["data"] == [second, first]
    colours = next(each for each in page.selectbox if each.label == "Coloured by")
    colours.set_value(DATA).run()
    next(each for each in page.selectbox if each.label == "Coloured by").set_value(f"{COLUMN}camera").run()
    kept = page.session_state["kept"]
    assert (kept.sources, kept.colouring) == ((second, first), f"{COLUMN}camera")  # both choices, one after the other
    kept.sources = (second,)  # from an address
    page.run()
    assert (page.multiselect[0].value, page.session_state["data"]) == ([second], [second])
    entries.remove("datasets", two.key)
    assert page.run().session_state["data"] == [first]
    told = f"Removed from the library meanwhile: {as_text(two.key)}. The map is of other pictures now."
    assert page.warning[0].value == told
    assert page.run().warning
    page.multiselect[0].set_value([]).run()
    assert page.session_state["data"] == []
    assert not page.warning
    assert not page.exception
    assert "Choose which pictures to map" in page.markdown[-1].value


def test_what_pictures_are_compared_by_fits_the_model() -> None:
    two_sets()
    page = AppTest.from_string(ROW, default_timeout=60).run()
    ways = next(each for each in page.selectbox if each.label == "Compared by")
    assert {"the last layer", "features.3", "where Grad-CAM points"} <= set(ways.options)
    assert not any("Attention rollout" in way for way in ways.options)
    ways.set_value("method/gradcam").run()
    assert page.session_state["kept"].of == "gradcam"
    page.session_state["kept"].of = "attention_rollout"  # chosen with another model
    page.run()
    assert (page.session_state["kept"].of, page.session_state["kept"].layers) == ("activations", {"toy": ""})
