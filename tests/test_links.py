"""Addresses of views: what they hold, and what they bring back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from link_visitor import drawn
from streamlit.testing.v1 import AppTest

from pages.ui import links, places
from pages.ui.compare.comparison import comparison
from pages.ui.compare.plan import Preset
from pages.ui.components.scatter_view import Whereabouts
from pages.ui.concepts.study import study
from pages.ui.map.looking import TWO, Looking
from pages.ui.map.state import atlas
from pages.ui.models.rooms import Room, rooms
from pages.ui.sanity import questions
from pages.ui.sanity.choices import Choices, choices
from pages.ui.shelf import Shelf, shelf
from xai_core.cascade import Law, Norms, Order
from xai_core.concepts import editing
from xai_core.datasets.dataset import Dataset
from xai_core.describe import ModelCard
from xai_core.framing import Framing
from xai_core.knobs import changed
from xai_core.render import Display
from xai_core.samples import sample

PAGES = list(places.PAGES)


pytest_plugins = ["fixtures_links"]
pytestmark = pytest.mark.usefixtures("fresh_visitor")


@pytest.mark.parametrize("page", PAGES)
def test_the_usual_view_has_an_empty_address_and_an_empty_address_is_the_usual_view(page: str) -> None:
    assert links.values(page) == {}
    shelf().target, comparison().preset, choices().seed, atlas().of = 3, Preset.EVERYTHING, 9, "gradcam"
    rooms().room, study().settings = Room.TRAIN, replace(study().settings, runs=5)
    assert links.read(page, {}) == []
    assert links.values(page) == {}


def test_where_a_map_is_looked_at_comes_back_and_is_no_step() -> None:
    atlas().where = Whereabouts(4.5, 0.31, 0.625, "fire & ice")
    told = moved(places.MAP)
    assert told == {"find": "fire & ice", "zoom": "4.5_0.31_0.625"}
    assert links.read(places.MAP, told) == []
    assert atlas().where == Whereabouts(4.5, 0.31, 0.625, "fire & ice")
    assert set(told) <= set(links.PARTS[places.MAP].quiet)
    for odd in ("", "4.5", "4_0.5_2", "1e9_0_0", "nan_0_0", "4_0_0_0", "x"):
        assert "zoom" in links.read(places.MAP, {"zoom": odd, "find": "x" * 500})[0]
        assert atlas().where == Whereabouts(find="x" * 100)


def moved(page: str) -> dict[str, str]:
    """The address as it stands; afterwards a fresh visitor is at the door."""
    told = links.values(page)
    st.session_state.clear()
    return told


def test_picture_class_model_and_settings_come_back_on_every_page() -> None:
    for page in PAGES:
        kept = shelf()
        kept.use("lite1")
        kept.show(sample("cat"), 282)
        kept.contrast, kept.framing = 285, Framing.WHOLE
        kept.params["integrated_gradients"] = changed(kept.settings("integrated_gradients"), {"steps": "20"})
        told = moved(page)
        assert links.read(page, told) == []
        again = shelf()
        assert (again.model, again.picture, again.target, again.contrast) == ("lite1", sample("cat"), 282, 285)
        assert again.framing is Framing.WHOLE
        assert again.settings("integrated_gradients").steps == 20  # type: ignore[attr-defined]
        assert links.values(page) == told


def test_a_picture_of_the_library_is_found_again_by_what_it_shows(creatures: Dataset) -> None:
    shelf().receive(creatures.picture(creatures.items[2]))
    told = moved(places.COMPARE)
    assert links.read(places.COMPARE, told) == []
    assert shelf().picture.digest == creatures.items[2].digest
    assert shelf().picture in shelf().basket


def test_an_uploaded_picture_comes_back_for_its_visitor_and_is_missed_by_others() -> None:
    shelf().receive(drawn(77))
    told = links.values(places.COMPARE)
    shelf().show(sample("cat"))
    assert links.read(places.COMPARE, told) == []
    assert shelf().picture == drawn(77)
    st.session_state.clear()
    notices = links.read(places.COMPARE, told)
    assert len(notices) == 1
    assert "not in this library" in notices[0]
    assert shelf().picture == Shelf().picture


def test_the_comparison_comes_back() -> None:
    kept = comparison()
    kept.preset, kept.methods, kept.tab, kept.second = Preset.CHOSEN, ("lime", "rise"), 2, "0123"
    told = moved(places.COMPARE)
    assert links.read(places.COMPARE, told) == []
    again = comparison()
    assert (again.preset, again.methods, again.tab, again.second) == (Preset.CHOSEN, ("lime", "rise"), 2, "0123")


def test_how_maps_are_drawn_comes_back_and_only_the_comparison_says_it() -> None:
    shelf().display = display = Display(0.29, "viridis", False, "for", 7, True)
    assert links.values(places.SANITY) == {}
    told = moved(places.COMPARE)
    assert told == {
        "opacity": "0.29", "colours": "viridis", "smooth": "0", "sign": "for", "strongest": "7", "shared_scale": "1",
    }  # fmt: skip
    assert links.read(places.COMPARE, told) == []
    assert shelf().display == display
    assert links.read(places.SANITY, {}) == []
    assert shelf().display == display


def show_page() -> None:
    import streamlit as st

    from pages.ui import links, places
    from pages.ui.shelf import shelf
    from xai_core.render import Display

    shelf().display, shelf().target = Display(opacity=st.session_state["opacity"]), st.session_state["target"]
    links.show(places.COMPARE)


def test_trying_out_how_maps_are_drawn_makes_no_steps_in_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet: list[dict[str, str]] = []
    card = ModelCard("lite0", (), (), "", (), "0" * 64)
    monkeypatch.setattr(links.work, "desk", lambda: SimpleNamespace(known=lambda _: card))
    monkeypatch.setattr(links, "quietly", lambda values, _: quiet.append(dict(values)))
    app = AppTest.from_function(show_page)

    def shown(opacity: float, target: int | None) -> dict[str, str]:
        app.session_state["opacity"], app.session_state["target"] = opacity, target
        app.run()
        assert not app.exception
        return {name: "".join(value) for name, value in app.query_params.items()}

    assert shown(0.4, None) == {}
    assert shown(0.7, None) == {}
    assert quiet == [{"opacity": "0.7"}]
    assert shown(0.7, 3) == {"class": "3", "opacity": "0.7"}  # a choice is a step, and takes along what is quiet
    assert shown(0.7, 3) == {"class": "3", "opacity": "0.7"}
    assert len(quiet) == 1
    shown(0.4, 3)
    assert quiet[1:] == [{"class": "3"}]


def test_the_way_a_network_is_destroyed_comes_back() -> None:
    kept = choices()
    kept.order, kept.law, kept.norms, kept.seed = Order.BOTTOM_UP, Law.SHUFFLED, Norms.KEPT, 12
    kept.methods, kept.repredict, kept.tab = ("lime", "rise"), True, 3
    questions.ask(questions.Question.LABELS)
    told = moved(places.SANITY)
    assert links.read(places.SANITY, told) == []
    assert choices() == Choices(("lime", "rise"), Order.BOTTOM_UP, Law.SHUFFLED, Norms.KEPT, 12, True, 3)
    assert questions.open_one() is questions.Question.LABELS


def test_a_question_about_concepts_comes_back_and_is_asked_again(creatures: Dataset) -> None:
    made = editing.create("noise", [drawn(n) for n in range(10, 14)], "test")
    kept, model = study(), shelf().model
    kept.chosen, kept.source, kept.open = [made.key], f"datasets/{creatures.key}", made.key
    kept.classes[model], kept.layers[model] = ["espresso", "Crock Pot, with a comma"], ["blocks.5"]
    kept.settings, kept.correction, kept.relative = replace(kept.settings, runs=5), "Bonferroni", True
    kept.asked = ("something",)  # type: ignore[assignment]
    told = moved(places.CONCEPTS)
    assert links.read(places.CONCEPTS, told) == []
    again = study()
    assert (again.chosen, again.source, again.open) == ([made.key], f"datasets/{creatures.key}", made.key)
    assert again.classes[model] == ["espresso", "Crock Pot, with a comma"]
    assert (again.layers[model], again.settings.runs, again.correction, again.relative) == (
        ["blocks.5"], 5, "Bonferroni", True,
    )  # fmt: skip
    assert again.ask_at_once


def test_boxes_that_are_being_cut_survive_the_way_back() -> None:
    kept = study()
    kept.look_into("/new")
    kept.tray.whole.append(drawn(5))
    links.read(places.CONCEPTS, {})
    assert kept.open == ""
    assert kept.tray.whole == [drawn(5)]
    links.read(places.CONCEPTS, {"open": "/new"})
    assert kept.tray.whole == [drawn(5)]


def test_a_map_comes_back_with_what_was_marked(creatures: Dataset) -> None:
    kept = atlas()
    kept.sources, kept.of, kept.colouring = (f"datasets/{creatures.key}",), "gradcam", "Prediction"
    kept.settings = changed(kept.settings, {"perplexity": "12.5", "seed": "7", "layout": "pca"})  # type: ignore[assignment]
    kept.current, kept.rows, kept.cell, kept.varied = 1, np.array([0, 1, 3]), (0, 1), "seed"
    kept.looking = looking = Looking(TWO, "lime", shelf().model, 3, "mistakes", (1, 3))
    told = moved(places.MAP)
    assert links.read(places.MAP, told) == []
    again = atlas()
    assert (again.sources, again.of, again.colouring) == ((f"datasets/{creatures.key}",), "gradcam", "Prediction")
    assert (again.settings.perplexity, again.settings.seed, again.settings.layout) == (12.5, 7, "pca")
    assert (again.current, again.rows.tolist(), again.cell, again.varied) == (1, [0, 1, 3], (0, 1), "seed")
    assert again.looking == looking
    assert links.values(places.MAP) == told


def test_a_room_comes_back(creatures: Dataset) -> None:
    kept = rooms()
    kept.room, kept.data_set, kept.cell = Room.EVALUATE, creatures.key, (1, 0)
    told = moved(places.MODELS)
    assert links.read(places.MODELS, told) == []
    assert (rooms().room, rooms().data_set, rooms().cell) == (Room.EVALUATE, creatures.key, (1, 0))


def test_no_address_holds_a_path(creatures: Dataset, tmp_path: Path) -> None:
    shelf().receive(creatures.picture(creatures.items[0]))
    atlas().sources = (f"datasets/{creatures.key}",)
    for page in PAGES:
        assert not any(str(tmp_path) in value or "/home" in value for value in links.values(page).values())
