"""A finished cascade as maps, numbers and words: what every export of it draws."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from xai_core.lettering import font, wrapped
from xai_core.render import Bytes, Display, overlay

UNDEFINED = "undefined"
NOTHING = (222, 220, 214)  # where a map is missing
INK, QUIET, ACCENT, TRACK = "#1D2423", "#55605E", "#0F6B66", "#E4E1D9"


@dataclass(frozen=True, eq=False)
class Row:
    """One method. ValueError when there are not as many numbers as maps."""

    title: str
    maps: tuple[NDArray[np.float32] | None, ...] = field(repr=False)  # (h, w) per stage; None: nothing there
    numbers: tuple[float | None, ...]  # per stage: similarity with the first in [-1, 1]; None: undefined
    verdict: str

    def __post_init__(self) -> None:
        if len(self.maps) != len(self.numbers):
            raise ValueError(f"{self.title} has {len(self.maps)} maps and {len(self.numbers)} numbers")


@dataclass(frozen=True, eq=False)
class Reel:
    """All methods over all stages, the trained network first. ValueError when a stage is missing somewhere."""

    picture: Bytes = field(repr=False)  # (S, S, 3), what the model sees
    stages: tuple[str, ...]  # "trained", "classifier", ...
    says: tuple[str, ...]  # per stage: one line about the network
    rows: tuple[Row, ...]
    title: str

    def __post_init__(self) -> None:
        counts = {len(self.stages), len(self.says), *(len(row.maps) for row in self.rows)}
        if len(counts) > 1 or not self.stages or not self.rows:
            raise ValueError(f"a reel needs the same stages everywhere, and one of each at least; got {counts}")

    def count(self, stage: int) -> str:
        """ "3 of 10"; nothing for the trained network."""
        return f"{stage} of {len(self.stages) - 1}" if stage else ""

    def name(self, stage: int) -> str:
        """ "blocks.6 (3 of 10)"."""
        return f"{self.stages[stage]} ({self.count(stage)})" if stage else self.stages[0]


def drawn(reel: Reel, row: Row, stage: int, display: Display, side: int) -> Image.Image:
    """One map over the picture, (side, side) RGB, on a scale of its own; grey and a word where there is none."""
    values = row.maps[stage]
    if values is None:
        return _nothing(side)
    size = len(reel.picture)
    pixels = overlay(reel.picture, (0.0, 0.0, float(size), float(size)), np.abs(values), False, display)
    return at_size(pixels, side)


def at_size(pixels: Bytes, side: int) -> Image.Image:
    image = Image.fromarray(pixels)
    return image if image.size == (side, side) else image.resize((side, side), Image.Resampling.LANCZOS)


def numeral(number: float | None) -> str:
    """ "0.98", "−0.03", "undefined"."""
    if number is None:
        return UNDEFINED
    return f"{number:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _nothing(side: int) -> Image.Image:
    image = Image.new("RGB", (side, side), NOTHING)
    face = font(max(10, side // 10))
    word = wrapped(UNDEFINED, face, side, 1)[0]
    ImageDraw.Draw(image).text((side / 2, side / 2), word, fill=QUIET, font=face, anchor="mm")
    return image
