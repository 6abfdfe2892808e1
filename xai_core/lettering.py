"""Text on pictures: wrapped to a width, in a font with accents, × and −, which Pillow's own lacks.

The font's files lie in matplotlib, which lime brings along; they are read where they are, without importing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageDraw, ImageFont

from xai_core.errors import XaiError

FONTS = "mpl-data/fonts/ttf"
LEADING = 1.25  # height of a line, in sizes


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans (Latin, Greek and Cyrillic letters, arrows, signs) at a size in pixels."""
    # Pillow's other layout engine may or may not be there; this one places letters alike everywhere
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(_folder() / name), size, layout_engine=ImageFont.Layout.BASIC)


def _folder() -> Path:
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise XaiError("The font for exports is missing: reinstall the packages of requirements.txt, then try again.")
    return Path(spec.origin).parent / FONTS


def wrapped(text: str, face: ImageFont.FreeTypeFont, width: int, most: int) -> list[str]:
    """At most `most` lines of at most `width` pixels; what does not fit ends in "…".

    Words stay whole where they fit a line, else they break after a dot, stroke or hyphen, else anywhere.
    """
    lines = [""]
    for space, piece in _pieces(text, face, width):
        longer = f"{lines[-1]}{space}{piece}" if lines[-1] else piece
        if face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and face.getlength(f"{last}…") > width:
        last = last[:-1]
    return [*lines[: most - 1], f"{last}…"]


def write(
    draw: ImageDraw.ImageDraw, place: tuple[int, int], lines: list[str], face: ImageFont.FreeTypeFont, colour: str
) -> None:
    """Lines below each other, the first one's top left corner at `place`."""
    left, top = place
    for number, line in enumerate(lines):
        draw.text((left, top + number * height(1, face)), line, fill=colour, font=face)


def height(lines: int, face: ImageFont.FreeTypeFont) -> int:
    """Pixels that so many lines take."""
    return round(lines * LEADING * face.size)


def bound(text: str) -> str:
    """The text with no line break between a number and its percent sign."""
    return text.replace(" %", "\u00a0%")


def _pieces(text: str, face: ImageFont.FreeTypeFont, width: int) -> Iterator[tuple[str, str]]:
    """What may not be broken, each with what stands before it on the same line."""
    for word in re.split(r"[ \t\r\n]+", bound(text).strip()):  # not at spaces that bind
        if face.getlength(word) <= width:
            yield " ", word
            continue
        space = " "
        for part in re.findall(r"[^._/-]*[._/-]|[^._/-]+", word):
            for piece in [part] if face.getlength(part) <= width else part:
                yield space, piece
                space = ""
