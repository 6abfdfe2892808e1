"""What a lasso on the map leads to, without a browser: two compared, what sets them apart, a concept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from drawer_app import REDS, at_once, look, opened, words
from planted_maps import seen_by_the_toy, world

from pages.ui import links, places
from pages.ui.compare.comparison import TABS, Comparison
from pages.ui.components.gallery import PanelView
from pages.ui.concepts.study import Study
from pages.ui.map import marks
from pages.ui.map.looking import APART, TWO
from xai_core import limits
from xai_core.concepts.concept import concept
from xai_core.datasets.dataset import Dataset
from xai_core.embedding.picture_map import PictureMap
from xai_core.hub import Hub

pytest_plugins = ["fixtures_map"]
pytestmark = pytest.mark.usefixtures("data")  # the library of its own


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, shared: Hub) -> dict[str, Sequence[PanelView]]:
    return at_once(monkeypatch, shared)


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were opened."""
    found: list[str] = []

    def go(page: str) -> None:
        found.append(page)
        st.stop()

    monkeypatch.setattr(links, "go", go)
    return found


def test_two_are_compared_and_opened_together(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], went: list[str], data: Dataset
) -> None:
    clicked = max((row for row in range(20) if not shown.right[row]), key=lambda row: shown.confidence[row])
    app = look(opened(shown, range(20), current=clicked), TWO)
    one, other = drawn["map-two-0"], drawn["map-two-1"]
    assert one[0].key.endswith(data.items[clicked].digest[:12]), "the clicked one comes first"
    assert "To the model these two are" in words(app)
    assert "nearest" in words(app)
    app.button(key="map-two-open").click().run()
    assert not app.exception
    assert went == [places.COMPARE]
    kept: Comparison = app.session_state["comparison"]
    basket = app.session_state["shelf"].basket
    assert TABS[kept.tab] == "Two pictures"
    assert [picture.digest[:12] for picture in basket] == [other[0].key[-12:], one[0].key[-12:]]
    assert (kept.second, app.session_state["shelf"].picture) == (basket[0].digest, basket[1])


def test_a_full_basket_is_said_and_nobody_is_sent_away(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], went: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PICTURES_AT_ONCE", 0)
    app = look(opened(shown, REDS), TWO)
    app.button(key="map-two-open").click().run()
    assert "your basket is full" in app.error[0].value
    assert not went


def test_one_selected_picture_needs_a_second(shown: PictureMap, drawn: dict[str, Sequence[PanelView]]) -> None:
    app = look(opened(shown, [3]), TWO)
    assert "Select one more picture" in words(app)


def test_a_selection_that_no_address_can_hold_is_told(shown: PictureMap, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(shown, REDS).run()
    assert not any("copied link" in each.value for each in app.caption)
    monkeypatch.setattr(marks, "LONGEST", 3)
    assert any("copied link" in each.value for each in app.run().caption)


def test_look_alikes_are_shown_and_can_be_added(shown: PictureMap, drawn: dict[str, Sequence[PanelView]]) -> None:
    app = look(opened(shown, REDS), APART)
    assert "The model keeps them" in words(app)
    assert "(by chance 50 %)" in words(app)
    app.button(key="map-alikes-add").click().run()
    rows = app.session_state["map-state"].rows
    added = set(rows.tolist()) - set(REDS)
    assert added
    assert {row % 3 for row in added} == {0}, "the other reds look like them"
    assert app.header[0].value == f"{len(rows)} pictures selected"


def test_the_clicked_picture_goes_in_and_out_of_the_selection(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]]
) -> None:
    app = opened(shown, REDS, current=1)
    app.session_state["beside"] = True
    app.run()
    app.button(key="map-in-or-out-False").click().run()
    assert app.session_state["map-state"].rows.tolist() == sorted([1, *REDS])
    app.button(key="map-in-or-out-True").click().run()
    assert app.session_state["map-state"].rows.tolist() == REDS
    assert drawn["map-detail"][0].key.startswith("gradcam-")


def test_a_selection_becomes_a_concept_in_question_for_what_the_model_mostly_says(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], went: list[str], data: Dataset
) -> None:
    said = np.where(np.arange(len(shown)) == REDS[0], 1, 3).astype(np.int32)
    app = opened(replace(shown, predicted=said), REDS)
    app.run()
    app.text_input(key="map-concept-name").set_value("reds")
    app.button(key="map-concept").click().run()
    assert not app.exception
    assert went == [places.CONCEPTS]
    study: Study = app.session_state["concept-study"]
    made = concept(study.chosen[-1])
    assert made.title == "reds"
    assert [item.digest for item in made.items] == [data.items[row].digest for row in REDS]
    assert study.classes["toy"] == ["owl"]
    assert study.source == f"datasets/{data.key}"


def test_a_concept_of_two_data_sets_has_the_pictures_of_both(
    shared: Hub, drawn: dict[str, Sequence[PanelView]], went: list[str], data: Dataset
) -> None:
    other = world("more colours", range(60, 75))
    found = seen_by_the_toy(shared, data, other)
    app = opened(found, [2, 50, 3, 60])
    app.run()
    app.button(key="map-concept").click().run()
    made = concept(app.session_state["concept-study"].chosen[-1])
    wanted = [data.items[2], data.items[3], other.items[2], other.items[12]]
    assert [item.digest for item in made.items] == [item.digest for item in wanted]
    assert made.title == "4 from the map"
    assert made.origin == "from colours, more colours"
