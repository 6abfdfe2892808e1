"""The map in a real browser with a real mouse, inside the smallest Streamlit app that can hold it."""

from __future__ import annotations

import json
import re
from contextlib import closing

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from scatter_app import OWN, canvas, choose, colour_of, drawn, known, mouse, on_screen, said, shows, zoomed_in

from browser import tab, visit
from pages.ui.components.scripts import script

pytest_plugins = ["fixtures_scatter"]


def alone(at: NDArray[np.float64]) -> int:
    """The row with the most room around it, not an anchor."""
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + np.eye(len(at)) * 1e9
    return int(np.argmax(np.where(np.arange(len(at)) < 2, 0, apart.min(axis=1))))


def test_hovering_shows_the_right_picture_and_what_is_known_of_it(page: Page):
    at = on_screen(page)
    _, label, prediction, confidence = known(300)
    for row in (alone(at), 1, 0):
        page.mouse.move(*mouse(page, *at[row]))
        expect(page.locator(f".card[data-row='{row}'] .shot")).to_be_visible()
        pixels = page.locator(".card canvas").evaluate(
            "each => [...each.getContext('2d').getImageData(9, 250, 1, 1).data]"
        )
        assert np.abs(np.array(pixels[:3]) - colour_of(row)).max() <= 2
        words = page.locator(".card .words")
        names = ("ember", "tide", "moss")
        expect(words).to_contain_text(f"picture {row:05d}")
        expect(words).to_contain_text(f"Label {names[label[row]]}")
        expect(words).to_contain_text(f"Model says {names[prediction[row]]} ({round(100 * confidence[row])} %)")
        told = {0: "Label: anchor", 1: f"Label: {OWN}"}.get(row, f"Label: {names[label[row]]}")
        expect(words).to_contain_text(told)


def test_a_click_and_the_keyboard_choose_a_point(page: Page):
    at, places = on_screen(page), known(300)[0].astype(float)
    page.mouse.click(*mouse(page, *at[0]))
    page.keyboard.press("ArrowRight")  # before Python says the click back, which must not lead back to it
    expect(page.locator(".st-key-said")).to_contain_text('"row": 0,')
    page.keyboard.press("Enter")

    away = places - places[0]
    cone = (away[:, 0] > 0) & (np.abs(away[:, 1]) <= away[:, 0])
    wanted = int(np.argmin(np.where(cone, np.hypot(*away.T), np.inf)))
    expect(page.locator(".st-key-said")).to_contain_text(f'"row": {wanted},')
    expect(page.locator(".scatter .live")).to_contain_text(f"picture {wanted:05d}")


def squares(page: Page) -> set[int]:
    """The rows whose whole picture is seen on the map, none of it covered by another."""
    pixels = canvas(page)[..., :3].astype(int)
    steps = np.rint((pixels - 8) / 15).astype(int)
    pure = (np.abs(pixels - 8 - 15 * steps) <= 1).all(axis=2) & (steps >= 0).all(axis=2)
    codes = np.where(pure, steps @ [1, 16, 256], -1)
    found = set()
    for row in np.flatnonzero(np.bincount(codes[codes >= 0], minlength=300)[:300] > 100):
        where = np.argwhere(codes == row)
        if (where.min(axis=0) < 4).any() or (where.max(axis=0) > np.array(codes.shape) - 4).any():
            continue  # at the map's edge
        tall, wide = np.ptp(where, axis=0) + 1
        assert abs(tall - 32) <= 1, row
        assert abs(wide - 32) <= 1, row
        assert len(where) > 0.8 * 32 * 32, row  # a wrong one has a cross in its corner
        found.add(int(row))
    return found


def test_pictures_do_not_overlap_and_stay_when_zooming_in(page: Page):
    choose(page, "Pictures")
    shows(page, lambda: len(squares(page)) > 15)
    before = squares(page)

    page.get_by_role("button", name="Zoom in").click()

    shows(page, lambda: len(squares(page) - before) > 3)


def test_each_group_is_named_where_most_of_it_lies(page: Page):
    def named() -> dict[str, tuple[int, int]]:
        sent = json.loads(page.locator(".scatter").get_attribute("data-names") or "[]")
        return {name: (x, y) for name, x, y in sent}

    def painted(x: int, y: int) -> bool:
        ratio = canvas(page, "over").shape[1] / page.locator("canvas.over").evaluate("each => each.clientWidth")
        return bool(canvas(page, "over")[round(y * ratio), round((x - 12) * ratio), 3])

    at, label, names = on_screen(page), known(300)[1], named()
    assert set(names) == {"ember", "tide", "moss", "anchor"}
    for number, name in enumerate(("ember", "tide", "moss")):
        own = np.hypot(*(at[label == number] - names[name]).T)
        other = np.hypot(*(at[label != number] - names[name]).T)
        assert np.sort(own)[20] < np.sort(other)[20], name  # a score of its own lie nearer than one of others
        assert painted(*names[name])

    page.get_by_role("button", name="tide, ").click()
    shows(page, lambda: "tide" not in named() and "moss" in named())
    page.get_by_role("button", name="Names of the groups (N)").click()
    expect(page.locator(".scatter")).to_have_attribute("data-names", "[]")
    assert not painted(*names["moss"])
    page.locator("canvas.over").press("n")
    expect(page.locator(".scatter")).to_have_attribute("data-names", re.compile("moss"))


