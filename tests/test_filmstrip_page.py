"""The page that opens from disk, in a real browser: it moves, it asks for nothing, and words stay words."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from filmed import DISPLAY, STAGES, Bytes, expected, opened, reel, with_gaps
from PIL import Image
from playwright.sync_api import Browser, Page

from xai_core.filmstrip import Reel, Row, page, sheet
from xai_core.reel import numeral

HOSTILE = "<script>document.title = 'taken'</script> & {{data}} </script>"


def open_page(chromium: Browser, folder: Path, shown: Reel, scheme: str = "light") -> tuple[Page, list[str], list[str]]:
    """The page from disk, what it asked for and what it complained about."""
    file = folder / "film.html"
    file.write_bytes(page(shown, DISPLAY))
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url[:60]))
    tab.on("console", lambda line: complaints.append(line.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.clock.install()
    tab.goto(file.as_uri())
    return tab, asked, complaints


def looks_like(tab: Page, selector: str, tile: Bytes) -> bool:
    seen = Image.open(io.BytesIO(tab.locator(selector).first.screenshot())).convert("RGB")
    wanted = Image.fromarray(tile).resize(seen.size, Image.Resampling.LANCZOS)
    inner = slice(12, -12)  # corners are round
    return bool(np.abs(np.asarray(seen, float)[inner, inner] - np.asarray(wanted, float)[inner, inner]).mean() < 12)


@pytest.mark.browser
def test_the_page_moves_with_its_slider_and_asks_for_nothing(chromium: Browser, tmp_path: Path) -> None:
    shown = reel(side=224)
    tab, asked, complaints = open_page(chromium, tmp_path, shown)
    for stage in (0, 2, 1, 3):
        tab.locator("#slider").fill(str(stage))
        assert tab.locator("#stage").inner_text() == shown.name(stage)
        assert tab.locator("#says").inner_text() == shown.says[stage]
        assert tab.locator(".number").all_inner_texts() == [numeral(1 - 0.25 * stage)] * 3
        assert [looks_like(tab, ".now", expected(shown, 0, other)) for other in range(4)].index(True) == stage
        assert looks_like(tab, ".trained", expected(shown, 0, 0))
    elsewhere = [url for url in asked if not url.startswith("data:")]
    assert len(elsewhere) == 1
    assert elsewhere[0].startswith("file:")
    assert not complaints


@pytest.mark.browser
def test_the_page_plays_to_its_end_pauses_and_starts_again(chromium: Browser, tmp_path: Path) -> None:
    tab, _, complaints = open_page(chromium, tmp_path, reel(side=64))
    stage, play = tab.locator("#stage"), tab.locator("#play")
    tab.clock.pause_at(tab.evaluate("Date.now() + 1000"))  # however long the machine takes, no time passes by itself
    play.click()
    tab.clock.run_for(850)
    assert stage.inner_text() == "classifier (1 of 3)"
    play.click()
    tab.clock.run_for(5000)
    assert stage.inner_text() == "classifier (1 of 3)"
    play.click()
    tab.clock.run_for(5000)
    assert stage.inner_text() == "conv_stem + bn1 (3 of 3)"
    assert play.inner_text() == "▶ Play"
    play.click()
    assert stage.inner_text() == "trained"
    assert not complaints


@pytest.mark.browser
def test_hostile_words_stay_words(chromium: Browser, tmp_path: Path) -> None:
    row = reel().rows[0]
    shown = reel(
        methods=1,
        title=HOSTILE,
        stages=(HOSTILE, *STAGES[1:]),
        says=(HOSTILE,) * 4,
        rows=(Row(HOSTILE, row.maps, row.numbers, HOSTILE),),
    )
    tab, _, complaints = open_page(chromium, tmp_path, shown)
    assert tab.title() == HOSTILE
    for selector in ("h1", "h2", "#stage", "#says", ".verdict"):
        assert tab.locator(selector).text_content() == HOSTILE
    assert not complaints
    assert opened(sheet(shown, DISPLAY)).shape[2] == 3


@pytest.mark.browser
def test_the_page_is_dark_where_the_system_is_and_says_what_is_undefined(chromium: Browser, tmp_path: Path) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        tab, _, _ = open_page(chromium, tmp_path, with_gaps(), scheme)
        grounds[scheme] = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        tab.locator("#slider").fill("2")
        assert tab.locator(".number").all_inner_texts() == ["0.50", "undefined", "0.50"]
    assert grounds == {"light": "rgb(251, 250, 247)", "dark": "rgb(18, 22, 21)"}
