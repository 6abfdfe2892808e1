"""The smallest Streamlit app that can hold the cascade player, served for the browser tests and the benchmark."""

from __future__ import annotations

import base64
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from skimage import data, filters

from browser import ROOT, at_rest, streamlit_server
from gallery_app import APP, premultiplied
from xai_core.render import Bytes, Display, paint

BLOCKS = 10
TITLES = (
    "Gradient",
    "SmoothGrad",
    "Gradient × input",
    "Guided backprop",
    "Integrated gradients",
    "Grad-CAM",
    "Guided Grad-CAM",
    "Edge detector",
)
MAIN = """
import json
from pathlib import Path

import streamlit as st
from pages.ui.components.gallery import Badge, Photo
from pages.ui.components.player import Frame, Strip, player
from xai_core.render import Display

HERE = Path(__file__).parent
st.set_page_config(layout="wide")
state = st.session_state
state.runs = state.get("runs", 0) + 1
view = st.query_params.get("view", "states")
photo = Photo("/media-x/photo.png", "/media-x/photo.png", 600, 400, (100.0, 0.0, 500.0, 400.0), "A cup of coffee")
shapes = json.loads((HERE / "shapes.json").read_text())
sees = ["classes", "whole objects", "parts of objects", "parts of objects", "patterns", "patterns", "textures",
        "textures", "corners", "edges and colours"]
frames = [Frame("", "The trained model", "It says espresso (95 %)")] + [
    Frame(f"blocks.{10 - i}", f"{i} of 10 blocks destroyed: {sees[i - 1]}",
          f"It now says <b>velvet</b> ({i} %); espresso has 0.1 %",
          "The network is dead at this stage: it answers every picture alike." if i == 9 else "")
    for i in range(1, 11)
]
GOOD = (Badge("About the model", "good"), "From the first block on it is no more alike than chance: it would notice.")
BAD = (Badge("Not about the model", "bad"), "After 9 of 10 blocks were destroyed its map is still 98 % the same. "
       "It shows the picture, not the model. Do not use it to justify a decision.")


def done(title, numbers, verdict=GOOD, **more):
    height, width = shapes[title]
    return Strip(title, title, "done", f"/media-x/{title}.bin", height, width, numbers=tuple(numbers),
                 chance=(0.05, 0.2), badge=verdict[0], verdict=verdict[1], **more)


def falling(after):
    return [max(after, 1 - 0.2 * i) if i else 1.0 for i in range(11)]


if view == "eight":
    strips = [done(title, falling(0.04 * at), BAD if title in ("Guided backprop", "Edge detector") else GOOD)
              for at, title in enumerate(shapes)]
    strips[3] = done("Guided backprop", [1 - 0.002 * i for i in range(11)], BAD)
    strips[7] = done("Edge detector", [1.0] * 11, (Badge("Knows no model", "none"), "It never sees the network."))
else:
    dead = [1.0, 0.998] + [-0.4] * 7 + [None, None]
    notes = tuple("The network is dead" if i > 8 else "" for i in range(11))
    strips = [done("Gradient", falling(0.1)), done("Grad-CAM", dead, notes=notes)]
    if state.get("finished"):
        strips.append(done("SmoothGrad", falling(0.2)))
    else:
        strips.append(Strip("SmoothGrad", "SmoothGrad", "running", fraction=0.4, note="block 4 of 10, about 9 s left"))
    strips.append(Strip("waits", "Occlusion", "waiting"))
    strips.append(Strip("broken", "<b>LIME</b>", "failed", message="It fell over <i>here</i>."))
    height, width = shapes["Gradient"]
    strips.append(Strip("halted", "RISE", "stopped", "/media-x/halted.bin", height, width, numbers=tuple(falling(0.3)),
                        reached=3, message="You stopped it."))
    if "lost" in st.query_params:
        strips.append(Strip("lost", "Lost", "done", "/media-x/missing.bin", height, width))


def heard(action):
    state.actions = [*state.get("actions", []), f"{action.kind} {action.panel}"]


def moved(frame):
    state.moves = [*state.get("moves", []), frame]


ends = ("output side", "input side")
with st.sidebar:
    st.write("The sidebar")
st.title("Would this explanation notice?")
answer = player(strips, frames, photo, key="main", display=Display(), ends=ends, frame=state.get("wish", 0),
                on_action=heard, on_frame=moved)
if view == "states":
    few = [done("Gradient", falling(0.1)), done("Grad-CAM", falling(0.2))]
    player(few, frames, photo, key="other", display=Display(colours="viridis", smooth=False, strongest=30), ends=ends,
           frame=5, alone=True)
with st.container(key="said"):
    st.text(json.dumps({"runs": state.runs, "actions": state.get("actions", []), "moves": state.get("moves", []),
                        "frame": answer.frame, "wish": state.get("wish")}))
st.button("Finish", on_click=lambda: state.update(finished=True))
for block in (4, 8):
    st.button(f"Show block {block}", on_click=state.update, kwargs={"wish": block})
"""