def test_a_map_that_was_taken_away_comes_back_as_it_was_left(page: Page):
    before = on_screen(page)
    page.get_by_role("button", name="Zoom in").click()
    at = zoomed_in(page, before)
    page.locator(".legend").get_by_role("button", name=re.compile("^moss")).click()
    expect(page.locator(".st-key-said")).to_contain_text('"hidden": [2]')

    page.get_by_text("Away").click()
    expect(page.locator(".scatter")).to_have_count(0)
    page.get_by_text("Away").click()

    drawn(page)
    assert np.allclose(on_screen(page), at, atol=0.6)
    expect(page.locator(".legend [aria-pressed=false]")).to_have_text(re.compile("moss"))


def test_where_a_person_looks_and_what_they_seek_comes_from_python_and_goes_back(
    page: Page, chromium: Browser, url: str
):
    (whole, far), places = (on_screen(page), canvas(page).shape), known(300)[0].astype(float)
    with visit(chromium, url, "/?where=1") as (page, _traffic):
        drawn(page)
        expect(page.locator(".hits")).to_have_text("300 found")
        at = on_screen(page)
        assert np.allclose(np.ptp(at, axis=0), 2 * np.ptp(whole, axis=0), rtol=0.02)
        span = np.ptp(places, axis=0)
        middle = places.min(axis=0) + np.array([0.4, 0.6]) * span
        scale = np.ptp(at[:, 0]) / span[0]
        expected = (places[2] - middle) * [scale, -scale] + np.array([far[1], far[0]]) / 2
        assert np.allclose(at[2], expected, atol=2)

        page.get_by_role("button", name="Zoom in").click()
        page.get_by_placeholder("Find a name or label").fill("pict")
        expect(page.locator(".st-key-said")).to_contain_text('"find": "pict"')
        where = said(page)["where"]
        assert (where["zoom"], where["x"], where["y"]) == (
            3,
            pytest.approx(0.4, abs=1e-4),
            pytest.approx(0.6, abs=1e-4),
        )
        assert np.allclose(np.ptp(on_screen(page), axis=0), 3 * np.ptp(whole, axis=0), rtol=0.02)

        page.get_by_role("button", name="All of it").click()
        expect(page.locator(".hits")).to_have_text("")
        shows(page, lambda: np.allclose(on_screen(page), whole, atol=0.6))


def test_numbers_that_the_server_forgot_are_asked_for_again(chromium: Browser, url: str):
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=404) if len(refused) <= 3 else route.continue_()

    with tab(chromium) as page:
        page.route("**/look/frames/*", refuse)
        page.goto(url)
        drawn(page)
    assert len(refused) == 6
    assert len(set(refused)) == 3


GLIDE = """
script => {
    const known = 'requestAnimationFrame, cancelAnimationFrame, performance, matchMedia, Map';
    const [frames, shown, clock] = [[], [], {now: 0}];
    const made = new Function(known, `${script}; return Moving`)(
        frame => frames.push(frame), () => undefined, {now: () => clock.now}, () => ({matches: false}), Map,
    );
    const from = Float32Array.of(0, 0, 10, 20), to = Float32Array.of(8, 4, 10, 0);
    const map = Object.assign(Object.create(made.prototype), {
        places: from, camera: {follow: (_, now) => now}, data: {fresh: null}, gestures: {held: false}, hovered: -1,
        spent: 5, scene: {order: true}, placed: 'elsewhere', paintNow() { shown.push([...this.places]); },
    });
    map.head(to);
    for (const now of [225, 450, 900]) {
        clock.now = now;
        frames.shift()();
    }
    return {shown, waiting: frames.length};
}
"""


def test_points_glide_to_where_they_belong_slowly_at_both_ends_and_stop_there(chromium: Browser):
    with closing(chromium.new_page()) as page:
        seen = page.evaluate(GLIDE, script("scatter/moving"))
    quarter = 3 * 0.25**2 - 2 * 0.25**3
    shares = np.array([0, quarter, 0.5, 1])[:, None]
    assert np.allclose(seen["shown"], np.array([0, 0, 10, 20]) + shares * np.array([8, 4, 0, -20]), atol=1e-5)
    assert seen["waiting"] == 0


def test_the_map_is_saved_at_twice_its_size(page: Page):
    with page.expect_download() as saved:
        page.get_by_role("button", name=re.compile("Save")).click()

    picture = Image.open(saved.value.path())
    shown = canvas(page)
    assert saved.value.suggested_filename == "map.png"
    assert picture.width == 2 * shown.shape[1]
    assert picture.height > 2 * shown.shape[0]
