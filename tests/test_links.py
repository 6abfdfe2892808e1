"""Addresses of views: what they hold, what they bring back, and what a stranger may have typed into one."""

from __future__ import annotations

import base64
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote_plus

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui import links, places
from pages.ui.compare.comparison import comparison
from pages.ui.compare.plan import Preset
from pages.ui.concepts.study import study
from pages.ui.map import marks
from pages.ui.map.looking import TWO, Looking
from pages.ui.map.state import atlas
from pages.ui.models.rooms import Room, rooms
from pages.ui.query import Query
from pages.ui.sanity import questions
from pages.ui.sanity.choices import Choices, choices
from pages.ui.shelf import Shelf, shelf
from xai_core.cascade import Law, Norms, Order
from xai_core.concepts import editing
from xai_core.datasets.dataset import Dataset, save
from xai_core.describe import ModelCard
from xai_core.framing import Framing
from xai_core.knobs import changed
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.render import Display
from xai_core.samples import sample

PAGES = list(places.PAGES)


def drawn(seed: int) -> Picture:
    return Picture.of(np.random.default_rng(seed).integers(0, 255, (24, 24, 3), np.uint8), f"{seed}.png")


@pytest.fixture(autouse=True)
def fresh_visitor() -> Iterator[None]:
    st.session_state.clear()
    yield
    st.session_state.clear()


@pytest.fixture
def creatures() -> Dataset:
    return save("Two of them", ("a", "b"), [(drawn(n), f"{n}.png", n % 2, "") for n in range(4)], {})


@pytest.mark.parametrize("page", PAGES)
def test_the_usual_view_has_an_empty_address_and_an_empty_address_is_the_usual_view(page: str) -> None:
    assert links.values(page) == {}
    shelf().target, comparison().preset, choices().seed, atlas().of = 3, Preset.EVERYTHING, 9, "gradcam"
    rooms().room, study().settings = Room.TRAIN, replace(study().settings, runs=5)
    assert links.read(page, {}) == []
    assert links.values(page) == {}


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


def test_marks_of_another_revision_are_left_out_and_that_is_told(creatures: Dataset) -> None:
    told = {"pictures": f"datasets/{creatures.key}", "selected": "0-2", "revisions": str(creatures.revision + 1)}
    assert "have changed" in links.read(places.MAP, told)[0]
    assert not len(atlas().rows)


def test_a_layout_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.map.address.layouts", lambda: ("tsne", "pca"))
    assert "not installed" in links.read(places.MAP, {"layout": "umap"})[0]
    assert atlas().settings.layout == "tsne"


def test_a_room_comes_back(creatures: Dataset) -> None:
    kept = rooms()
    kept.room, kept.data_set, kept.cell = Room.EVALUATE, creatures.key, (1, 0)
    told = moved(places.MODELS)
    assert links.read(places.MODELS, told) == []
    assert (rooms().room, rooms().data_set, rooms().cell) == (Room.EVALUATE, creatures.key, (1, 0))


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        (places.COMPARE, "model", "../../etc/passwd"),
        (places.COMPARE, "picture", "/etc/passwd"),
        (places.COMPARE, "picture", "*" * 16),
        (places.COMPARE, "view", "x" * 10_000),
        (places.COMPARE, "framing", "<script>"),
        (places.COMPARE, "class", "nan"),
        (places.COMPARE, "class", "-1"),
        (places.COMPARE, "class", "9" * 5000),
        (places.COMPARE, "class", "²"),
        (places.COMPARE, "against", "1e3"),
        (places.COMPARE, "tab", "4"),
        (places.COMPARE, "opacity", "1.01"),
        (places.COMPARE, "opacity", "nan"),
        (places.COMPARE, "opacity", "9" * 5000),
        (places.COMPARE, "colours", "pink"),
        (places.COMPARE, "smooth", "maybe"),
        (places.COMPARE, "strongest", "0"),
        (places.COMPARE, "strongest", "1e400"),
        (places.COMPARE, "integrated_gradients.steps", "1e400"),
        (places.COMPARE, "integrated_gradients.steps", "many"),
        (places.SANITY, "order", "sideways"),
        (places.SANITY, "law", "OWN"),
        (places.SANITY, "seed", "10000"),
        (places.SANITY, "methods", "nonsense"),
        (places.CONCEPTS, "concepts", "../secrets"),
        (places.CONCEPTS, "pictures", "datasets/../x"),
        (places.CONCEPTS, "runs", "-5"),
        (places.CONCEPTS, "runs", "51"),
        (places.CONCEPTS, "random_concepts", "401"),
        (places.CONCEPTS, "classifier", "magic"),
        (places.CONCEPTS, "open", "nobody"),
        (places.MAP, "pictures", "datasets/nobody"),
        (places.MAP, "of", "nonsense"),
        (places.MAP, "perplexity", "nan"),
        (places.MAP, "seed", "9" * 400),
        (places.MAP, "stable", "sure"),
        (places.MODELS, "room", "cellar"),
        (places.MODELS, "data", ".."),
        (places.MODELS, "truth", "-1"),
    ],
)
def test_what_a_link_cannot_mean_is_told_and_changes_nothing(page: str, name: str, value: str) -> None:
    notices = links.read(page, {name: value})
    assert len(notices) == 1
    assert len(notices[0]) < 200
    assert links.values(page) == {}


