"""How a map becomes colour over a picture: the one place where drawing is defined. Numpy and Pillow's data only.

The browser draws the same with pages/ui/components/gallery/paint.js; the rules, in words:

1. Sampling. A map (h, w) covers a box of the picture. Its values, not its colours, are resampled at the centre of
   every pixel: bilinear (corners not aligned, edges held) when smooth, else the cell that the centre falls into.
2. Scale. The value s > 0 that gets full colour; stronger values are clipped. A map's own scale is the 99th
   percentile of its absolute values, or their maximum where that is zero. s = 0: a blank map, nothing is drawn.
3. Magnitude m of a value v: |v|; for a signed map max(v, 0) or max(-v, 0) when only one sign is shown.
4. Strongest x %. The threshold t is the k-th largest m of the map's own cells, k = max(1, round(cells * x / 100)).
   With one sign, or with x < 100, only pixels with m > 0 and m >= t are drawn; otherwise all are.
5. Level q = floor(255 * v / s + 1/2), from -255 to 255 (of |v| for an unsigned map); strength a = |q| / 255.
6. Colour. Unsigned: entry q of the chosen table. Signed, whatever is chosen but jet: blue-orange; diverging tables
   and jet on signed maps take entry floor((q + 256) / 2).
7. Opacity. With o the setting: (1 - (1 - o)^4) * a^(2 * (1 - o)^2), so that the picture stays visible where nothing
   was found, strong regions glow, and o = 1 covers everything. Jet, as in its sources, is an even sheet of opacity o.
8. Outside the box the picture keeps 45 % of its light.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from xai_core.colours import TABLES
from xai_core.framing import Box
from xai_core.resample import Axis

Colours = Literal["inferno", "viridis", "jet", "orange-blue"]
Sign = Literal["both", "for", "against"]
Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

CLIP_PERCENTILE = 99  # percent of |values| that stay below full colour
MARGIN_LIGHT = 0.45  # share of its light that the picture keeps outside the box
_STRIP = 1 << 18  # pixels drawn at a time: keeps 40 megapixels within a few MB beside the result


@dataclass(frozen=True)
class Display:
    """How maps are drawn, everywhere on a page. ValueError names the field that is out of range."""

    opacity: float = 0.4  # 0 to 1
    colours: Colours = "inferno"
    smooth: bool = True  # False: blocky
    sign: Sign = "both"  # maps without a sign ignore it
    strongest: int = 100  # percent, 1 to 100
    shared_scale: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.opacity <= 1.0:
            raise ValueError(f"opacity must lie in [0.0, 1.0], got {self.opacity}")
        if self.colours not in get_args(Colours):
            raise ValueError(f"colours must be one of {', '.join(get_args(Colours))}, got {self.colours!r}")
        if self.sign not in get_args(Sign):
            raise ValueError(f"sign must be one of {', '.join(get_args(Sign))}, got {self.sign!r}")
        if not 1 <= self.strongest <= 100:
            raise ValueError(f"strongest must lie in [1, 100], got {self.strongest}")

    @classmethod
    def parse(cls, values: Mapping[str, object]) -> Display:
        """A display from JSON or a query string; absent fields keep their default, others are ignored.

        ValueError when a field is not what it should be.
        """
        known = {item.name: item.type for item in fields(cls)}
        return cls(**{name: _parsed(name, known[name], raw) for name, raw in values.items() if name in known})


def parsed_scale(raw: str) -> float | None:
    """A scale from a query string: None for "own". ValueError unless a positive number."""
    if raw == "own":
        return None
    if not 0.0 < float(raw) < float("inf"):
        raise ValueError(f"scale must be own or a positive number, got {raw!r}")
    return float(raw)


def _parsed(name: str, kind: object, raw: object) -> Any:
    """One field's value from text or JSON."""
    if kind == "bool":
        if str(raw).lower() not in {"0", "1", "true", "false"}:
            raise ValueError(f"{name} must be 0 or 1, got {raw!r}")
        return str(raw).lower() in {"1", "true"}
    if kind in {"float", "int"}:
        number = float(str(raw))
        if not abs(number) < float("inf"):
            raise ValueError(f"{name} must be a number, got {raw!r}")
        return number if kind == "float" else round(number)
    return str(raw)


@dataclass(frozen=True, eq=False)
class Packed:
    """A map as it travels to the browser: value = int16 / 32767 * peak, rows first, little-endian."""

    data: bytes
    height: int
    width: int
    peak: float  # largest absolute value; 0 for a blank map
    clip: float  # the map's own scale


def packed(values: Floats) -> Packed:
    """(h, w) finite values in their travelling form; they come back to within peak / 65534."""
    peak = float(np.abs(values).max())
    shares = values.astype(np.float64) / peak if peak else np.zeros(values.shape)
    whole = np.rint(shares * 32767).astype("<i2")
    return Packed(whole.tobytes(), values.shape[0], values.shape[1], peak, own_scale(values))


def own_scale(values: Floats) -> float:
    """The absolute value that gets full colour when each map has its own scale; 0 for a blank map."""
    magnitudes = np.abs(values)
    return float(np.percentile(magnitudes, CLIP_PERCENTILE)) or float(magnitudes.max())


