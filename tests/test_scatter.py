"""The map in a real browser with a real mouse, inside the smallest Streamlit app that can hold it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from scatter_app import canvas, colour_of, drawn, known, on_screen, said, served, shows
from skimage.measure import points_in_poly

from browser import tab, visit
from pages.ui.components.scatter import _packed, _unpacked
from pages.ui.components.scatter_view import Group, Groups, ScatterView, Shades, Sprites
from pages.ui.components.scripts import script
from xai_core.embedding.underway import underway
from xai_core.library.home import VARIABLE

LASSO = ((380, 60), (820, 40), (900, 260), (700, 330), (760, 460), (420, 470), (520, 240))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scatter")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, url: str) -> Iterator[Page]:
    with visit(chromium, url) as (page, _traffic):
        drawn(page)
        yield page


def mouse(page: Page, x: float, y: float) -> tuple[float, float]:
    place = page.locator("canvas.over").bounding_box()
    assert place is not None
    return place["x"] + x, place["y"] + y


def lasso(page: Page, corners: tuple[tuple[float, float], ...] = LASSO, heard: int = 1) -> list[int]:
    """Drawn by hand; what Python then knows to be selected."""
    page.mouse.move(*mouse(page, *corners[0]))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*mouse(page, *corner), steps=3)
    page.mouse.up()
    expect(page.locator(".st-key-said")).to_contain_text(f'"heard": {heard},')
    return list(said(page)["rows"])


def choose(page: Page, name: str) -> None:
    page.locator(".tools").get_by_role("button", name=name, exact=True).click()


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


def zoomed_in(page: Page, before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the points stand as soon as they are painted farther apart than they were."""

    def apart(at: NDArray[np.float64]) -> float:
        return float(np.hypot(*(at[1] - at[0])))

    shows(page, lambda: apart(on_screen(page)) > 1.3 * apart(before))
    return on_screen(page)


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


def test_the_view_and_the_selection_survive_a_rerun(page: Page):
    choose(page, "Lasso")
    before, rows = on_screen(page), lasso(page)
    page.get_by_role("button", name="Zoom in").click()
    at, runs = zoomed_in(page, before), said(page)["runs"]

    page.get_by_role("button", name="Again").click()

    expect(page.locator(".st-key-said")).to_contain_text(f'"runs": {runs + 1}')
    assert np.allclose(on_screen(page), at, atol=0.6)
    expect(page.locator(".count")).to_have_text(f"{len(rows)} selected")


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


def test_rows_are_packed_a_bit_each_and_anything_else_is_refused():
    rows = np.flatnonzero(np.random.default_rng(0).random(1003) < 0.3)
    assert _unpacked(_packed(rows, 1003), 1003).tolist() == rows.tolist()  # type: ignore[union-attr]
    assert _unpacked("", 1003).tolist() == []  # type: ignore[union-attr]
    beyond = base64.b64encode(b"\xff" * 126).decode()
    for sent in (None, 7, [1, 2], "no base64!", "AAAA", beyond, "A" * 5000):
        assert _unpacked(sent, 1003) is None


def view(**given: object) -> ScatterView:
    fields: dict[str, object] = {
        "points": np.zeros((2, 2), np.float32),
        "titles": ("a", "b"),
        "names": ("x",),
        "label": np.zeros(2, int),
        "prediction": np.zeros(2, int),
        "confidence": np.ones(2),
        "colour": Shades("Confidence", np.ones(2)),
    }
    return ScatterView(**{**fields, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"points": np.full((2, 2), np.nan, np.float32)}, "finite"),
        ({"titles": ("a",)}, "titles must be one for each of 2 points, got 1"),
        ({"label": np.array([0, 1])}, r"label must lie in \[-1, 1\)"),
        ({"current": 2}, r"current must name rows in \[0, 2\)"),
        ({"selected": np.array([-1])}, "selected must name rows"),
        ({"sprites": Sprites(("sheet",), 8, 10, 1)}, "do not hold 2 pictures"),
    ],
)
def test_a_view_that_does_not_fit_its_points_is_refused(given: dict[str, object], words: str):
    with pytest.raises(ValueError, match=words):
        view(**given)


def test_colours_that_are_none_are_refused():
    with pytest.raises(ValueError, match="#0f6b66"):
        Group("ember", "red;background:url(x)")
    with pytest.raises(ValueError, match="groups must lie"):
        Groups("Label", np.array([0, 1]), (Group("ember"),))
    with pytest.raises(ValueError, match="from less to more"):
        Shades("Confidence", np.ones(2), 1.0, 1.0)