def cascades() -> dict[str, Bytes]:
    """For each title its maps, (frames, height, width): what is there at first gives way to something unrelated."""
    noise = np.random.default_rng(0)
    edges = filters.sobel(data.coffee()[:, 100:500].mean(axis=2))
    edges = np.asarray(Image.fromarray(edges).resize((224, 224), Image.Resampling.BILINEAR))
    strips = {}
    for title in TITLES:
        cells = 7 if title == "Grad-CAM" else 224
        strips[title] = np.stack([_map(noise, edges, title, cells, stage / BLOCKS) for stage in range(BLOCKS + 1)])
    return strips


def _map(noise: np.random.Generator, edges: Any, title: str, cells: int, gone: float) -> Bytes:
    across = np.linspace(-1, 1, cells)
    blob = np.exp(-(across[None, :] ** 2 + (across[:, None] + 0.2) ** 2) / 0.15)
    speckle = np.abs(noise.normal(size=(cells, cells)))
    if title in ("Guided backprop", "Edge detector"):
        strength = edges + (0.02 * gone * speckle if title == "Guided backprop" else 0)
    elif cells == 7:
        strength = (1 - gone) * blob + gone * speckle / 3
    else:
        strength = (1 - gone) * blob * speckle + gone * filters.gaussian(speckle, 2) * 0.6
    return np.rint(np.clip(strength / np.percentile(strength, 99), 0, 1) * 255).astype(np.uint8)


def write_app(folder: Path) -> None:
    (folder / "media").mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "main.py").write_text(MAIN)
    # the colours that the real pages have
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    Image.fromarray(data.coffee()).save(folder / "media" / "photo.png")
    strips = cascades()
    for title, levels in strips.items():
        (folder / "media" / f"{title}.bin").write_bytes(levels.tobytes())
    halted = np.concatenate([strips["Gradient"][:3], np.zeros_like(strips["Gradient"][3:])])
    (folder / "media" / "halted.bin").write_bytes(halted.tobytes())
    (folder / "shapes.json").write_text(json.dumps({title: levels.shape[1:] for title, levels in strips.items()}))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The app, written into `folder` and running: its address."""
    write_app(folder)
    with streamlit_server(folder, folder / "log.txt", {"PYTHONPATH": str(ROOT)}) as address:
        yield address


def column(page: Page, title: str, player: int = 0) -> Locator:
    named = page.locator(".column").filter(has=page.get_by_role("heading", name=title, exact=True))
    return page.locator(".player").nth(player).locator(named)


def said(page: Page) -> dict[str, Any]:
    return json.loads(page.locator(".st-key-said").inner_text())


def pixels(column: Locator, which: int = 1) -> np.ndarray[Any, Any]:
    """The canvas of the trained map (0) or of the map now (1), (H, W, 4)."""
    address = column.locator("canvas").nth(which).evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))))


def drawn(page: Page, canvases: int) -> None:
    """Wait for both maps of every finished column, in both players, and for what stands last on the page."""
    expect(page.locator(".column canvas:not([hidden])")).to_have_count(canvases)
    expect(page.get_by_role("button", name="Show block 8")).to_be_visible()
    at_rest(page)


def slider(page: Page, of: int = 0) -> Locator:
    return page.get_by_role("slider", name="Blocks destroyed").nth(of)


def over(page: Page, block: float) -> tuple[float, float]:
    """The middle of a block on the first slider, in pixels of the page; 0.5 further is its edge."""
    place = slider(page).bounding_box()
    assert place is not None
    return place["x"] + place["width"] * (block + 0.5) / (BLOCKS + 1), place["y"] + 20


def drag(page: Page, start: int, end: int) -> None:
    """The button stays down."""
    page.mouse.move(*over(page, start))
    page.mouse.down()
    page.mouse.move(*over(page, end), steps=12)


def hears(page: Page, *moves: int) -> None:
    expect(page.locator(".st-key-said")).to_contain_text(f'"moves": {list(moves)}')


def matches(canvas: np.ndarray, levels: np.ndarray, display: Display) -> bool:
    seen = premultiplied(canvas)
    expected = premultiplied(paint(levels / np.float32(255), False, display, seen.shape[:2], scale=1.0))
    # along a contour or between two levels, a pixel may fall to either side
    return bool(np.quantile(np.abs(seen - expected).max(axis=2), 0.995) <= 4 and seen[..., 3].max() > 0)
