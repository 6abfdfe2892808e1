"""Which pictures are nearly the same: resized, saved again, brightened, or cut a little beside or inside each other.

Each picture is reduced to means of its brightness, 32 by 32 of them and as many half a mean further on, also of what is
left when it is enlarged a little, and to the hues of its quarters. Two are nearly the same where the middle of one, as
it is or enlarged, correlates with a piece of the other at nearly the same place, and the quarters' hues agree.
Measured: at least 95 % are found of photographs whose cut was moved by 2 to 9 %, 99 % of those saved again or resized,
and more than 90 % of those enlarged by 3 to 12 %, anywhere in the picture. Of 94,000 pairs of different photographs one
is taken for the same, beside those that show the same plain colour; of 7,000 pairs of different drawings of the same
texture none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from xai_core.progress import Progress, silent

GRID = 64  # halves of a mean, a side
SHIFT = 6  # of them: how far pieces may lie apart, a tenth of the picture
ZOOMS = (1.0, 1.03, 1.06, 1.09, 1.12)  # times larger, and cut at the edges: others are near enough to one
ALIKE = 0.95  # least correlation of two that are nearly the same
ENLARGED = 0.96  # the same where one is enlarged: among more comparisons, more come out high by chance
LIKELY = 0.4  # least correlation of two as they are, for one to be looked at enlarged
LIGHT = 40.0  # levels that the mean brightness may differ by: more is another picture
HUE = 10.0  # levels that the quarters' red, green and blue, without their brightness, may differ by (root mean square)
FLAT = 1.0  # levels: what varies less than this shows nothing to compare by but its colour
AT_ONCE = 32  # pictures compared with all at a time

Reduced = tuple[NDArray[np.float32], NDArray[np.float32]]


def reduced(pixels: NDArray[np.uint8]) -> Reduced:
    """Brightness (zooms, 64, 64) and colours of the quarters (2, 2, 3) of a picture (H, W, 3), 0 to 255."""
    image = Image.fromarray(pixels)
    means = np.stack([_brightness(image, zoom) for zoom in ZOOMS])
    return means, np.asarray(image.resize((2, 2), Image.Resampling.BOX), np.float32)


def _brightness(image: Image.Image, zoom: float) -> NDArray[np.float32]:
    sides = [((1 - 1 / zoom) / 2 * side, (1 + 1 / zoom) / 2 * side) for side in image.size]
    box = (sides[0][0], sides[1][0], sides[0][1], sides[1][1])
    halves = np.asarray(image.resize((GRID + 1, GRID + 1), Image.Resampling.BOX, box=box), np.float32).mean(2)
    return np.asarray((halves[:-1, :-1] + halves[1:, :-1] + halves[:-1, 1:] + halves[1:, 1:]) / 4)


def nearly_same(pictures: Sequence[Reduced], progress: Progress = silent) -> list[tuple[int, int]]:
    """Pairs of numbers, the lower first."""
    if not pictures:
        return []
    means = np.stack([brightness for brightness, _ in pictures])
    colours = np.stack([quarters for _, quarters in pictures])
    middles, flat = _centred(_piece(means[:, 0], 0, 0))
    pairs = []
    for start in range(0, len(means), AT_ONCE):
        progress(start / len(means), f"comparing pictures: {start:,} of {len(means):,}")
        some, rest = slice(start, start + AT_ONCE), slice(start, None)
        both_flat = flat[some, None] & flat[rest]
        alike = np.where(flat[some, None] | flat[rest], 0, _alike(means[some, 0], middles[rest]))
        colour = _same_colours(colours[some], colours[rest], np.where(both_flat, HUE, LIGHT))
        same = colour & ((alike >= ALIKE) | both_flat)
        for one, other in np.argwhere(colour & ~same & (alike >= LIKELY)):
            same[one, other] = one < other and _enlarged(means[start + one], means[start + other]) >= ENLARGED
        pairs += [(start + int(one), start + int(other)) for one, other in np.argwhere(same) if one < other]
    return pairs


def _same_colours(
    some: NDArray[np.float32], rest: NDArray[np.float32], light: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(n, m): whether quarters (n, 2, 2, 3) and (m, 2, 2, 3) agree in hue, and as a whole within `light` (n, m)."""
    apart = (some[:, None] - rest).reshape(len(some), len(rest), 4, 3)
    brightness = apart.mean(3, keepdims=True)
    hue = np.sqrt(((apart - brightness) ** 2).mean((2, 3)))
    return np.asarray((hue <= HUE) & (np.abs(brightness.mean((2, 3))) <= light))


def _alike(means: NDArray[np.float32], middles: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, m): the best correlation of a piece of each of n pictures with each of m middles."""
    best = np.full((len(means), len(middles)), -1, np.float32)
    for down in range(-SHIFT, SHIFT + 1):
        for across in range(-SHIFT, SHIFT + 1):
            np.maximum(best, _centred(_piece(means, down, across))[0] @ middles.T, out=best)
    return best


def _enlarged(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The best correlation of a piece of either picture (zooms, 64, 64) with the middle of the other one, enlarged."""
    return max(
        float((_centred(_pieces(whole[0]))[0] @ _centred(_piece(near[1:], 0, 0))[0].T).max())
        for whole, near in ((one, other), (other, one))
    )


def _pieces(means: NDArray[np.float32]) -> NDArray[np.float32]:
    """All pieces of one picture (64, 64), row by row."""
    side = GRID - 2 * SHIFT
    return sliding_window_view(means, (side, side))[:, :, ::2, ::2].reshape((2 * SHIFT + 1) ** 2, -1)


def _piece(means: NDArray[np.float32], down: int, across: int) -> NDArray[np.float32]:
    """(n, every second mean of a piece), shifted from the middle."""
    rows, columns = (slice(SHIFT + by, GRID - SHIFT + by, 2) for by in (down, across))
    return means[:, rows, columns].reshape(len(means), -1)


def _centred(pieces: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Of mean 0 and length 1, so that products are correlations; and which of them show nothing."""
    away = pieces - pieces.mean(1, keepdims=True)
    spread = away.std(1, keepdims=True)
    return away / np.maximum(spread, 1e-6) / np.sqrt(away.shape[1]), spread[:, 0] < FLAT
