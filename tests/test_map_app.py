"""The map as a visitor uses it: a lasso with a real mouse makes a gallery, and the gallery a concept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser import ROOT, streamlit_server, visit
from xai_core.datasets.dataset import save
from xai_core.library.home import VARIABLE
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES

pytestmark = pytest.mark.browser

SOON, LATE = 90_000, 240_000  # milliseconds; waits end as soon as what is awaited is there
EACH = 14  # pictures a family


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A library with creatures."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        creatures = [
            (creature(family, number), f"{family} {number}.png", label, "")
            for label, family in enumerate(FAMILIES)
            for number in range(EACH)
        ]
        save("Creatures", FAMILIES, creatures, {})  # type: ignore[arg-type]
        yield folder


def test_what_is_lassoed_on_the_map_becomes_a_concept_in_question(
    chromium: Browser, home: Path, tmp_path: Path
) -> None:
    with (
        streamlit_server(ROOT, tmp_path / "log.txt", {VARIABLE: str(home)}) as url,
        visit(chromium, url, "/map?model=demo%2Fhonest") as (page, _),
    ):
        page.set_viewport_size({"width": 1440, "height": 1200})  # all of the map is within reach of the mouse
        expect(page.locator("p.said")).to_contain_text("keeps the 3 classes apart", timeout=LATE)
        expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=LATE)  # until then PCA's points are shown
        sheet = page.locator(".scatter canvas.over")
        expect(page.get_by_text("Distances between clusters and their sizes mean nothing")).to_be_visible(timeout=SOON)

        page.locator(".legend").get_by_role("button", name=re.compile(FAMILIES[0])).dblclick()
        page.locator(".tools").get_by_role("button", name="Lasso", exact=True).click()
        area = sheet.bounding_box()
        assert area is not None
        left, top = area["x"] + 3, area["y"] + 3
        right, bottom = left + area["width"] - 6, top + area["height"] - 6
        beside, under = right - 45, top + 170  # the buttons in the corner
        page.mouse.move(left, top)
        page.mouse.down()
        for x, y in ((beside, top), (beside, under), (right, under), (right, bottom), (left, bottom), (left, top + 4)):
            page.mouse.move(x, y, steps=5)
        page.mouse.up()
        expect(page.get_by_text(f"{EACH} pictures selected")).to_be_visible(timeout=SOON)
        expect(page.get_by_text(f"Labelled: {EACH} {FAMILIES[0]}")).to_be_visible()

        page.get_by_placeholder("what they share").fill("fire")
        page.get_by_placeholder("what they share").press("Enter")
        page.get_by_role("button", name="Make it a concept").click()
        expect(page.locator(".deck .card.chosen")).to_contain_text(f"{EACH} pictures", timeout=SOON)
