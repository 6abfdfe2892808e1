"""A picture to draw boxes on, with the mouse, a finger or the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui import media
from pages.ui.components import heard
from pages.ui.components.scripts import script, style
from xai_core.picture import Picture

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels of the picture
MOST = 200  # boxes of one picture
LABEL = (
    "Drag to draw a box, drag a box to move it. Keys: Enter for a new box, arrows to move it, Shift and arrows to make "
    "it larger or smaller, Delete to take it away, Tab to go from box to box."
)

_component = st.components.v2.component(
    "second_look_cutter",
    html='<div class="cutter"></div>',
    css=style("cutter/cutter"),
    js=script("shared/base", "shared/actions", "cutter/cutter"),
)


def cutter(
    picture: Picture, boxes: Sequence[Box], *, least: int, version: int, key: str, on_boxes: Callable[[list[Box]], None]
) -> None:
    """Draw the picture and its boxes; `on_boxes` hears all of them after each change, before the script runs again.

    Boxes with a side below `least` are not made. With another `version` the browser takes `boxes` over.
    """

    def acted() -> None:
        raw = heard.once(key)
        if raw is not None and raw.get("picture") == picture.digest:
            on_boxes(_boxes(raw, picture))

    height, width = picture.pixels.shape[:2]
    data: dict[str, Any] = {
        "picture": picture.digest,
        "url": media.url("full" if max(width, height) < media.PHOTO_SIDE else "photo", picture),
        "width": width,
        "height": height,
        "boxes": [list(box) for box in boxes],
        "least": least,
        "version": version,
        "label": f"{picture.name}. {LABEL}",
        "heard": heard.latest(key),
    }
    _component(key=key, data=data, on_action_change=acted)


def _boxes(raw: Mapping[str, object], picture: Picture) -> list[Box]:
    """What the browser sent, as far as it is boxes inside the picture."""
    height, width = picture.pixels.shape[:2]
    found, sent = [], raw.get("boxes")
    for box in sent[:MOST] if isinstance(sent, list) else []:
        if isinstance(box, list) and len(box) == 4 and all(type(value) is int for value in box):
            left, top, right, bottom = box
            if 0 <= left < right <= width and 0 <= top < bottom <= height:
                found.append((left, top, right, bottom))
    return found
