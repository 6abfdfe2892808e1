"""The map's page with thousands of pictures in a real Chromium: opening, moving, and from a lasso to its gallery.

Run from the repository's root: python tests/benchmarks/bench_map_page.py [--pictures 10000] [--home FOLDER]
A library of small drawn creatures, seen by the demo world's honest model. The first visit computes the features, as
does nobody after it; a home that is kept has them already. Frames are those that the browser showed between the first
and the last move of the mouse, by its own clock; Chromium draws without a graphics card here. Times include the mouse's
way through the driver, about 2 ms a move, and everything else that the machine does meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from playwright.sync_api import Page, expect

from browser import ROOT, chromium_browser, streamlit_server, visit
from xai_core.datasets.dataset import datasets, save
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES

MODEL = "demo/honest"
TITLE = "Creatures to measure with"
DRAWN, SIDE = 300, 32  # creatures drawn a family, pixels a side; the others are these under other light
LONG = 1_800_000  # milliseconds
MOVES = 60
WATCH = """() => {
    window.frames_shown = [];
    const note = time => { window.frames_shown.push(time); window.watching = requestAnimationFrame(note); };
    window.watching = requestAnimationFrame(note);
}"""
SEEN = "() => { cancelAnimationFrame(window.watching); return window.frames_shown; }"


def fill(count: int) -> None:
    """A data set of so many pictures, unless it is there already."""
    if any(each.title == TITLE and len(each.items) == count for each in datasets()):
        return
    draws = np.random.default_rng(0)
    base = [creature(family, number).pixels for family in FAMILIES for number in range(DRAWN)]
    small = [pixels[:: max(1, len(pixels) // SIDE), :: max(1, len(pixels) // SIDE)] for pixels in base]
    pieces = []
    for number in range(count):
        which = number % len(small)
        light = draws.normal(0, 6, (*small[which].shape[:2], 3)) + draws.normal(0, 12, 3)
        pixels = np.clip(small[which] + light, 0, 255).astype(np.uint8)
        pieces.append((Picture.of(pixels, f"{number}.png"), f"{number}.png", which // DRAWN, ""))
    save(TITLE, FAMILIES, pieces, {})  # type: ignore[arg-type]


def drawn(page: Page) -> None:
    expect(page.locator(".scatter[data-painted]")).to_be_visible(timeout=LONG)


def complete(page: Page) -> None:
    """Until then PCA's points are shown, or a layout that still moves."""
    expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=LONG)
    expect(page.get_by_text("Distances between clusters and their sizes mean nothing")).to_be_visible(timeout=LONG)
    expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=LONG)


def corners(page: Page) -> tuple[float, float, float, float]:
    area = page.locator(".scatter canvas.over").bounding_box()
    assert area is not None
    return area["x"], area["y"], area["width"], area["height"]


def pan(page: Page) -> None:
    left, top, width, height = corners(page)
    page.mouse.move(left + width / 2, top + height / 2)
    page.mouse.down()
    for step in range(MOVES):
        turn = 2 * np.pi * step / MOVES
        page.mouse.move(left + width * (0.5 + 0.2 * np.sin(turn)), top + height * (0.5 + 0.1 * np.cos(turn)))
    page.mouse.up()


def zoom(page: Page) -> None:
    left, top, width, height = corners(page)
    page.mouse.move(left + width / 2, top + height / 2)
    for step in range(MOVES):
        page.mouse.wheel(0, -60 if step < MOVES / 2 else 60)


def frames(page: Page, gesture: Callable[[Page], None]) -> str:
    page.evaluate(WATCH)
    gesture(page)
    gaps = np.diff(page.evaluate(SEEN))
    late = np.percentile(gaps, 95)
    return (
        f"{1000 / gaps.mean():5.0f} frames a second, 95 % of frames within {late:4.0f} ms, longest {gaps.max():4.0f} ms"
    )


def lasso(page: Page) -> tuple[float, float]:
    """Seconds of the gesture, and from the release to a gallery of which pictures are loaded."""
    page.locator(".tools").get_by_role("button", name="Lasso", exact=True).click()
    left, top, width, height = corners(page)
    begun = time.perf_counter()
    page.mouse.move(left + 0.7 * width, top + 0.5 * height)
    page.mouse.down()
    for step in range(1, 26):
        turn = 2 * np.pi * step / 26
        page.mouse.move(left + width * (0.5 + 0.2 * np.cos(turn)), top + height * (0.5 + 0.3 * np.sin(turn)))
    released = time.perf_counter()
    page.mouse.up()
    expect(page.get_by_text("pictures selected")).to_be_visible(timeout=LONG)
    album = page.locator(".album[aria-label='Selected pictures'] img")
    expect(album.first).to_be_visible(timeout=LONG)
    album.first.scroll_into_view_if_needed()  # those out of sight wait
    page.wait_for_function(
        """() => { const all = [...document.querySelectorAll('*')].flatMap(each => each.shadowRoot ?
            [...each.shadowRoot.querySelectorAll(".album[aria-label='Selected pictures'] img")] : []);
            return all.some(each => each.complete && each.naturalWidth); }""",
        timeout=LONG,
    )
    return released - begun, time.perf_counter() - released


def opened(page: Page, begun: float) -> str:
    drawn(page)
    first = time.perf_counter() - begun
    complete(page)
    return f"first points {first:6.1f} s, finished map {time.perf_counter() - begun:6.1f} s"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pictures", type=int, default=10_000)
    asked.add_argument("--home", type=Path, help="a library to keep; without one everything is made anew")
    asked.add_argument("--rounds", type=int, default=3)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = told.home or Path(folder)
        os.environ[VARIABLE] = str(home)
        fill(told.pictures)
        key = next(each.key for each in datasets() if each.title == TITLE)
        path = f"/map?model={MODEL}&pictures=datasets/{key}"
        log = Path(folder) / "log.txt"
        with chromium_browser() as browser, streamlit_server(ROOT, log, {VARIABLE: str(home)}) as url:
            print(f"{told.pictures:,} pictures")
            for visitor in ("first visit", "later visit"):
                begun = time.perf_counter()
                with visit(browser, url, path) as (page, _):
                    print(f"{visitor:<12} {opened(page, begun)} (target: on the map within 20 s)", flush=True)
                    if visitor == "later visit":
                        continue
                    for _ in range(told.rounds):
                        print(f"pan          {frames(page, pan)}")
                        print(f"zoom         {frames(page, zoom)}", flush=True)
                    for _ in range(told.rounds):
                        gesture, gallery = lasso(page)
                        print(
                            f"lasso        gesture {gesture:.2f} s (canvas of the study: 0.6 s), release to gallery "
                            f"{gallery:.2f} s (release to Python there: 0.23 s)",
                            flush=True,
                        )
                        page.locator(".scatter canvas.over").press("Escape")
                        expect(page.get_by_text("pictures selected")).to_have_count(0, timeout=LONG)


if __name__ == "__main__":
    main()
