"""The cascade player's columns in a real browser, inside the smallest Streamlit app that can hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser import at_rest, tab, visit
from pages.ui.components.gallery import Photo
from pages.ui.components.player import Frame, Strip, player
from player_app import cascades, column, drawn, matches, over, pixels, served, slider
from xai_core.render import Display

pytestmark = pytest.mark.browser
CONTRAST = """node => {
    const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const light = colour => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const linear = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map(each => each / 255)
            .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05;
    };
    const ground = light(getComputedStyle(node.closest('.player').querySelector('.controls')).backgroundColor);
    const ink = light(getComputedStyle(node).color);
    return Math.max(ink, ground) / Math.min(ink, ground);
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("player")) as address:
        yield address


@pytest.fixture(scope="module")
def shared(chromium: Browser, url: str) -> Iterator[Page]:
    """One page for the tests that move its slider to where they look, and ask for nothing else."""
    with visit(chromium, url) as (page, _):
        drawn(page, 10)
        yield page


@pytest.fixture
def page(chromium: Browser, url: str) -> Iterator[Page]:
    with visit(chromium, url) as (page, _):
        drawn(page, 10)
        yield page


@pytest.mark.parametrize(
    ("of", "title", "frame"), [(0, "Gradient", 3), (0, "Grad-CAM", 3), (1, "Gradient", 5), (1, "Grad-CAM", 5)]
)
def test_the_player_draws_what_the_server_draws(shared: Page, of: int, title: str, frame: int):
    display = Display(colours="viridis", smooth=False, strongest=30) if of else Display()
    slider(shared, of).fill(str(frame))
    shown = column(shared, title, of)
    expect(shown.get_by_role("img")).to_have_accessible_name(
        re.compile(f"{title}: {frame} of 10 blocks destroyed.* (the same|reversed)")
    )

    levels = cascades()[title]

    assert matches(pixels(shown), levels[frame], display)
    assert matches(pixels(shown, 0), levels[0], display)
    assert not matches(pixels(shown), levels[frame + 1], display)


def test_what_is_undefined_or_dead_is_said_in_words(shared: Page):
    alike = column(shared, "Grad-CAM").locator(".alike")
    for block, words in (
        (0, "100 %the same"),
        (1, "> 99 %the same"),
        (8, "−40 %reversed"),
        (9, "undefinedThe network is dead"),
    ):
        slider(shared).fill(str(block))
        expect(alike).to_have_text(words)

    expect(column(shared, "Grad-CAM").locator("canvas").nth(1)).to_be_hidden()
    expect(column(shared, "Grad-CAM").locator(".gap").nth(1)).to_have_text("The network is dead")
    expect(shared.locator(".told").first.get_by_text("The network is dead at this stage")).to_be_visible()
    slider(shared).fill("2")
    expect(shared.get_by_text("The network is dead")).to_have_count(0)
    expect(column(shared, "Grad-CAM").locator("canvas").nth(1)).to_be_visible()


def test_a_stopped_strip_shows_what_it_reached(shared: Page):
    halted = column(shared, "RISE")
    slider(shared).fill("2")
    expect(halted.locator(".alike strong")).to_have_text("60 %")
    assert matches(pixels(halted), cascades()["Gradient"][2], Display())

    slider(shared).fill("3")

    expect(halted.locator(".alike")).to_have_text("")
    expect(halted.locator(".gap").nth(1)).to_have_text("You stopped it.")


LOSE_THE_NEXT = """() => {
    const { send } = WebSocket.prototype;
    let left = 2;
    WebSocket.prototype.send = function (message) {
        if (left > 0) left -= 1;
        else send.call(this, message);
    };
}"""


def test_stop_and_try_again_reach_python_once(page: Page):
    page.clock.install()
    page.get_by_role("button", name="Stop Occlusion").click()
    expect(page.locator(".st-key-said")).to_contain_text('["stop waits"]')
    page.clock.run_for(10_000)

    page.get_by_role("button", name="<b>LIME</b>: try again").click()

    expect(page.locator(".st-key-said")).to_contain_text('["stop waits", "retry broken"]')