def threshold(values: Floats, signed: bool, display: Display) -> float:
    """The weakest magnitude that is still drawn; -1 where everything is, the blank parts too."""
    if display.strongest == 100 and (display.sign == "both" or not signed):
        return -1.0
    magnitudes = _magnitude(values, signed, display.sign).ravel()
    # half up, as browsers round
    keep = max(1, int(magnitudes.size * display.strongest / 100 + 0.5))
    return float(np.partition(magnitudes, -keep)[-keep])


def _magnitude(values: Floats, signed: bool, sign: Sign) -> Floats:
    if not signed or sign == "both":
        return np.abs(values)
    return np.maximum(values if sign == "for" else -values, np.float32(0))


def palette(signed: bool, display: Display) -> Bytes:
    """(511, 4) RGBA of the levels -255 to 255; an unsigned map uses the upper half."""
    levels = np.arange(-255, 256)
    name = "orange-blue" if signed and display.colours != "jet" else display.colours
    both_ways = signed or name == "orange-blue"
    colours = TABLES[name][(levels + 256) // 2 if both_ways else np.abs(levels)]
    opacity = display.opacity
    if display.colours == "jet":
        shares = np.full(511, opacity)
    else:
        shares = (1 - (1 - opacity) ** 4) * (np.abs(levels) / 255.0) ** (2 * (1 - opacity) ** 2)
    alpha = np.floor(255 * shares + 0.5).astype(np.uint8)
    return np.concatenate([colours, alpha[:, None]], axis=1)


class _Painter:
    """Colours of any rows of one map drawn at one size."""

    def __init__(
        self, values: Floats, signed: bool, display: Display, rows: Axis, columns: Axis, scale: float | None
    ) -> None:
        finite = np.asarray(values, dtype=np.float32)
        self._signed, self._sign, self._rows = signed, display.sign, rows
        self._least = threshold(finite, signed, display)
        self._palette = palette(signed, display)
        self._scale = own_scale(finite) if scale is None else scale
        left, right = finite[:, columns.first], finite[:, columns.second]
        self._wide = left + (right - left) * columns.share  # (h, pixels across)

    def strip(self, start: int, stop: int) -> Bytes:
        """(stop - start, pixels across, 4) RGBA."""
        part = slice(start, stop)
        upper, lower = self._wide[self._rows.first[part]], self._wide[self._rows.second[part]]
        sampled = upper + (lower - upper) * self._rows.share[part, None]
        if self._scale <= 0:
            return np.zeros((*sampled.shape, 4), np.uint8)
        magnitudes = _magnitude(sampled, self._signed, self._sign)
        shown = sampled if self._signed else magnitudes
        levels = np.clip(np.floor(shown * np.float32(255 / self._scale) + np.float32(0.5)), -255, 255)
        colours: Bytes = self._palette[levels.astype(np.int16) + 255]
        if self._least >= 0:
            colours[(magnitudes <= 0) | (magnitudes < self._least)] = 0
        return colours


def paint(values: Floats, signed: bool, display: Display, size: tuple[int, int], scale: float | None = None) -> Bytes:
    """A map (h, w) alone, drawn at `size` (height, width): RGBA, straight alpha; `scale` None is the map's own."""
    height, width = size
    rows = Axis.of((np.arange(height) + 0.5) * values.shape[0] / height, values.shape[0], display.smooth)
    columns = Axis.of((np.arange(width) + 0.5) * values.shape[1] / width, values.shape[1], display.smooth)
    return _Painter(values, signed, display, rows, columns, scale).strip(0, height)


def overlay(
    picture: Bytes, box: Box, values: Floats, signed: bool, display: Display, scale: float | None = None
) -> Bytes:
    """The map over the picture (H, W, 3) at the picture's own resolution; outside `box` the picture is dimmed.

    A pixel is inside when its centre is. Holds one copy of the picture and a few MB.
    """
    left, top, right, bottom = box
    across, down = np.arange(picture.shape[1]) + 0.5, np.arange(picture.shape[0]) + 0.5
    inside_x = np.flatnonzero((across > left) & (across < right))
    inside_y = np.flatnonzero((down > top) & (down < bottom))
    dim = np.floor(np.arange(256) * MARGIN_LIGHT + 0.5).astype(np.uint8)
    result: Bytes = dim[picture]
    if not len(inside_x) or not len(inside_y):
        return result
    rows = Axis.of((down[inside_y] - top) * values.shape[0] / (bottom - top), values.shape[0], display.smooth)
    columns = Axis.of((across[inside_x] - left) * values.shape[1] / (right - left), values.shape[1], display.smooth)
    painter = _Painter(values, signed, display, rows, columns, scale)
    sides = slice(int(inside_x[0]), int(inside_x[-1]) + 1)
    step = max(1, _STRIP // len(inside_x))
    for start in range(0, len(inside_y), step):
        stop = min(start + step, len(inside_y))
        at = slice(int(inside_y[start]), int(inside_y[stop - 1]) + 1)
        result[at, sides] = _blend(picture[at, sides], painter.strip(start, stop))
    return result


def _blend(below: Bytes, above: Bytes) -> Bytes:
    """Straight-alpha RGBA over RGB, rounded."""
    alpha = above[..., 3:].astype(np.uint32)
    mixed = above[..., :3] * alpha + below * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)
