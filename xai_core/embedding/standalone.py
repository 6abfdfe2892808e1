"""A map as one HTML file to open from disk: hover shows the picture, and nothing comes from outside."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_core.embedding.words import headline, honesty, kept

if TYPE_CHECKING:
    from xai_core.embedding.atlas import Atlas
    from xai_core.embedding.picture_map import PictureMap

TEMPLATE = Path(__file__).with_name("map_page.html")
SURENESS = (0.5, 0.7, 0.9, 0.99)  # where the steps of how sure the model is begin
_RIGHT, _SHADES = ("#14958a", "#d9772b", "#8a8f8e"), ("#7e4a9e", "#3f6fae", "#21918c", "#4fb55f", "#c2a500")
_STEPS = ("below 50 %", "50 to 70 %", "70 to 90 %", "90 to 99 %", "over 99 %")


def as_html(shown: PictureMap, atlas: Atlas, title: str) -> bytes:
    """UTF-8. `atlas` of the same pictures, row by row; text is escaped, and the page may load nothing at all.

    ValueError for another map's atlas; otherwise as `PictureMap.opened`.
    """
    if atlas.count != len(shown):
        raise ValueError(f"the map has {len(shown)} pictures, the atlas {atlas.count}")
    parts = {
        "title": escape(title),
        "headline": escape(headline(shown).text),
        "trust": escape(f"{kept(shown.quality)} {honesty(shown)}"),
        "count": f"{len(shown):,}",
        # no "<" may end the script early
        "data": json.dumps(_data(shown, atlas), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    }
    # one pass: what a part says is never taken for a place to fill
    template = TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template).encode("utf-8", "replace")


def _data(shown: PictureMap, atlas: Atlas) -> dict[str, Any]:
    """Rows are x, y, name, and for each way of colouring the number of the row's value."""
    opened = shown.opened()
    own = [shown.own_label(row) or "no class" for row in range(len(shown))]
    classes = sorted(set(own))
    place = {name: number for number, name in enumerate(classes)}
    right = np.where(shown.known, np.where(shown.right, 0, 1), 2)
    sure = np.searchsorted(SURENESS, shown.confidence, side="right")
    rows = [
        [
            *(float(f"{value:.5g}") for value in shown.points[row]),
            opened[shown.sources[row]].items[shown.items[row]].name,
            *(place[own[row]], int(shown.predicted[row]), int(right[row]), int(sure[row])),
        ]
        for row in range(len(shown))
    ]
    by: tuple[tuple[str, Sequence[str], Sequence[str]], ...] = (
        ("class", classes, ()),
        ("model says", shown.labels, ()),
        ("right", ("yes", "no", "unknown"), _RIGHT),
        ("sure", _STEPS, _SHADES),
    )
    return {
        "rows": rows,
        "by": [
            {"name": name, "values": list(values), "colours": list(colours) or None} for name, values, colours in by
        ],
        "side": atlas.side,
        "across": atlas.across,
        "full": atlas.across * atlas.down,
        "sheets": [f"data:image/webp;base64,{base64.b64encode(sheet).decode()}" for sheet in atlas.sheets],
    }
