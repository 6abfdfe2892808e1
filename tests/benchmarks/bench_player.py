"""From a hand on the slider to new maps on the screen: every frame of a cascade, dragged in a real Chromium.

Run from the repository's root: python tests/benchmarks/bench_player.py [--rounds 5] [--width 1440]
Eight columns of 224 × 224 maps. A step is timed from the browser's own stamp on the mouse's event to the moment after
the picture of the screen that shows it was made; waiting for that picture, up to 17 ms at 60 Hz, is part of it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from playwright.sync_api import Page, expect

from browser import chromium_browser, visit
from player_app import BLOCKS, drawn, over, served, slider

WATCH = """() => {
    window.steps = [];
    window.drawing = [];
    const next = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = run => next(time => {
        const start = performance.now();
        run(time);
        window.drawing.push(performance.now() - start);
    });
    const host = [...document.querySelectorAll('*')].find(each => each.shadowRoot?.querySelector('.player'));
    const after = new MessageChannel();
    const waiting = [];
    after.port1.onmessage = () => {
        for (const stamp of waiting.splice(0)) window.steps.push(performance.now() - stamp);
    };
    host.shadowRoot.querySelector('input').addEventListener('input', event => {
        waiting.push(event.timeStamp);
        next(() => after.port2.postMessage(0));
    });
}"""


def drag_over_all(page: Page, rounds: int) -> None:
    """Down at the trained network, over every block and back, as often as asked, and up."""
    page.mouse.move(*over(page, 0))
    page.mouse.down()
    for _ in range(rounds):
        for block in [*range(1, BLOCKS + 1), *range(BLOCKS - 1, -1, -1)]:
            page.mouse.move(*over(page, block))
            expect(slider(page)).to_have_value(str(block))
    page.mouse.up()


def main() -> None:
    """Print both distributions."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--width", type=int, default=1440)
    options = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as url,
        chromium_browser() as browser,
        visit(browser, url, "/?view=eight") as (page, _),
    ):
        page.set_viewport_size({"width": options.width, "height": 900})
        drawn(page, 16)
        page.evaluate(WATCH)
        drag_over_all(page, options.rounds)
        for name, what in (("steps", "drag to paint"), ("drawing", "drawing alone")):
            spent = np.array(page.evaluate(f"window.{name}"))
            median, late = np.percentile(spent, [50, 95])
            print(f"{what}: median {median:.1f} ms, p95 {late:.1f} ms, {len(spent)} steps, 8 columns")


if __name__ == "__main__":
    main()
