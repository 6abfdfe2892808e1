"""A cascade as one HTML file to open from disk: a slider, a play button, every map inside, nothing from outside."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path

from PIL import Image

from xai_core.lettering import bound
from xai_core.reel import Reel, Row, drawn, numeral
from xai_core.render import Display
from xai_core.single_page import single_page

TEMPLATE = Path(__file__).with_name("filmstrip_page.html")
PAGE_BYTES = 3_000_000
ATTEMPTS = ((240, 82), (208, 75), (176, 60), (128, 40), (96, 20))  # pixels of a map, WebP quality; the first that fits


def page(reel: Reel, display: Display) -> bytes:
    """UTF-8 HTML, as sharp as stays under 3 MB. Text is escaped; the page may load nothing at all."""
    found = b""
    for side, quality in ATTEMPTS:
        strips = [_strip(reel, row, display, side, quality) for row in reel.rows]
        found = _filled(reel, strips, side)
        if len(found) <= PAGE_BYTES:
            break
    return found


def _strip(reel: Reel, row: Row, display: Display, side: int, quality: int) -> str:
    """All maps of a method below each other, as a data address: one image moves faster than many are exchanged."""
    image = Image.new("RGB", (side, side * len(reel.stages)))
    for stage in range(len(reel.stages)):
        image.paste(drawn(reel, row, stage, display, side), (0, side * stage))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _filled(reel: Reel, strips: list[str], side: int) -> bytes:
    cards = "".join(_card(row, strip) for row, strip in zip(reel.rows, strips, strict=True))
    data = {
        "stages": [reel.name(stage) for stage in range(len(reel.stages))],
        "says": [bound(text) for text in reel.says],
        "numbers": [[numeral(number) for number in row.numbers] for row in reel.rows],
    }
    parts = {"cards": cards, "last": str(len(reel.stages) - 1), "side": str(side)}
    return single_page(TEMPLATE, reel.title, parts, data)


def _card(row: Row, strip: str) -> str:
    return (
        f'<section style="--strip:url({strip})"><h2>{escape(row.title)}</h2>'
        '<figure><div class="map trained" role="img" aria-label="the trained network’s map"></div>'
        '<div class="map now" role="img" aria-label="the map at this stage"></div></figure>'
        f'<p class="number"></p><p class="verdict">{escape(bound(row.verdict))}</p></section>'
    )
