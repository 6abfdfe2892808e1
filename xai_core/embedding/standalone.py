"""A map as one HTML file to open from disk: hover shows the picture, and nothing comes from outside."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.datasets.columns import TOLD
from xai_core.embedding.ways import ways
from xai_core.embedding.words import headline, honesty, kept
from xai_core.single_page import single_page

if TYPE_CHECKING:
    from xai_core.embedding.atlas import Atlas
    from xai_core.embedding.picture_map import PictureMap

TEMPLATE = Path(__file__).with_name("map_page.html")
NAMES = Path(__file__).with_name("map_names.js")  # the same as on the page


def as_html(shown: PictureMap, atlas: Atlas, title: str) -> bytes:
    """UTF-8. `atlas` of the same pictures, row by row; text is escaped, and the page may load nothing at all.

    ValueError for another map's atlas; otherwise as `PictureMap.opened`.
    """
    if atlas.count != len(shown):
        raise ValueError(f"the map has {len(shown)} pictures, the atlas {atlas.count}")
    parts = {
        "headline": escape(headline(shown).text),
        "trust": escape(f"{kept(shown.quality)} {honesty(shown)}"),
        "count": f"{len(shown):,}",
        "names": NAMES.read_text(encoding="utf-8"),
    }
    return single_page(TEMPLATE, title, parts, _data(shown, atlas))


def _data(shown: PictureMap, atlas: Atlas) -> dict[str, Any]:
    """Rows are x, y, name, and for each way of colouring the number of the row's value; columns from `own` on."""
    (usual, own), opened = ways(shown), shown.opened()
    rows = [
        [
            *(float(f"{value:.5g}") for value in shown.points[row]),
            opened[shown.sources[row]].items[shown.items[row]].name,
            *(int(way.of[row]) for way in (*usual, *own)),
        ]
        for row in range(len(shown))
    ]
    return {
        "rows": rows,
        "by": [way.described() for way in (*usual, *own)],
        "own": len(usual),
        "most": TOLD,
        "side": atlas.side,
        "across": atlas.across,
        "full": atlas.across * atlas.down,
        "sheets": [f"data:image/webp;base64,{base64.b64encode(sheet).decode()}" for sheet in atlas.sheets],
    }