def test_of_a_list_what_is_known_is_kept() -> None:
    query = Query({"methods": "lime,nonsense,rise,lime"})
    assert query.several("methods", methods(), ()) == ("lime", "rise")
    assert len(query.notices) == 1
    assert query.notices[0].endswith("are not all here; the others are shown.")


SCATTERED = np.flatnonzero(np.random.default_rng(0).random(20_000) < 0.5)


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([], 10),
        ([0], 1),
        ([5, 3, 4, 9], 10),
        (range(500), 10_000),
        ([2, 4, 6], 7),
        (range(0, 10_000, 2), 10_000),
        (SCATTERED[SCATTERED < 9_999], 9_999),
        (SCATTERED, 20_000),
    ],
    ids=["none", "one", "runs", "one run", "few", "every second", "scattered", "as many as fit"],
)
def test_a_selection_survives_as_text(rows: Sequence[int], count: int) -> None:
    text = marks.to_text(np.array(rows, np.intp), count)
    assert quote_plus(text) == text  # nothing in it grows in an address
    if len(rows):
        assert marks.from_text(text, count).tolist() == sorted(rows)


def test_a_selection_is_told_in_whichever_way_is_shorter_and_left_out_where_none_is_short_enough() -> None:
    assert marks.to_text(np.array([17, 3, 4, 5]), 10_000) == "3-5.17"
    half = SCATTERED[SCATTERED < 10_000]
    assert 1600 < len(marks.to_text(half, 10_000)) < 1700  # what 10,000 tosses of a coin cannot be told in less than
    assert marks.to_text(np.concatenate([SCATTERED, 40_000 - SCATTERED]), 40_001) == ""
    assert marks.to_text(np.arange(40_000), 40_000) == "0-39999"


def test_rows_of_a_larger_map_are_left_out() -> None:
    assert marks.to_text(np.array([3, 12]), 10) == "3"
    assert marks.from_text("3.12-99", 10).tolist() == [3]


def packed(data: bytes) -> str:
    return "_" + base64.urlsafe_b64encode(data).decode().rstrip("=")


NO_SELECTIONS = {
    "words": "a",
    "minus": "-3",
    "two hyphens": "1--2",
    "long number": "99999999",
    "other digits": "²",
    "many letters": "1." * 2000 + "1",
    "nothing packed": "_",
    "no base64": "_****",
    "cut base64": "_A",
    "not deflated": packed(b"nothing"),
    "cut short": packed(zlib.compress(b"\x80")[:-3]),
    "a byte too few": packed(zlib.compress(b"")),
    "a byte too many": packed(zlib.compress(b"\x80\x00")),
    "more after it": packed(zlib.compress(b"\x80") + b"x"),
    "a row too many": packed(zlib.compress(b"\x08")),
    "a bomb": packed(zlib.compress(bytes(2_500_000), 9)),
}


@pytest.mark.parametrize("text", NO_SELECTIONS.values(), ids=NO_SELECTIONS)
def test_what_is_no_selection_is_told_and_nothing_is_selected(text: str, creatures: Dataset) -> None:
    told = {"pictures": f"datasets/{creatures.key}", "selected": text, "revisions": str(creatures.revision)}
    notices = links.read(places.MAP, told)
    assert len(notices) == 1
    assert "The link's selected" in notices[0]
    assert not len(atlas().rows)


def test_a_packed_bomb_is_given_no_more_room_than_the_pictures_need() -> None:
    bomb = NO_SELECTIONS["a bomb"]
    assert len(bomb) < marks.LONGEST
    tracemalloc.start()
    with pytest.raises(ValueError, match="a bit for each of 4 rows"):
        marks.from_text(bomb, 4)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 200_000


def test_no_address_holds_a_path(creatures: Dataset, tmp_path: Path) -> None:
    shelf().receive(creatures.picture(creatures.items[0]))
    atlas().sources = (f"datasets/{creatures.key}",)
    for page in PAGES:
        assert not any(str(tmp_path) in value or "/home" in value for value in links.values(page).values())
