"""The comparison grid in a real browser, inside the smallest Streamlit app that can hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from browser import Traffic, at_rest, tab, visit
from gallery_app import choose, maps, panel, pixels, premultiplied, said, served
from xai_core.render import Display, packed, paint

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("gallery")) as address:
        yield address


@pytest.fixture
def opened(chromium: Browser, url: str) -> Iterator[tuple[Page, Traffic]]:
    with visit(chromium, url) as (page, traffic):
        drawn(page)
        yield page, traffic


@pytest.fixture(scope="module")
def shared(chromium: Browser, url: str) -> Iterator[Page]:
    """One page for the tests that ask it for nothing and set whatever they look at."""
    with visit(chromium, url) as (page, _):
        drawn(page)
        yield page


@pytest.fixture
def page(opened: tuple[Page, Traffic]) -> Page:
    return opened[0]


@pytest.fixture
def traffic(opened: tuple[Page, Traffic]) -> Traffic:
    return opened[1]


def drawn(page: Page) -> None:
    """Wait for all twelve finished maps, the other gallery's, and what stands last on the page."""
    expect(page.locator(".panel[data-state=done] canvas:not([hidden])")).to_have_count(13)
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    at_rest(page)


@pytest.mark.parametrize(
    "display",
    [
        Display(),
        Display(smooth=False),
        Display(strongest=20),
        Display(strongest=20, smooth=False, colours="viridis", opacity=0.7),
        Display(sign="for", opacity=1.0, colours="jet"),
        Display(sign="against", shared_scale=True, colours="orange-blue"),
    ],
    ids=lambda display: f"{display.colours}-{display.sign}-{display.strongest}-{display.smooth}",
)
def test_the_browser_draws_what_the_server_draws(shared: Page, display: Display):
    choose(shared, display)

    given = maps()
    joint = max(packed(given[name]).clip for name in ("signed", "unsigned"))
    for name in ("signed", "unsigned"):
        seen = premultiplied(pixels(shared, name))
        scale = joint if display.shared_scale else None
        expected = premultiplied(paint(given[name], name == "signed", display, seen.shape[:2], scale))
        apart = np.abs(seen - expected).max(axis=2)
        # along a contour or between two levels, a pixel may fall to either side
        assert np.quantile(apart, 0.995) <= 4, name
        assert seen[..., 3].max() > 0, name


def test_display_changes_are_drawn_without_a_request_or_a_rerun(page: Page, traffic: Traffic):
    before, runs = pixels(page, "signed"), said(page)["runs"]
    sent = (len(traffic.requests), traffic.frames)

    spent = page.evaluate(
        """() => {
            const hosts = [...document.querySelectorAll('*')].map(each => each.shadowRoot).filter(Boolean);
            const root = hosts.find(each => each.querySelector('.gallery .bar:not([hidden])'));
            const [opacity, strongest] = root.querySelectorAll('.bar input[type=range]');
            const colours = root.querySelector('.bar select');
            const times = {opacity: [], strongest: []};
            for (const [name, slider] of [['strongest', strongest], ['opacity', opacity]]) {
                for (let value = 80; value >= 20; value -= 5) {
                    const start = performance.now();
                    slider.value = value;
                    slider.dispatchEvent(new Event('input'));
                    times[name].push(performance.now() - start);
                }
            }
            return times;
        }"""
    )

    assert (len(traffic.requests), traffic.frames) == sent
    assert said(page)["runs"] == runs
    assert (pixels(page, "signed") != before).any()
    for name, times in spent.items():
        print(f"{name}: {np.median(times):.1f} ms, at most {max(times):.1f} ms for 13 panels")  # noqa: T201


def test_every_gallery_on_the_page_follows_and_python_hears_once(page: Page):
    other = page.locator(".gallery").nth(1).locator("canvas")
    shot = "canvas => canvas.toDataURL()"
    before, runs = other.evaluate(shot), said(page)["runs"]

    page.locator(".bar").first.get_by_label("Colours").select_option("viridis")

    assert other.evaluate(shot) != before
    expect(page.locator(".st-key-said")).to_contain_text('"colours": "viridis"')
    assert said(page)["runs"] == runs + 1
    page.get_by_role("button", name="Plain").click()  # Python's own choice, now that it has heard ours
    expect(page.locator(".bar").first.get_by_label("Colours")).to_have_value("inferno")
    assert other.evaluate(shot) == before


def test_stop_reaches_python(page: Page):
    panel(page, "slow").get_by_role("button", name="Stop slow").click()

    expect(page.locator(".st-key-said")).to_contain_text('"kind": "stop", "panel": "slow"')


def test_try_again_reaches_python(page: Page):
    expect(panel(page, "broken")).to_contain_text("It fell over.")
    panel(page, "broken").get_by_role("button", name="broken: try again").click()

    expect(page.locator(".st-key-said")).to_contain_text('"kind": "retry", "panel": "broken"')


