"""The smallest Streamlit app that can hold the gallery, served for the browser tests, and what its pages sent."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from browser import ROOT, streamlit_server
from xai_core.render import Display, Floats, packed

APP = """
from pathlib import Path

import streamlit as st
from starlette.responses import FileResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent


def media(request):
    found = HERE / "media" / request.path_params["name"]
    return FileResponse(found) if found.is_file() else Response(status_code=404)


app = st.App(str(HERE / "main.py"), routes=[Route("/media-x/{name}", media)])
"""
MAIN = """
import json
from pathlib import Path

import streamlit as st
from pages.ui.components.gallery import Badge, MapView, PanelView, Photo, gallery
from xai_core.render import Display

HERE = Path(__file__).parent
st.set_page_config(layout="wide")
state = st.session_state
state.runs = state.get("runs", 0) + 1
photo = Photo("/media-x/photo.png", "/media-x/photo.png", 80, 60, (10.0, 0.0, 70.0, 60.0), "A grey wedge")
knobs = (
    {"name": "samples", "label": "samples", "kind": "int", "value": 50, "low": 1, "high": 500, "help": "How many."},
    {"name": "layer", "label": "layer", "kind": "choice", "value": "a", "help": "Which layer.",
     "choices": [{"value": "a", "label": "first"}, {"value": "b", "label": "second"}]},
    {"name": "absolute", "label": "absolute", "kind": "bool", "value": True, "help": "Without the sign."},
)
extras = (
    {"kind": "figure", "label": "Error", "value": "0.8 %", "meaning": "Small."},
    {"kind": "curve", "label": "Loss", "x_label": "step", "y_label": "loss", "x": [0, 1, 2], "y": [3.0, 1.0, 0.5]},
    {"kind": "table", "label": "Weights", "columns": ["part", "weight"], "rows": [["<b>cup</b>", "0.3"]]},
)


def done(key, file, **more):
    given = json.loads((HERE / "maps.json").read_text())[file]
    view = MapView(f"/media-x/{file}.bin", **given)
    return PanelView(
        key=key, title=key, photo=photo, state="done", maps=(view,), sentence=f"What {key} shows.", knobs=knobs,
        caution="Not a proof.", extras=extras, seconds=0.5, badge=Badge("With care", "care"),
        downloads={"png": "/media-x/out.png", "npy": "/media-x/out.npy"}, **more,
    )


def plain(key, state_, **more):
    return PanelView(key=key, title=key, photo=photo, state=state_, sentence="Shows something.", **more)


panels = [done("unsigned", "unsigned"), done("signed", "signed")]
panels += [done(f"method {i}", "signed") for i in range(10)]
if state.get("finished"):
    panels.append(done("slow", "unsigned"))
else:
    panels.append(plain("slow", "running", fraction=0.4, note=f"mask {state.runs} of 1000"))
panels.append(plain("broken", "failed", message="It fell over."))
if "lost" in st.query_params:
    panels.append(done("lost", "missing"))


def heard(action):
    state.action = {"kind": action.kind, "panel": action.panel, "values": dict(action.values)}


def chosen(display):
    state.display = display


shown = state.get("display", Display())
gallery(panels, key="main", bar=True, display=shown, on_action=heard, on_display=chosen)
gallery([done("unsigned", "unsigned")], key="other", bar=False, display=shown)
with st.container(key="said"):
    st.text(json.dumps({"runs": state.runs, "action": state.get("action"), "display": shown.__dict__}))
st.button("Finish", on_click=lambda: state.update(finished=True))
st.button("Plain", on_click=lambda: state.update(display=Display()))
"""


def maps() -> dict[str, Floats]:
    noise = np.random.default_rng(0).normal(size=(9, 9)).astype(np.float32)
    return {"unsigned": np.abs(noise), "signed": noise * np.float32(0.01), "missing": noise}


def write_app(folder: Path) -> None:
    (folder / "media").mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "main.py").write_text(MAIN)
    wedge = np.repeat(np.linspace(0, 255, 80).astype(np.uint8)[None, :, None], 60, 0).repeat(3, 2)
    Image.fromarray(wedge).save(folder / "media" / "photo.png")
    described = {}
    for name, values in maps().items():
        sent = packed(values)
        if name != "missing":
            (folder / "media" / f"{name}.bin").write_bytes(sent.data)
        described[name] = {
            "height": sent.height,
            "width": sent.width,
            "peak": sent.peak,
            "clip": sent.clip,
            "signed": name == "signed",
        }
    (folder / "maps.json").write_text(json.dumps(described))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The app, written into `folder` and running: its address."""
    write_app(folder)
    with streamlit_server(folder, folder / "log.txt", {"PYTHONPATH": str(ROOT)}) as address:
        yield address


def panel(page: Page, title: str) -> Any:
    return page.locator(".panel").filter(has=page.get_by_role("heading", name=title, exact=True)).first


def said(page: Page) -> dict[str, Any]:
    return json.loads(page.locator(".st-key-said").inner_text())


def pixels(page: Page, title: str) -> np.ndarray[Any, Any]:
    """A panel's canvas, (H, W, 4)."""
    drawn_now = panel(page, title).locator("canvas").evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn_now.split(",")[1]))))


def premultiplied(rgba: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What is seen over black, and the opacity: canvases keep no more colour than that."""
    alpha = rgba[..., 3:].astype(float)
    return np.concatenate([rgba[..., :3] * alpha / 255, alpha], axis=2)


def choose(page: Page, display: Display) -> None:
    """Set the bar of the first gallery by hand."""
    bar = page.locator(".bar").first
    bar.get_by_label("Colours").select_option(display.colours)
    bar.get_by_text("Smooth" if display.smooth else "Blocky", exact=True).click()
    bar.get_by_text(display.sign.capitalize(), exact=True).click()
    bar.get_by_text("Same" if display.shared_scale else "Each its own", exact=True).click()
    bar.get_by_label("Opacity").fill(str(round(100 * display.opacity)))
    bar.get_by_label("Show").fill(str(display.strongest))
