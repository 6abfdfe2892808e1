"""What a method may show beside its map, as values that any page can draw without knowing the method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Figure:
    """A number with its meaning in words."""

    label: str
    value: str
    meaning: str = ""


@dataclass(frozen=True, eq=False)
class Curve:
    """A line: `y` over its index, or over `x`."""

    label: str
    x_label: str
    y_label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Panel:
    """A small picture, (h, w, 3) uint8."""

    label: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class Table:
    """Rows of text under headings."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Detail = Figure | Curve | Panel | Table
