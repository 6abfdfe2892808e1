"""The map as a visitor uses it: a lasso with a real mouse, and where it leads through the whole app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser import ROOT, at_rest, streamlit_server, visit
from xai_core.concepts import editing
from xai_core.datasets.dataset import save
from xai_core.library.home import VARIABLE
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES
from xai_core.world.pool import counter_example

pytestmark = pytest.mark.browser

SOON, LATE = 90_000, 240_000  # milliseconds; waits end as soon as what is awaited is there
EACH = 14  # pictures a family
SELECTED = f"{EACH} pictures selected"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A library with creatures and counter-examples."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        creatures = [
            (creature(family, number), f"{family} {number}.png", label, "")
            for label, family in enumerate(FAMILIES)
            for number in range(EACH)
        ]
        save("Creatures", FAMILIES, creatures, {})  # type: ignore[arg-type]
        editing.create("Random pictures", [counter_example(number) for number in range(60)], "test", pool=True)
        yield folder


def lasso(page: Page) -> None:
    """Around everything that is shown, but for the buttons in the corner."""
    page.locator(".tools").get_by_role("button", name="Lasso", exact=True).click()
    area = page.locator(".scatter canvas.over").bounding_box()
    assert area is not None
    left, top = area["x"] + 3, area["y"] + 3
    right, bottom = left + area["width"] - 6, top + area["height"] - 6
    beside, under = right - 45, top + 170
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((beside, top), (beside, under), (right, under), (right, bottom), (left, bottom), (left, top + 4)):
        page.mouse.move(x, y, steps=5)
    page.mouse.up()


def test_the_loop_from_a_lasso_to_a_badge_and_back_again(chromium: Browser, home: Path, tmp_path: Path) -> None:
    """Without the sidebar: map, lasso, concept, test, the picture most like it, comparison, sanity; then Back."""
    with (
        streamlit_server(ROOT, tmp_path / "log.txt", {VARIABLE: str(home)}) as url,
        visit(chromium, url, "/map?model=demo%2Fhonest&methods=gradcam") as (page, _),
    ):
        page.set_viewport_size({"width": 1440, "height": 1200})  # all of the map is within reach of the mouse
        expect(page.locator("p.said")).to_contain_text("keeps the 3 classes apart", timeout=LATE)
        expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=LATE)  # until then PCA's points are shown
        expect(page.get_by_text("Distances between clusters and their sizes mean nothing")).to_be_visible(timeout=SOON)
        at_rest(page)
        page.locator(".legend").get_by_role("button", name=re.compile(FAMILIES[0])).dblclick()
        expect(page.locator(".legend [aria-pressed=false]")).to_have_count(len(FAMILIES) - 1)
        lasso(page)
        expect(page.get_by_text(SELECTED)).to_be_visible(timeout=SOON)
        expect(page.get_by_text(f"Labelled: {EACH} {FAMILIES[0]}")).to_be_visible()
        page.wait_for_url(re.compile("selected="))
        at_rest(page)

        page.get_by_placeholder("what they share").fill("fire")
        page.get_by_placeholder("what they share").press("Enter")
        page.get_by_role("button", name="Make it a concept").click()
        expect(page.locator(".deck .card.chosen")).to_contain_text(f"{EACH} pictures", timeout=SOON)
        page.get_by_role("button", name="Test 1 concept").click()
        expect(page.locator("p.said")).to_contain_text(f"fire counts for {FAMILIES[0]}", timeout=LATE)
        page.locator(".album[aria-label^='Most like'] button").first.click(timeout=SOON)

        expect(page.get_by_role("heading", name="What did the model look at?")).to_be_visible(timeout=SOON)
        expect(page.locator("p.said")).to_contain_text(FAMILIES[0], timeout=SOON)
        page.locator(".badge:is(.good, .care, .bad) button").first.click(timeout=LATE)
        notices = page.get_by_role("heading", name=re.compile("Would this explanation notice"))
        expect(notices).to_be_visible(timeout=SOON)

        for heading in ("What did the model look at?", "Which ideas does the model use?"):
            at_rest(page)
            page.go_back()
            expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=SOON)
        expect(page.locator("p.said")).to_contain_text(f"fire counts for {FAMILIES[0]}", timeout=SOON)
        at_rest(page)
        page.go_back()
        expect(page.get_by_role("heading", name="Which ideas does the model use?")).to_be_visible(timeout=SOON)
        at_rest(page)
        page.go_back()
        expect(page.get_by_text(SELECTED)).to_be_visible(timeout=SOON)
