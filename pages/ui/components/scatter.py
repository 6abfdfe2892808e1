"""The map: a scatter of pictures, drawn, hovered, lassoed and searched in the browser.

Python sends the addresses of the numbers (fetched once for the same content) and the rows to mark; back come the rows
that were chosen. A row is a number of the view's arrays, whatever is drawn, hidden or filtered.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import media
from pages.ui.components import heard
from pages.ui.components.scatter_view import Groups, Rows, ScatterView, Shades, Whereabouts
from pages.ui.components.scripts import script, style
from xai_core.colours import TABLES
from xai_core.embedding.standalone import NAMES

LABEL = (
    "Map of pictures. Keys: arrows go to the nearest picture in that direction, Enter chooses it, Space selects it, "
    "Escape clears, plus and minus zoom, 0 shows all, M moves, L lassoes, B draws a box, T switches between points and "
    "pictures, N shows or hides names."
)
_FILES = (
    "data",
    "camera",
    "colours",
    "crowd",
    "paint",
    "legend",
    "toolbar",
    "card",
    "gestures",
    "export",
    "moving",
    "looking",
    "stage",
    "main",
)


def _script() -> str:
    """One module: the colours of the colour bar, then the files in the order in which they use each other."""
    table = base64.b64encode(TABLES["viridis"].tobytes()).decode()
    parts = script("shared/base", "shared/actions", "shared/choice", *(f"scatter/{name}" for name in _FILES))
    return f"const VIRIDIS = {json.dumps(table)};\n{NAMES.read_text(encoding='utf-8')}\n{parts}"


_component = st.components.v2.component(
    "second_look_scatter",
    html='<div class="scatter"></div>',
    css=style("scatter/scatter"),
    js=_script(),
)


def scatter(
    view: ScatterView,
    *,
    key: str,
    on_select: Callable[[Rows], None],
    on_click: Callable[[int], None],
    on_hide: Callable[[tuple[int, ...]], None] | None = None,
    where: Whereabouts | None = None,
    on_look: Callable[[Whereabouts], None] | None = None,
    height: int = 560,
    live: str = "",
) -> None:
    """Draw the map `height` pixels high; its toolbar and legend come on top of that.

    `on_select` hears all selected rows, ascending, after each change by hand; `on_click` the row that was chosen;
    `on_hide` the groups that are hidden. All are called before the script runs again. Where a person moved to, what
    they searched and hid stays through reruns; other `points` of the same pictures glide to their places. With `where`,
    `on_look` hears it too when it comes to rest, and another `where` leads there. `live` is the address of a layout
    that is being drawn (`media.Drawing`), which is watched and shown instead of the points.
    """
    data = _described(view)
    named = data["version"]

    def acted() -> None:
        raw = heard.once(key)
        if raw is None or raw.get("version") != named:
            return
        rows, row = _unpacked(raw.get("rows"), len(view.points)), raw.get("row")
        if rows is not None:
            on_select(rows)
        if type(row) is int and 0 <= row < len(view.points):
            on_click(row)
        if (
            on_hide is not None
            and isinstance(view.colour, Groups)
            and (hidden := _hidden(raw, view.colour)) is not None
        ):
            on_hide(hidden)

    def looked() -> None:
        raw = st.session_state.get(key, {}).get("looking")
        heard.note(f"{key} looking", raw)
        if on_look is not None and (found := Whereabouts.parse(raw)) is not None:
            on_look(found)

    looking = {"looking": asdict(where) if where else None, "looking_heard": heard.latest(f"{key} looking")}
    _component(
        key=key,
        data={**data, **looking, "label": LABEL, "height": height, "heard": heard.latest(key), "live": live},
        on_action_change=acted,
        on_looking_change=looked,
    )


def small_scatter(view: ScatterView, *, key: str, words: str, on_open: Callable[[], None], height: int = 240) -> None:
    """One map of several: without tools and legend; a click opens it. `words` say what it is, for who cannot see it."""
    data = _described(view)

    def acted() -> None:
        raw = heard.once(key)
        if raw is not None and raw.get("kind") == "open":
            on_open()

    _component(
        key=key,
        data={**data, "label": words, "height": height, "heard": heard.latest(key), "live": "", "small": True},
        on_action_change=acted,
    )


def _described(view: ScatterView) -> dict[str, Any]:
    """What the browser is sent: words and addresses; `version` names the pictures, wherever their points are."""
    places = media.url("frames", _as_bytes(view.points.astype("<f4")))
    facts = media.url("frames", _facts(view))
    return {
        "version": facts,
        "count": len(view.points),
        "places": places,
        "facts": facts,
        "colour": _colouring(view.colour),
        "sprites": asdict(view.sprites) if view.sprites else None,
        "sharper": view.sharper,
        "selected": _packed(view.selected, len(view.points)),
        "lit": _packed(view.lit, len(view.points)),
        "current": view.current,
        "fresh": asdict(view.fresh) if view.fresh else None,
        "name": view.name,
    }


def _facts(view: ScatterView) -> NDArray[np.uint8]:
    """Confidence, label and prediction of all points (4 bytes each), outcome (1 byte), then the words as JSON."""
    words = json.dumps({"titles": list(view.titles), "names": list(view.names)}).encode()
    outcome = np.where(view.prediction < 0, 2, np.where(view.label < 0, 2, view.label != view.prediction))
    parts = (
        view.confidence.astype("<f4"),
        view.label.astype("<i4"),
        view.prediction.astype("<i4"),
        outcome.astype("u1"),
    )
    return np.concatenate([*map(_as_bytes, parts), np.frombuffer(words, np.uint8)])


def _colouring(colour: Groups | Shades) -> dict[str, Any]:
    if isinstance(colour, Groups):
        groups = [asdict(group) for group in colour.groups]
        own = np.frombuffer(json.dumps(colour.own).encode(), np.uint8)  # beside the numbers: fetched once, too
        url = media.url("frames", np.concatenate([_as_bytes(colour.of.astype("<i2")), own]))
        return {"kind": "groups", "title": colour.title, "told": colour.told, "url": url, "groups": groups}
    url = media.url("frames", _as_bytes(colour.values.astype("<f4")))
    ends = {"low": colour.low, "high": colour.high, "low_words": colour.low_words, "high_words": colour.high_words}
    return {"kind": "shades", "title": colour.title, "told": colour.told, "url": url, **ends}


def _as_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)


def _packed(rows: Rows | Sequence[int], count: int) -> str:
    """One bit a row, the lowest first, base64; "" for no rows."""
    bits = np.zeros(count, np.uint8)
    bits[np.asarray(rows, np.int64)] = 1
    return base64.b64encode(np.packbits(bits, bitorder="little").tobytes()).decode() if bits.any() else ""


def _unpacked(raw: object, count: int) -> Rows | None:
    """The rows of `_packed`, ascending; None for anything else."""
    if not isinstance(raw, str) or len(raw) > count + 8:
        return None
    try:
        packed = np.frombuffer(base64.b64decode(raw, validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return None
    if packed.size not in (0, -(-count // 8)):
        return None
    bits = np.unpackbits(packed, bitorder="little")
    return None if bits[count:].any() else np.flatnonzero(bits[:count])


def _hidden(raw: Mapping[str, object], colour: Groups) -> tuple[int, ...] | None:
    """The groups the browser says are hidden, as far as they are groups of this colouring; None if it says nothing."""
    sent = raw.get("hidden")
    if not isinstance(sent, list) or raw.get("title") != colour.title:
        return None
    return tuple(sorted({at for at in sent if type(at) is int and 0 <= at < len(colour.groups)}))
