"""Points selected in a real browser with a real mouse: by lasso, box and search, exactly those that are meant."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect
from scatter_app import canvas, choose, drawn, known, mouse, on_screen, said, shows, zoomed_in
from skimage.measure import points_in_poly

from browser import visit
from xai_core.embedding.underway import underway
from xai_core.library.home import VARIABLE

pytest_plugins = ["fixtures_scatter"]

LASSO = ((380, 60), (820, 40), (900, 260), (700, 330), (760, 460), (420, 470), (520, 240))


def lasso(page: Page, corners: tuple[tuple[float, float], ...] = LASSO, heard: int = 1) -> list[int]:
    """Drawn by hand; what Python then knows to be selected."""
    page.mouse.move(*mouse(page, *corners[0]))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*mouse(page, *corner), steps=3)
    page.mouse.up()
    expect(page.locator(".st-key-said")).to_contain_text(f'"heard": {heard},')
    return list(said(page)["rows"])


def inside(at: NDArray[np.float64], corners: tuple[tuple[float, float], ...] = LASSO) -> NDArray[np.bool_]:
    return np.asarray(points_in_poly(at, corners))


def check(rows: list[int], at: NDArray[np.float64], among: NDArray[np.bool_] | None = None) -> None:
    """Exactly the rows inside; where a point lies on the line itself, less than 1.5 pixels decide."""
    among = np.ones(len(at), bool) if among is None else among
    moved = [inside(at + shift) for shift in ((0, 0), (1.5, 0), (-1.5, 0), (0, 1.5), (0, -1.5))]
    surely, perhaps = np.all(moved, axis=0) & among, np.any(moved, axis=0) & among
    got = np.isin(np.arange(len(at)), rows)
    assert (got >= surely).all()
    assert (got <= perhaps).all()
    assert 10 < surely.sum() >= perhaps.sum() - 8
    assert surely.sum() < len(at) - 10


@pytest.mark.parametrize("shaded", [False, True], ids=["groups", "shades"])
@pytest.mark.parametrize("zoomed", [False, True], ids=["all", "zoomed"])
def test_a_lasso_selects_exactly_the_rows_inside(page: Page, shaded: bool, zoomed: bool):
    at = on_screen(page)
    if zoomed:
        page.mouse.move(*mouse(page, 640, 250))
        page.mouse.wheel(0, -200)
        at = zoomed_in(page, at)
    if shaded:
        page.get_by_text("Confidence").first.click()
        expect(page.locator(".legend .scale")).to_be_visible()
    choose(page, "Lasso")

    check(lasso(page), at)


def test_what_is_hidden_is_not_selected_and_a_group_can_be_shown_alone(page: Page):
    at, label = on_screen(page), known(300)[1].copy()
    label[:2] = 3
    tide = page.locator(".legend").get_by_role("button", name=re.compile("^tide"))
    tide.click()
    expect(page.locator(".st-key-said")).to_contain_text('"hidden": [1]')
    choose(page, "Lasso")
    check(lasso(page), at, label != 1)

    tide.click()
    tide.dblclick()

    expect(page.locator(".st-key-said")).to_contain_text('"hidden": [0, 2, 3, 4]')
    box = ((380, 60), (900, 470))
    choose(page, "Box")
    rows = lasso(page, box, heard=2)
    assert rows
    assert set(label[rows]) == {1}
    tide.press("Shift+Enter")
    expect(page.locator(".st-key-said")).to_contain_text('"hidden": []')


def test_shift_adds_and_alt_removes(page: Page):
    at = on_screen(page)
    choose(page, "Box")
    right, left = ((640, 5), (1270, 510)), ((5, 5), (640, 510))
    first = lasso(page, right)
    page.keyboard.down("Shift")
    both = lasso(page, left, heard=2)
    page.keyboard.up("Shift")
    page.keyboard.down("Alt")
    rest = lasso(page, right, heard=3)
    page.keyboard.up("Alt")

    assert both == list(range(300))
    assert sorted({*first, *rest}) == both
    assert not set(first) & set(rest)
    assert (at[first, 0] > 638).all()
    assert (at[rest, 0] < 642).all()
    page.locator("canvas.over").press("Escape")
    expect(page.locator(".st-key-said")).to_contain_text('"rows": []')
    page.locator("canvas.over").press("ArrowRight")
    page.locator("canvas.over").press(" ")
    expect(page.locator(".st-key-said")).to_contain_text(re.compile(r'"rows": \[\d+\]'))


def test_search_finds_names_and_labels_and_selects_them(page: Page):
    _, label, prediction, _ = known(300)
    page.get_by_label("Find a name or label").fill("MOSS")
    moss = np.flatnonzero((label == 2) | (prediction == 2))
    expect(page.locator(".hits")).to_have_text(f"{len(moss)} found")
    page.get_by_role("button", name="Select them").click()
    expect(page.locator(".st-key-said")).to_contain_text('"heard": 1,')
    assert said(page)["rows"] == moss.tolist()

    page.get_by_label("Find a name or label").fill("00123")
    expect(page.locator(".hits")).to_have_text("1 found")
    page.get_by_label("Find a name or label").press("Enter")

    expect(page.locator(".card .title")).to_have_text("picture 00123")
    page.get_by_label("Find a name or label").press("Backspace")
    expect(page.get_by_label("Find a name or label")).to_have_value("0012")
    page.locator("canvas.over").press("Tab")
    expect(page.get_by_role("button", name="Zoom in")).to_be_focused()


def test_the_view_and_the_selection_survive_a_rerun(page: Page):
    choose(page, "Lasso")
    before, rows = on_screen(page), lasso(page)
    page.get_by_role("button", name="Zoom in").click()
    at, runs = zoomed_in(page, before), said(page)["runs"]

    page.get_by_role("button", name="Again").click()

    expect(page.locator(".st-key-said")).to_contain_text(f'"runs": {runs + 1}')
    assert np.allclose(on_screen(page), at, atol=0.6)
    expect(page.locator(".count")).to_have_text(f"{len(rows)} selected")


def test_two_fingers_zoom_even_while_the_lasso_is_chosen(page: Page):
    choose(page, "Lasso")
    before = on_screen(page)
    page.locator("canvas.over").evaluate(
        """sheet => {
            const area = sheet.getBoundingClientRect();
            sheet.setPointerCapture = () => {};  // these fingers are no real ones
            const finger = (name, pointerId, x) => sheet.dispatchEvent(new PointerEvent(name, {
                bubbles: true, pointerId, pointerType: 'touch', clientX: area.left + x, clientY: area.top + 250,
            }));
            finger('pointerdown', 1, 590);
            finger('pointerdown', 2, 690);
            finger('pointermove', 1, 540);
            finger('pointermove', 2, 740);
            finger('pointerup', 1, 540);
            finger('pointerup', 2, 740);
        }"""
    )

    after = zoomed_in(page, before)

    assert np.hypot(*(after[1] - after[0])) == pytest.approx(2 * np.hypot(*(before[1] - before[0])), rel=0.02)
    assert said(page)["heard"] == 0


def test_points_that_are_being_laid_out_are_watched_and_stand_still_for_a_lasso(
    chromium: Browser, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(VARIABLE, str(folder))
    places = known(300)[0]
    with underway("watched") as running, visit(chromium, url, "/?live=watched") as (page, _traffic):
        drawn(page)
        at, before = on_screen(page), canvas(page)
        choose(page, "Lasso")
        running.show(np.concatenate([places[:2], places[:1:-1]]))  # row 2 where row 299 was, and so on
        shows(page, lambda: bool((canvas(page) != before).any()))
        now = np.concatenate([at[:2], at[:1:-1]])
        assert np.allclose(on_screen(page)[:2], at[:2], atol=0.6)

        with page.expect_response("**/look/live/*"):  # while the lasso is drawn, everyone moves again
            page.mouse.move(*mouse(page, *LASSO[0]))
            page.mouse.down()
            page.mouse.move(*mouse(page, *LASSO[1]), steps=3)
            running.show(places)
        page.wait_for_event("response", lambda answer: "/look/live/" in answer.url)
        for corner in LASSO[2:]:
            page.mouse.move(*mouse(page, *corner), steps=3)
        page.mouse.up()

        expect(page.locator(".st-key-said")).to_contain_text('"heard": 1,')
        check(list(said(page)["rows"]), now)


def test_a_lost_message_is_sent_again(page: Page):
    page.evaluate(
        """() => {
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (data) {
                WebSocket.prototype.send = send;
                window.lost = true;
            };
        }"""
    )
    choose(page, "Lasso")

    assert lasso(page)
    assert page.evaluate("window.lost")
