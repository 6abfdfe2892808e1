"""The badge on a panel in a real browser: it leads to its evidence, by hand and by key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browser import ROOT, at_rest, streamlit_server, visit
from gallery_app import panel, said, write_app

pytestmark = pytest.mark.browser

MAIN = """
import json
from pathlib import Path

import streamlit as st
from pages.ui.components.gallery import Badge, MapView, PanelView, Photo, gallery
from xai_core.render import Display

HERE = Path(__file__).parent
state = st.session_state
place = st.navigation([st.Page(lambda: None, title=name, url_path=name) for name in ("start", "evidence")])
st.title(place.title)
photo = Photo("/media-x/photo.png", "/media-x/photo.png", 80, 60, (10.0, 0.0, 70.0, 60.0), "A grey wedge")
given = json.loads((HERE / "maps.json").read_text())["signed"]


def done(title, badge):
    view = MapView("/media-x/signed.bin", **given)
    return PanelView(
        f"{title}-0123", title, photo, "done", "What it shows.", maps=(view,), caution="No proof.", badge=badge
    )


def heard(action):
    state.actions = [*state.get("actions", []), f"{action.kind} {action.panel} {dict(action.values)}"]
    state.left = "gone" in st.query_params
    state.leave_for = "" if action.values else st.query_params.get("leave", "")


panels = [
    done("Gradient", Badge("Not about the model", "bad", "It is showing the picture.", evidence=True)),
    done("Grad-CAM", Badge("About <b>the</b> model", "good", "It depends on it.", evidence=True)),
    done("RISE", Badge("Not tested yet", "none", "Click to test it.", evidence=True)),
    done("Edge detector", Badge("Knows no model", "none", "It never asks.")),
    done("LIME", None),
]
if not state.get("left"):
    gallery(
        panels, key="main", bar=False, display=Display(), leave_for=state.pop("leave_for", ""), on_action=heard
    )
with st.container(key="said"):
    st.text(json.dumps({"actions": state.get("actions", []), "left": state.get("left", False)}))
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("badges")
    write_app(folder)
    (folder / "main.py").write_text(MAIN)
    with streamlit_server(folder, folder / "log.txt", {"PYTHONPATH": str(ROOT)}) as address:
        yield address


@pytest.fixture(scope="module")
def shared(chromium: Browser, url: str) -> Iterator[Page]:
    """One page for the tests that only look."""
    with visit(chromium, url) as (page, _):
        drawn(page)
        yield page


@pytest.fixture
def page(chromium: Browser, url: str) -> Iterator[Page]:
    with visit(chromium, url) as (page, _):
        drawn(page)
        yield page


def drawn(page: Page) -> None:
    expect(page.locator(".panel[data-state=done] canvas:not([hidden])")).to_have_count(5)
    expect(page.locator(".st-key-said")).to_contain_text("actions")
    at_rest(page)


def badge(page: Page, title: str) -> Locator:
    return panel(page, title).locator(".badge")


def hears(page: Page, action: str) -> None:
    expect(page.locator(".st-key-said")).to_contain_text(action)


def test_a_click_asks_for_the_evidence_of_that_panel(page: Page):
    asked = set()
    for title in ("Gradient", "Grad-CAM", "RISE"):
        badge(page, title).get_by_role("button").click()

        hears(page, f"evidence {title}-0123 {{}}")
        asked.add(f"evidence {title}-0123 {{}}")
        assert set(said(page)["actions"]) == asked


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_does_the_same(page: Page, key: str):
    button = badge(page, "Grad-CAM").get_by_role("button")
    panel(page, "Gradient").get_by_role("button", name="Gradient: larger").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        if button.evaluate("button => button.getRootNode().activeElement === button"):
            break
    expect(button).to_be_focused()

    page.keyboard.press(key)

    hears(page, "evidence Grad-CAM-0123")


def test_the_button_says_whose_verdict_it_is_and_why(shared: Page):
    button = shared.get_by_role("button", name="Gradient: Not about the model. See the evidence", exact=True)
    expect(button).to_have_text("Not about the model")
    expect(badge(shared, "Gradient")).to_have_attribute("title", "It is showing the picture.")
    expect(badge(shared, "Gradient")).to_have_class(re.compile(r"\bbad\b"))
    expect(badge(shared, "Gradient").locator("svg")).to_have_count(1)
    expect(badge(shared, "RISE").locator("svg")).to_have_count(0)
    expect(badge(shared, "Grad-CAM")).to_have_text("About <b>the</b> model")


def test_without_evidence_or_without_verdict_there_is_nothing_to_press(shared: Page):
    expect(badge(shared, "Edge detector")).to_have_text("Knows no model")
    expect(badge(shared, "Edge detector").get_by_role("button")).to_have_count(0)
    expect(badge(shared, "LIME")).to_have_text("")
    expect(badge(shared, "LIME").get_by_role("button")).to_have_count(0)


def test_the_larger_view_shows_the_verdict_as_words_only(page: Page):
    panel(page, "Gradient").get_by_role("button", name="Gradient: larger").click()

    seen = page.get_by_role("dialog", name="Gradient").locator(".badge")
    expect(seen).to_have_text("Not about the model")
    expect(seen).to_have_class(re.compile(r"\bbad\b"))
    expect(seen.get_by_role("button")).to_have_count(0)
    expect(seen).to_have_attribute("title", "It is showing the picture.")
    assert said(page)["actions"] == []


def test_a_click_that_led_elsewhere_is_not_sent_again(chromium: Browser, url: str):
    with visit(chromium, url, "/?gone=1") as (page, traffic):
        drawn(page)
        page.clock.install()
        badge(page, "Gradient").get_by_role("button").click()
        hears(page, '"left": true')
        expect(page.locator(".panel")).to_have_count(0)
        sent = traffic.frames

        page.clock.run_for(10_000)

        assert traffic.frames == sent
        assert said(page)["actions"] == ["evidence Gradient-0123 {}"]


def test_the_browser_goes_where_python_sends_it_and_says_nothing_more(chromium: Browser, url: str):
    with visit(chromium, url, "/?leave=evidence") as (page, _):
        drawn(page)
        page.clock.install()
        badge(page, "RISE").get_by_role("button").click()

        expect(page.get_by_role("heading", name="evidence")).to_be_visible()
        hears(page, "evidence RISE-0123 {}")  # drawn after the heading
        page.clock.run_for(10_000)
        assert said(page)["actions"] == ["evidence RISE-0123 {}"]


def test_where_no_navigation_leads_there_python_is_asked_to(chromium: Browser, url: str):
    with visit(chromium, url, "/?leave=nowhere") as (page, _):
        drawn(page)
        badge(page, "RISE").get_by_role("button").click()

        hears(page, "{'alone': True}")
        assert said(page)["actions"] == ["evidence RISE-0123 {}", "evidence RISE-0123 {'alone': True}"]
