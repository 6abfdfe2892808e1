"""Smooth shapes and a pen that places, turns and outlines them. Drawn three times too large, then reduced."""

from __future__ import annotations

import colorsys
import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from xai_core.world.facts import SIDE

FINE = 3  # how many times too large everything is drawn, so that reducing it smooths the edges
Colour = tuple[int, ...]  # red, green, blue and perhaps opacity, 0 to 255
Shape = NDArray[np.float64]  # (n, 2): x to the right, y down
Random = np.random.Generator


def oval(x: float, y: float, across: float, down: float, turn: float = 0.0, steps: int = 40) -> Shape:
    """Radii `across` and `down` about (x, y), turned clockwise by `turn` radians."""
    return moved(_circle(steps) * (across, down), x, y, turn)


@lru_cache
def _circle(steps: int) -> Shape:
    angle = np.linspace(0, 2 * math.pi, steps, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def box(left: float, top: float, right: float, bottom: float) -> Shape:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def smooth(*corners: tuple[float, float], steps: int = 8) -> Shape:
    """A closed curve through all corners (Catmull-Rom)."""
    at = np.array(corners, np.float64)
    around = np.concatenate([at[-1:], at, at[:2]])
    before, after, later = around[:-3], around[2:-1], around[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    curve = 2 * at + (after - before) * t + (2 * before - 5 * at + 4 * after - later) * t**2
    curve = 0.5 * (curve + (3 * at - before - 3 * after + later) * t**3)
    return np.asarray(curve.transpose(1, 0, 2).reshape(-1, 2), np.float64)


def moved(shape: Shape, x: float, y: float, turn: float = 0.0, size: float = 1.0) -> Shape:
    """The same, turned and enlarged about (0, 0), then shifted."""
    cos, sin = math.cos(turn) * size, math.sin(turn) * size
    return np.asarray(shape @ np.array([(cos, sin), (-sin, cos)]) + (x, y), np.float64)


def mirrored(shape: Shape) -> Shape:
    return np.asarray(shape * (-1, 1), np.float64)


def varied(random: Random, colour: Colour, hue: float = 0.02, spread: float = 0.08) -> Colour:
    """A near relative: hue moved by at most `hue` of the circle, saturation and brightness by `spread`."""
    h, s, v = colorsys.rgb_to_hsv(*(part / 255 for part in colour[:3]))
    moved_by = random.uniform(-1, 1, 3)
    s, v = (min(1.0, max(0.0, part + spread * by)) for part, by in zip((s, v), moved_by[1:], strict=True))
    return _bytes(colorsys.hsv_to_rgb((h + hue * moved_by[0]) % 1, s, v))


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """All in [0, 1]."""
    return _bytes(colorsys.hsv_to_rgb(hue % 1, saturation, value))


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second in [0, 1]."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first[:3], second[:3], strict=True))


def darker(colour: Colour, share: float = 0.45) -> Colour:
    return mixed(colour, (28, 18, 38), share)


def _bytes(parts: tuple[float, float, float]) -> Colour:
    return tuple(round(255 * part) for part in parts)


def canvas(top: Colour, bottom: Colour) -> Image.Image:
    """A fresh picture in a gradient from top to bottom, `FINE` times too large."""
    two = Image.new("RGB", (1, 2))
    two.putdata([top, bottom])
    column = two.resize((1, SIDE), Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))
    return column.resize((SIDE * FINE, SIDE * FINE), Image.Resampling.NEAREST)


def reduced(image: Image.Image) -> NDArray[np.uint8]:
    """(224, 224, 3) uint8."""
    return np.asarray(image.reduce(FINE))


class Pen:
    """Draws shapes of a place of its own: `unit` pixels of the picture to 1, turned by `tilt`, perhaps mirrored."""

    def __init__(
        self,
        image: Image.Image,
        x: float = 0.0,
        y: float = 0.0,
        unit: float = 1.0,
        tilt: float = 0.0,
        mirror: bool = False,
    ) -> None:
        # to cover is quicker than to blend with a colour that lets nothing through
        self._covering, self._blending = ImageDraw.Draw(image), ImageDraw.Draw(image, "RGBA")
        self._x, self._y, self._unit, self._tilt, self._mirror = x, y, unit, tilt, mirror
        self._low, self._high = np.full(2, np.inf), np.full(2, -np.inf)

    @property
    def reached(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all that was outlined so far, in pixels of the picture."""
        left, top = self._low
        right, bottom = self._high
        return float(left), float(top), float(right), float(bottom)

    def fill(self, shape: Shape, colour: Colour, edge: Colour | None = None, width: float = 1.6) -> None:
        """Paint it, with an outline of `width` pixels where it has an edge."""
        at = self._placed(shape)
        if edge is not None:
            outer = _widened(at, width)
            self._low, self._high = np.minimum(self._low, outer.min(axis=0)), np.maximum(self._high, outer.max(axis=0))
            self._polygon(outer, edge)
        self._polygon(at, colour)

    def stroke(self, *corners: tuple[float, float], colour: Colour, width: float = 1.6) -> None:
        """A line with round ends, `width` pixels of the picture."""
        at = self._placed(np.array(corners, np.float64))
        through = (at * FINE).ravel().tolist()
        self._draw(colour).line(through, fill=colour, width=round(width * FINE), joint="curve")
        for x, y in (at[0], at[-1]):
            self._polygon(oval(x, y, width / 2, width / 2, steps=12), colour)

    def _placed(self, shape: Shape) -> Shape:
        return moved(mirrored(shape) if self._mirror else shape, self._x, self._y, self._tilt, self._unit)

    def _polygon(self, at: Shape, colour: Colour) -> None:
        self._draw(colour).polygon((at * FINE).ravel().tolist(), fill=colour)

    def _draw(self, colour: Colour) -> ImageDraw.ImageDraw:
        return self._covering if len(colour) == 3 else self._blending


def _widened(at: Shape, width: float) -> Shape:
    """Every point moved outwards along its normal."""
    around = np.concatenate([at[-1:], at, at[:1]])
    along = around[2:] - around[:-2]
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    x, y = at.T
    later_x, later_y = around[2:].T
    area = float(np.sum(x * later_y - later_x * y))
    return np.asarray(at + width * math.copysign(1.0, area) * normal, np.float64)