def test_settings_are_sent_on_apply_and_only_when_they_are_right(page: Page):
    runs = said(page)["runs"]
    panel(page, "signed").get_by_role("button", name="signed: settings").click()
    sheet = page.get_by_role("dialog", name="Settings and downloads")
    sheet.get_by_label("Samples").fill("900")
    sheet.get_by_label("Layer").select_option(label="second")
    sheet.get_by_label("Absolute").uncheck()
    sheet.get_by_role("button", name="Apply").click()
    expect(sheet.get_by_role("alert").first).to_have_text("Between 1 and 500.")
    assert said(page)["runs"] == runs

    sheet.get_by_label("Samples").fill("80")
    sheet.get_by_role("button", name="Apply").click()

    values = '"values": {"samples": 80, "layer": "b", "absolute": false}'
    expect(page.locator(".st-key-said")).to_contain_text(f'"kind": "set", "panel": "signed", {values}')
    expect(sheet).to_be_hidden()


def test_news_of_one_panel_disturbs_nothing_else(page: Page, traffic: Traffic):
    panel(page, "signed").get_by_role("button", name="signed: settings").click()
    sheet = page.get_by_role("dialog", name="Settings and downloads")
    sheet.get_by_label("Samples").fill("77")
    panel(page, "unsigned").evaluate("node => { node.dataset.same = 'yes'; }")
    fetched = [each for each in traffic.requests if "media-x" in each]

    # by script, because a click elsewhere is meant to close the sheet
    page.get_by_role("button", name="Finish").evaluate("button => button.click()")

    expect(panel(page, "slow").locator("canvas:not([hidden])")).to_be_visible()
    assert [each for each in traffic.requests if "media-x" in each] == fetched
    assert panel(page, "unsigned").get_attribute("data-same") == "yes"
    expect(sheet.get_by_label("Samples")).to_have_value("77")


def test_the_larger_view_shows_the_evidence_and_gives_the_focus_back(page: Page):
    button = panel(page, "signed").get_by_role("button", name="signed: larger")
    button.click()
    view = page.get_by_role("dialog", name="signed")
    expect(view.locator(".view:not(.bare) canvas:not([hidden])")).to_be_visible()
    for words in ("What signed shows.", "How not to read this: Not a proof.", "0.8 %", "<b>cup</b>"):
        expect(view).to_contain_text(words)
    expect(view.get_by_role("img", name=re.compile("Loss"))).to_be_visible()
    view.get_by_text("Side by side").click()
    expect(view.locator(".pictures img:visible")).to_have_count(2)
    view.get_by_text("What signed shows.").click()

    page.keyboard.press("Escape")

    expect(view).to_be_hidden()
    expect(button).to_be_focused()


def test_downloads_carry_the_display_that_is_seen(page: Page):
    bar = page.locator(".bar").first
    bar.get_by_label("Opacity").fill("70")
    bar.get_by_text("Blocky", exact=True).click()
    panel(page, "unsigned").get_by_role("button", name="unsigned: save").click()

    picture = page.get_by_role("link", name=re.compile("PNG")).get_attribute("href")
    numbers = page.get_by_role("link", name=re.compile("npy")).get_attribute("href")

    query = dict(pair.split("=") for pair in str(picture).split("?")[1].split("&"))
    assert Display.parse(query) == Display(opacity=0.7, smooth=False)
    assert float(query["scale"]) == pytest.approx(packed(maps()["unsigned"]).clip)
    assert str(numbers).endswith("/media-x/out.npy")


def test_the_value_under_the_pointer_is_told_in_words(page: Page):
    values = maps()["signed"]
    row, column = np.unravel_index(values.argmax(), values.shape)
    page.locator(".bar").first.get_by_text("Blocky", exact=True).click()
    box = panel(page, "signed").locator(".box")
    size = box.bounding_box()

    box.hover(position={"x": (column + 0.5) / 9 * size["width"], "y": (row + 0.5) / 9 * size["height"]})

    expect(panel(page, "signed").locator(".readout")).to_have_text(f"strong, for: {float(f'{values.max():.2g}')}")


def test_a_map_the_server_forgot_says_so_and_offers_another_try(chromium: Browser, url: str):
    with tab(chromium) as page:
        page.goto(f"{url}/?lost=1")

        expect(panel(page, "lost")).to_contain_text("Picture no longer held")
        panel(page, "lost").get_by_role("button", name="lost: try again").click()

        expect(page.locator(".st-key-said")).to_contain_text('"kind": "retry", "panel": "lost"')


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_overflows_at_any_width(shared: Page, width: int):
    shared.set_viewport_size({"width": width, "height": 900})
    shared.wait_for_function("width => innerWidth === width", arg=width)
    at_rest(shared)

    wide = shared.locator(".gallery").first.evaluate(
        """root => [...root.querySelectorAll('.panel, .panel *:not(svg *, .segments input), .bar *')]
            .filter(node => !node.matches('.box') && node.getBoundingClientRect().width)
            .filter(node => node.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
            .map(node => node.className || node.tagName)"""
    )

    assert wide == []
