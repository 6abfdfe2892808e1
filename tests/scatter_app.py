"""The smallest Streamlit app that can hold the map, served for the browser tests, and what its pages sent."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from browser import ROOT, at_rest, streamlit_server
from xai_core.library.home import VARIABLE

APP = """
from pathlib import Path

import streamlit as st
from pages.ui import media

app = st.App(str(Path(__file__).parent / "main.py"), routes=media.routes())
"""
MAIN = """
import json

import numpy as np
import streamlit as st
from pages.ui import media
from pages.ui.components.scatter import scatter
from pages.ui.components.scatter_view import Fresh, Group, Groups, ScatterView, Shades, Sprites, Whereabouts
from scatter_app import ANCHORS, COLUMNS, OWN, SIDE, known, sheet

st.set_page_config(layout="wide")
state, query = st.session_state, st.query_params
state.runs = state.get("runs", 0) + 1
count = int(query.get("n", "300"))
places, label, prediction, confidence = known(count)
groups = tuple(Group(name) for name in ("ember", "tide", "moss")) + tuple(Group("anchor", c) for c in ANCHORS)
of = label.copy()
of[:2] = 3, 4
shaded = st.toggle("Confidence")
colour = Shades("Confidence", confidence) if shaded else Groups("Label", of, groups, told=True, own={1: OWN})
view = ScatterView(
    points=places, titles=tuple(f"picture {i:05d}" for i in range(count)), names=("ember", "tide", "moss"), label=label,
    prediction=prediction, confidence=confidence, colour=colour,
    sprites=Sprites((media.url("panel", sheet(count)),), SIDE, COLUMNS, count),
    selected=state.get("rows", np.zeros(0, int)), current=state.get("row"),
    fresh=Fresh("holiday.jpg", 3.0, 6.0) if query.get("fresh") else None,
)


def selected(rows):
    state.rows = rows
    state.heard = state.get("heard", 0) + 1


def hid(groups):
    state.hidden = groups


if not st.toggle("Away"):
    scatter(view, key="map", on_select=selected, on_click=lambda row: state.update(row=row), on_hide=hid, height=520,
            where=state.get("where", Whereabouts(2.0, 0.4, 0.6, "picture")) if "where" in query else None,
            on_look=lambda where: state.update(where=where),
            live=media.url("live", media.Drawing(query["live"])) if "live" in query else "")
with st.container(key="said"):
    rows = state.get("rows")
    st.text(json.dumps({"runs": state.runs, "heard": state.get("heard", 0), "row": state.get("row"),
                        "rows": None if rows is None else rows.tolist(), "hidden": state.get("hidden"),
                        "where": state.where.__dict__ if "where" in state else None}))
st.button("All of it", on_click=state.update, kwargs={"where": Whereabouts()})
st.button("Again")
"""
ANCHORS = ("#ff00ff", "#00ffff")  # of rows 0 and 1, found on the screen by these colours
SIDE, COLUMNS = 8, 20
OWN = "one of many"  # what the card of row 1 tells in place of its group


def known(count: int) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Places of three clusters, labels, predictions and confidences; rows 0 and 1 stand alone, right and certain."""
    dice = np.random.default_rng(0)
    label = dice.integers(0, 3, count)
    centres = np.array([[-6, -3], [6, -3], [0, 5]], np.float32)
    places = (centres[label] + dice.normal(size=(count, 2)) * 1.6).astype(np.float32)
    places[:2] = (-2.0, 1.2), (1.6, -0.6)
    places[2:] += np.where(np.hypot(*(places[2:] - 0.3).T) < 3.2, 6, 0)[:, None]  # nobody near the two anchors
    prediction = np.where(dice.random(count) < 0.1, (label + 1) % 3, label)
    prediction[:2] = label[:2]
    return places, label, prediction, dice.random(count).astype(np.float32)


def colour_of(row: int) -> tuple[int, int, int]:
    """Of a row's square on the sheet: no two of 4096 rows are alike."""
    return 8 + 15 * (row % 16), 8 + 15 * (row // 16 % 16), 8 + 15 * (row // 256 % 16)


def sheet(count: int) -> NDArray[np.uint8]:
    lines = -(-count // COLUMNS)
    pixels = np.zeros((lines * SIDE, COLUMNS * SIDE, 3), np.uint8)
    for row in range(count):
        top, left = row // COLUMNS * SIDE, row % COLUMNS * SIDE
        pixels[top : top + SIDE, left : left + SIDE] = colour_of(row)
    return pixels


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The app, written into `folder` and running: its address."""
    (folder / "app.py").write_text(APP)
    (folder / "main.py").write_text(MAIN)
    path = f"{ROOT}:{Path(__file__).parent}"
    with streamlit_server(folder, folder / "log.txt", {"PYTHONPATH": path, VARIABLE: str(folder)}) as address:
        yield address


def said(page: Page) -> dict[str, Any]:
    return json.loads(page.locator(".st-key-said").inner_text())


def drawn(page: Page) -> None:
    """Wait for the map's points, and for what stands last on the page."""
    expect(page.locator(".scatter[data-painted]")).to_be_visible()
    expect(page.get_by_role("button", name="Again")).to_be_visible()
    at_rest(page)


def shows(page: Page, wanted: Callable[[], bool]) -> None:
    """Wait until the map is painted as wanted: it is painted for many reasons, and looked at after each time."""
    scatter = page.locator(".scatter")
    while True:
        painted = scatter.get_attribute("data-painted")
        if wanted():
            return
        expect(scatter).not_to_have_attribute("data-painted", str(painted))


def canvas(page: Page, which: str = "base") -> NDArray[np.uint8]:
    """What the map's canvas shows, (H, W, 4)."""
    sent = page.locator(f"canvas.{which}").evaluate("each => each.toDataURL().split(',')[1]")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(sent))).convert("RGBA"))


def on_screen(page: Page, count: int = 300) -> NDArray[np.float64]:
    """Where every point stands on the canvas (N, 2), by the two anchors that are found by their colours."""
    pixels = canvas(page).astype(int)
    found = []
    for anchor in ANCHORS:
        wanted = [int(anchor[at : at + 2], 16) for at in (1, 3, 5)]
        rows, columns = np.nonzero((np.abs(pixels[..., :3] - wanted).max(axis=2) < 8) & (pixels[..., 3] > 200))
        assert rows.size, f"{anchor} is not on the screen"
        found.append((columns.mean() + 0.5, rows.mean() + 0.5))
    places = known(count)[0].astype(float)
    (ax, ay), (bx, by) = found
    scale = (bx - ax) / (places[1, 0] - places[0, 0])
    upright = (by - ay) / (places[1, 1] - places[0, 1])
    assert abs(scale + upright) < 0.06 * scale  # the same on both axes
    scale = np.hypot(bx - ax, by - ay) / np.hypot(*(places[1] - places[0]))
    return np.stack([ax + (places[:, 0] - places[0, 0]) * scale, ay - (places[:, 1] - places[0, 1]) * scale], axis=1)


def mouse(page: Page, x: float, y: float) -> tuple[float, float]:
    place = page.locator("canvas.over").bounding_box()
    assert place is not None
    return place["x"] + x, place["y"] + y


def choose(page: Page, name: str) -> None:
    page.locator(".tools").get_by_role("button", name=name, exact=True).click()


def zoomed_in(page: Page, before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the points stand as soon as they are painted farther apart than they were."""

    def apart(at: NDArray[np.float64]) -> float:
        return float(np.hypot(*(at[1] - at[0])))

    shows(page, lambda: apart(on_screen(page)) > 1.3 * apart(before))
    return on_screen(page)
