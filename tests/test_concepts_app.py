"""Concepts as a visitor builds and tests them: boxes drawn with a real mouse, a full run, and what is left of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from skimage import data

from browser import ROOT, at_rest, streamlit_server, visit
from xai_core.concepts import editing
from xai_core.concepts.concept import concepts
from xai_core.datasets.dataset import save
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.world.pool import counter_example

pytestmark = pytest.mark.browser

SOON, LATE = 90_000, 240_000  # milliseconds; waits end as soon as what is awaited is there
CLASSES = ("espresso", "Egyptian cat")  # as the default model calls what the two photographs show
BOXES = 12


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A library with counter-examples and pictures of two classes."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        editing.create("Random pictures", [counter_example(number) for number in range(60)], "test", pool=True)
        pieces = [
            (Picture.of(photograph[shift : shift + 240, shift : shift + 240], f"{label} {shift}"), "a.png", number, "")
            for number, (label, photograph) in enumerate(zip(CLASSES, (data.coffee(), data.chelsea()), strict=True))
            for shift in range(0, 60, 5)
        ]
        save("Two classes", CLASSES, pieces, {})  # type: ignore[arg-type]
        yield folder


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    with streamlit_server(ROOT, home / "log.txt", {VARIABLE: str(home)}) as address:
        yield address


@contextmanager
def concepts_page(chromium: Browser, url: str) -> Iterator[Page]:
    with visit(chromium, url, "/concepts") as (page, _):
        expect(page.get_by_text("1 · Examples")).to_be_visible(timeout=LATE)
        yield page


def draw(page: Page, sheet: Locator, left: float, top: float, right: float, bottom: float) -> None:
    """A box with the mouse, in shares of the picture."""
    area = sheet.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + left * area["width"], area["y"] + top * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + right * area["width"], area["y"] + bottom * area["height"], steps=4)
    page.mouse.up()


def boxes_on(page: Page, alt: str, count: int) -> None:
    sheet = page.locator(f".cutter .sheet[aria-label^='{alt}']")
    sheet.scroll_into_view_if_needed(timeout=SOON)
    for number in range(count):
        across, down = number % 3, number // 3
        draw(page, sheet, 0.05 + 0.3 * across, 0.05 + 0.3 * down, 0.25 + 0.3 * across, 0.25 + 0.3 * down)
        expect(sheet.locator(".box")).to_have_count(number + 1)


def card(page: Page, title: str) -> Locator:
    return page.locator(".deck .card").filter(has_text=title)


def test_twelve_boxes_become_a_concept_and_an_answer(chromium: Browser, url: str) -> None:
    with concepts_page(chromium, url) as page:
        page.get_by_role("button", name="New concept").click()
        page.locator(".strip").get_by_text("Photogr").click()
        boxes_on(page, "Photographer", 9)
        page.locator(".strip").get_by_text("Rocket").click()
        boxes_on(page, "Rocket", 3)
        for key in ("Enter", "Shift+ArrowRight"):
            page.locator(".cutter .sheet").press(key)
        expect(page.locator(".cutter .live")).to_contain_text(re.compile("^Box 4 of 4: "))
        page.locator(".cutter .sheet").press("Delete")
        expect(page.get_by_text(f"{BOXES} cut so far.")).to_be_visible(timeout=SOON)
        expect(
            page.get_by_text(re.compile(f"{BOXES} distinct pictures.*enough to see a strong effect"))
        ).to_be_visible()
        page.get_by_label("What do they have in common?").fill("grey")
        page.get_by_role("button", name="Save concept").click()
        expect(card(page, "grey")).to_contain_text(f"{BOXES} pictures", timeout=SOON)
        for pressed in ("false", "true"):  # out and in again with the keyboard, which stays where it is
            card(page, "grey").locator(".pick").press("Enter")
            expect(card(page, "grey").locator(f".pick[aria-pressed={pressed}]")).to_be_focused(timeout=SOON)

        page.get_by_role("button", name="Test 1 concept").click()
        expect(page.locator("p.said")).to_contain_text(re.compile("grey.*(espresso|Egyptian cat)"), timeout=LATE)
        expect(page.get_by_role("figure", name=re.compile("Scores, from 0.*: grey [01]"))).to_be_visible()
        at_rest(page)
        page.get_by_text("Every answer in words").click()
        expect(
            page.get_by_text(re.compile(r"a stronger effect than|no stronger an effect|has no score")).first
        ).to_be_visible()

        page.get_by_text("Table and files").click()
        expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)
        at_rest(page)
        with page.expect_download(timeout=SOON) as download:
            page.get_by_role("button", name="JSON").click()
        told = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert {finding["class"]["label"] for finding in told["findings"]} == set(CLASSES)
        assert {finding["concept"] for finding in told["findings"]} == {"grey"}
        page.get_by_role("button", name="Keep", exact=True).click()
        expect(page.get_by_text("Kept. It stands under")).to_be_visible(timeout=SOON)
        page.get_by_test_id("stButtonGroup").get_by_text("Earlier tests").click()
        expect(page.get_by_text(re.compile("EfficientNet-Lite0, 20"))).to_be_visible(timeout=SOON)


def test_a_concept_is_renamed_thinned_out_removed_and_brought_back(
    chromium: Browser, url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(home))
    editing.create("wood", [counter_example(number) for number in range(4)], "test")
    with concepts_page(chromium, url) as page:
        page.get_by_role("button", name="Open wood").click()
        pictures = page.locator(".album[aria-label='Pictures of wood'] button")
        expect(pictures).to_have_count(4, timeout=SOON)
        pictures.first.click()
        expect(pictures).to_have_count(3, timeout=SOON)
        page.get_by_role("button", name="Put it back").click()
        expect(pictures).to_have_count(4, timeout=SOON)
        name = page.get_by_label("Name", exact=True)
        expect(name).to_have_count(1)  # until the run has ended, the field of the run before stands beside it
        name.fill("<b>plank & co")
        name.press("Enter")
        expect(card(page, "<b>plank & co")).to_contain_text("4 pictures: too few", timeout=SOON)
        page.get_by_role("button", name="Remove concept").click()
        expect(card(page, "plank")).to_have_count(0, timeout=SOON)
        page.get_by_role("button", name="Undo").click()
        expect(card(page, "<b>plank & co")).to_be_visible(timeout=SOON)
        assert len(next(each for each in concepts().concepts if "plank" in each.title).items) == 4
