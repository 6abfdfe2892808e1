"""The cascade player in a real browser, inside the smallest Streamlit app that can hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser import Traffic, visit
from player_app import BLOCKS, cascades, column, drag, drawn, hears, matches, over, pixels, said, served, slider
from xai_core.render import Display

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("player")) as address:
        yield address


@pytest.fixture
def opened(chromium: Browser, url: str) -> Iterator[tuple[Page, Traffic]]:
    with visit(chromium, url) as (page, traffic):
        drawn(page, 10)
        yield page, traffic


@pytest.fixture
def page(opened: tuple[Page, Traffic]) -> Page:
    return opened[0]


def test_dragging_redraws_before_the_button_is_let_go_and_asks_nobody(opened: tuple[Page, Traffic]):
    page, traffic = opened
    gradient, before = column(page, "Gradient"), pixels(column(page, "Gradient"))
    sent = (len(traffic.requests), traffic.frames)

    drag(page, 0, 5)

    expect(page.locator(".told").first).to_contain_text("5 of 10 blocks destroyed: patterns (blocks.5)")
    expect(gradient.locator(".alike strong")).to_have_text("10 %")
    assert (pixels(gradient) != before).any()
    assert (pixels(gradient, 0) == before).all()
    assert (len(traffic.requests), traffic.frames) == sent


def test_python_hears_once_where_the_slider_was_let_go(page: Page):
    runs = said(page)["runs"]
    drag(page, 0, 5)
    page.mouse.up()
    hears(page, 5)
    assert said(page)["runs"] == runs + 1
    assert said(page)["frame"] == 5

    drag(page, 5, 7)
    page.mouse.up()

    hears(page, 5, 7)
    expect(slider(page)).to_have_value("7")


def test_a_click_on_a_block_means_that_block(page: Page):
    for block, aside in ((10, 0.4), (1, -0.4), (9, -0.4), (2, 0.4), (6, 0)):
        page.mouse.click(*over(page, block + aside))
        expect(slider(page)).to_have_value(str(block))
        expect(page.locator(".blocks").first.locator(".destroyed")).to_have_count(block)


def test_the_keyboard_moves_the_slider_and_plays(page: Page):
    slider(page).focus()
    for key, block in (("ArrowRight", 1), ("ArrowUp", 2), ("ArrowLeft", 1), ("Home", 0), ("End", 10)):
        page.keyboard.press(key)
        expect(slider(page)).to_have_attribute(
            "aria-valuetext", re.compile(f"^{block} of 10 blocks destroyed" if block else "^The trained model$")
        )
    expect(page.locator(".st-key-said")).to_contain_text('"frame": 10')

    slider(page).evaluate(
        """slider => {
            window.shown = [];  // remembered: the first frame does not wait until somebody looks
            new MutationObserver(() => window.shown.push(slider.value)).observe(slider, {attributes: true});
        }"""
    )
    page.get_by_role("button", name="Play").first.focus()
    page.keyboard.press("Space")

    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function("window.shown.includes('0')")


def test_playing_runs_to_the_end_stops_there_and_tells_python(page: Page):
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 60_000"))
    expect(slider(page)).to_have_value("0")
    page.get_by_role("button", name="Play").first.click()

    for block in range(1, BLOCKS + 1):
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        page.clock.run_for(720)
        expect(slider(page)).to_have_value(str(block))
        if block == 3:
            page.get_by_role("button", name="Pause").click()
            page.clock.run_for(5000)
            expect(slider(page)).to_have_value("3")
            page.get_by_role("button", name="Play").first.click()

    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    page.clock.run_for(300)
    page.clock.resume()
    hears(page, 3, 10)


def test_a_hand_on_the_slider_stops_the_play(page: Page):
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 60_000"))
    page.get_by_role("button", name="Play").first.click()
    page.clock.run_for(720)
    expect(slider(page)).to_have_value("1")

    page.mouse.move(*over(page, 1))
    page.mouse.down()
    page.clock.run_for(5000)

    expect(slider(page)).to_have_value("1")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_a_strip_that_arrives_later_keeps_the_frame(page: Page):
    drag(page, 0, 5)
    page.get_by_role("button", name="Finish").evaluate("button => button.click()")

    late = column(page, "SmoothGrad")
    expect(late.locator("canvas:not([hidden])")).to_have_count(2)
    expect(slider(page)).to_have_value("5")
    assert matches(pixels(late), cascades()["SmoothGrad"][5], Display())


def test_python_may_move_the_slider_but_never_out_of_a_hand(page: Page):
    wish = page.get_by_role("button", name="Show block 4")
    drag(page, 0, 7)
    wish.evaluate("button => button.click()")
    expect(page.locator(".st-key-said")).to_contain_text('"wish": 4')
    expect(slider(page)).to_have_value("7")
    page.mouse.up()
    hears(page, 7)
    expect(slider(page)).to_have_value("7")

    page.get_by_role("button", name="Show block 8").evaluate("button => button.click()")

    expect(slider(page)).to_have_value("8")
    expect(page.locator(".told").first).to_contain_text("8 of 10")


def test_two_players_do_not_interfere(page: Page):
    other = column(page, "Gradient", 1)
    before = pixels(other)
    slider(page).fill("8")
    expect(page.locator(".told").first).to_contain_text("8 of 10")

    assert (pixels(other) == before).all()
    expect(slider(page, 1)).to_have_value("5")
    expect(page.locator(".blocks").nth(1).locator(".destroyed")).to_have_count(1)
