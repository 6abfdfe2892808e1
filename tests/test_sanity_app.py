"""The sanity check as a visitor meets it: the real app, the real model, a real browser."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from browser import ROOT, at_rest, streamlit_server, visit

pytestmark = pytest.mark.browser

SOON, LATE = 60_000, 240_000  # milliseconds; waits end as soon as what is awaited is there
QUESTION = "Would this explanation notice if the model had learned nothing?"
TWO = "/sanity?picture=coffee&methods=gradient,guided_backprop"
STAGES = 11  # the trained model and its ten blocks


@pytest.fixture(scope="module")
def url(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with streamlit_server(ROOT, tmp_path_factory.mktemp("sanity") / "log.txt") as address:
        yield address


def column(page: Page, title: str) -> Locator:
    """Titles may be broken at soft hyphens."""
    return page.locator(".column").filter(has=page.get_by_role("heading", name=re.compile(title)))


def finished(page: Page, *titles: str) -> None:
    for title in titles:
        expect(column(page, title)).to_have_attribute("data-state", "done", timeout=LATE)
        expect(column(page, title).locator("canvas:not([hidden])")).to_have_count(2, timeout=SOON)


def pixels(page: Page, title: str, which: int = 1) -> np.ndarray:  # type: ignore[type-arg]
    """The canvas of the trained map (0) or of the map now (1)."""
    address = column(page, title).locator("canvas").nth(which).evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))))


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Blocks destroyed")


def over(page: Page, block: int) -> tuple[float, float]:
    """The middle of a block on the slider, in pixels of the page."""
    place = slider(page).bounding_box()
    assert place is not None
    return place["x"] + place["width"] * (block + 0.5) / STAGES, place["y"] + place["height"] / 2


def test_two_clicks_lead_from_a_sample_to_a_moving_frame(chromium: Browser, url: str) -> None:
    with visit(chromium, url, "/?picture=coffee&view=own&methods=gradient") as (page, _):
        tested = page.locator(".badge:is(.good, .care, .bad) button").first
        expect(tested).to_be_visible(timeout=LATE)
        tested.click()
        expect(page.get_by_role("heading", name=QUESTION)).to_be_visible(timeout=SOON)
        expect(page.get_by_role("button", name="Picture: Cup of coffee")).to_be_visible(timeout=SOON)
        finished(page, "^Gradient$")
        trained = pixels(page, "^Gradient$")
        page.get_by_role("button", name="Play").click()
        expect(slider(page)).not_to_have_value("0")
        expect(page.locator(".told")).to_contain_text("blocks destroyed")
        assert (pixels(page, "^Gradient$") != trained).any()
        assert (pixels(page, "^Gradient$", 0) == trained).all()


def test_the_answer_names_guided_backpropagation(chromium: Browser, url: str) -> None:
    with visit(chromium, url, TWO) as (page, _):
        finished(page, "^Gradient$", "Guided", "Edge detector")
        said = page.locator("p.said")
        expect(said).to_contain_text(re.compile(r"^Guided backpropagation would not: with \d of 10 blocks destroyed"))
        expect(said).to_contain_text("the model no longer knows espresso (under")
        expect(said).to_contain_text("One other changes, as it should.")
        expect(column(page, "Guided").locator(".badge")).to_have_text("Not about the model")
        expect(column(page, "^Gradient$").locator(".badge")).to_have_text("About the model")
        expect(column(page, "Edge detector").locator(".alike")).to_contain_text("100 %")
        page.get_by_role("tab", name="How this is measured").click()
        expect(page.get_by_text("A private copy is destroyed")).to_be_visible(timeout=SOON)


def test_the_maps_follow_the_slider_while_the_button_is_down(chromium: Browser, url: str) -> None:
    with visit(chromium, url, TWO) as (page, traffic):
        finished(page, "^Gradient$", "Guided", "Edge detector")
        expect(page.locator("p.said")).to_contain_text("would not", timeout=SOON)
        at_rest(page)
        gradient, guided = pixels(page, "^Gradient$"), pixels(page, "Guided")
        page.mouse.move(*over(page, 0))
        page.mouse.down()
        requests = len(traffic.requests)
        page.mouse.move(*over(page, 3), steps=8)
        expect(page.locator(".told")).to_contain_text("3 of 10 blocks destroyed")
        expect(page.locator(".told")).to_contain_text("It no longer has an answer")
        assert len(traffic.requests) == requests
        changed = [
            np.abs(pixels(page, title).astype(float) - before).mean()
            for title, before in (("^Gradient$", gradient), ("Guided", guided))
        ]
        assert changed[0] > 4 * changed[1] > 0
        page.mouse.up()
        expect(slider(page)).to_have_value("3")


def test_a_stop_in_the_middle_leaves_what_is_finished(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"{TWO},smoothgrad") as (page, _):
        smooth = column(page, "SmoothGrad")
        expect(smooth.locator(".note")).to_contain_text("all blocks at once", timeout=LATE)
        smooth.get_by_role("button", name="Stop SmoothGrad").click()
        expect(smooth).to_have_attribute("data-state", "stopped", timeout=SOON)
        expect(smooth.locator("canvas:not([hidden])").first).to_be_visible(timeout=SOON)
        expect(smooth.get_by_role("button", name="SmoothGrad: try again")).to_be_visible()
        finished(page, "^Gradient$", "Guided")
        slider(page).fill("2")
        expect(smooth.locator(".gap:not([hidden])")).to_contain_text("Stopped before this stage")
        expect(column(page, "Guided").locator(".alike")).to_contain_text(re.compile(r"9\d %"))


def downloaded(page: Page, name: str, folder: Path) -> Path:
    expect(page.get_by_role("button", name=name)).to_be_visible(timeout=SOON)
    at_rest(page)  # a run that met the writing would throw the file away
    with page.expect_download(timeout=SOON) as started:
        page.get_by_role("button", name=name).click()
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    return file


def test_everything_can_be_taken_along(chromium: Browser, url: str, tmp_path: Path) -> None:
    with visit(chromium, url, TWO) as (page, _):
        finished(page, "^Gradient$", "Guided")
        expect(column(page, "Edge detector")).to_have_attribute("data-state", "done", timeout=LATE)
        page.get_by_role("tab", name="Export").click()
        files = [downloaded(page, name, tmp_path) for name in ("(PNG)", "(GIF)", "(HTML)", "(CSV)")]
    picture, moving, film, table = files
    assert [file.name for file in files] == [
        f"sanity-Cup of coffee-967.{kind}" for kind in ("png", "gif", "html", "csv")
    ]
    with Image.open(picture) as drawn:
        assert drawn.width > 1.5 * drawn.height  # two methods and the edges, eleven stages
    with Image.open(moving) as drawn:
        assert drawn.n_frames == STAGES
    text = film.read_text(encoding="utf-8")
    assert "Guided backpropagation" in text
    assert "espresso" in text
    assert 'src="http' not in text
    lines = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert len(lines) == 2 * STAGES
    assert {line["method"] for line in lines} == {"gradient", "guided_backprop"}
    assert {line["class explained"] for line in lines} == {"espresso"}
    assert float(lines[0]["probability of the class"]) > 0.9 > 0.1 > float(lines[1]["probability of the class"])
    assert {line["verdict"] for line in lines} == {"About the model", "Not about the model"}