def test_an_action_that_gets_lost_on_the_way_is_sent_until_it_is_heard(page: Page):
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 60_000"))
    page.evaluate(LOSE_THE_NEXT)
    page.get_by_role("button", name="Stop Occlusion").click()
    page.clock.run_for(2100)
    expect(page.locator(".st-key-said")).to_contain_text('"actions": []')

    page.clock.run_for(2100)
    page.clock.resume()
    expect(page.locator(".st-key-said")).to_contain_text('["stop waits"]')
    page.clock.run_for(10_000)
    page.get_by_role("button", name="<b>LIME</b>: try again").click()

    expect(page.locator(".st-key-said")).to_contain_text('["stop waits", "retry broken"]')


def test_maps_the_server_forgot_say_so_and_offer_another_try(chromium: Browser, url: str):
    with tab(chromium) as page:
        page.goto(f"{url}/?lost=1")

        expect(column(page, "Lost")).to_contain_text("This map made room for newer ones")
        column(page, "Lost").get_by_role("button", name="Lost: try again").click()

        expect(page.locator(".st-key-said")).to_contain_text('["retry lost"]')


def test_text_is_never_markup(shared: Page):
    slider(shared).fill("4")
    expect(shared.locator(".told").first).to_contain_text("It now says <b>velvet</b> (4 %)")
    expect(column(shared, "<b>LIME</b>")).to_contain_text("It fell over <i>here</i>.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_light_and_dark(shared: Page, scheme: str):
    shared.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    slider(shared).fill("9")
    expect(shared.locator(".told .badge").first).to_be_visible()
    shared.wait_for_function(
        "([node, dark]) => (getComputedStyle(node).backgroundColor.match(/\\d+/g)[0] < 128) === dark",
        arg=[shared.locator(".controls").first.element_handle(), scheme == "dark"],
    )

    for part in (
        ".told strong",
        ".told .name",
        ".told .badge",
        ".ends",
        ".blocks b",
        ".alike span",
        ".chance",
        ".column .badge",
    ):
        assert shared.locator(part).first.evaluate(CONTRAST) >= 4.5, part


def arranged(page: Page, columns: int) -> None:
    """Until the columns have followed the window's width."""
    expect(page.locator(".player .columns").first).to_have_attribute("style", re.compile(rf"--columns: {columns}\b"))
    at_rest(page)


@pytest.mark.parametrize(("width", "rows"), [(1440, [8]), (1024, [4, 4]), (390, [3, 3, 2])])
def test_columns_fill_their_rows_and_nothing_overflows(chromium: Browser, url: str, width: int, rows: list[int]):
    with visit(chromium, url, "/?view=eight") as (page, _):
        page.set_viewport_size({"width": width, "height": 900})
        drawn(page, 16)
        arranged(page, rows[0])

        tops = page.locator(".column").evaluate_all("all => all.map(each => each.getBoundingClientRect().top)")
        wide = page.locator(".player").evaluate(
            """root => [...root.querySelectorAll('.controls *, .column, .column > *')]
                .filter(node => node.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
                .map(node => node.className || node.tagName)"""
        )

        assert [tops.count(top) for top in sorted(set(tops))] == rows
        assert wide == []


def test_the_slider_stays_in_reach_while_the_columns_scroll(chromium: Browser, url: str):
    with visit(chromium, url, "/?view=eight") as (page, _):
        page.set_viewport_size({"width": 1024, "height": 700})
        drawn(page, 16)
        arranged(page, 4)
        column(page, "Edge detector").scroll_into_view_if_needed()
        assert page.locator(".column").first.evaluate("node => node.getBoundingClientRect().top") < 0

        page.mouse.click(*over(page, 6))

        expect(column(page, "Edge detector").get_by_role("img")).to_have_accessible_name(re.compile("6 of 10"))


def test_what_does_not_fit_the_frames_is_refused():
    photo, frames = Photo("", "", 1, 1, (0.0, 0.0, 1.0, 1.0), ""), [Frame("", "", ""), Frame("", "", "")]
    one = Strip("a", "A", "waiting")
    with pytest.raises(ValueError, match="must differ"):
        player([one, one], frames, photo, key="x", display=Display(), ends=("", ""))
    with pytest.raises(ValueError, match="one per frame"):
        player([Strip("a", "A", "done", numbers=(1.0,))], frames, photo, key="x", display=Display(), ends=("", ""))
    with pytest.raises(ValueError, match=r"frame must lie in \[0, 2\)"):
        player([one], frames, photo, key="x", display=Display(), ends=("", ""), frame=2)
    with pytest.raises(ValueError, match="must be None"):
        Strip("a", "A", "done", numbers=(float("nan"),))
