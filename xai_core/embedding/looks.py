"""Simple things that small pictures show: how bright and how colourful they are, and what their main colour is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

COLOURS = ("red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink")
GREY = "grey"
_EDGES = np.array([15, 40, 70, 160, 195, 255, 290, 345], np.float64)  # degrees of hue where each of the colours ends
COLOURFUL = 0.15  # saturation times value of a pixel, from which it has a colour
ENOUGH = 16  # pixels across and down
MEASURES = ("brightness", "contrast", "colourfulness")


@dataclass(frozen=True, eq=False)
class Looks:
    """Of N pictures."""

    measures: NDArray[np.float32] = field(repr=False)  # (N, 3): mean and spread of the brightness, mean colour; 0 to 1
    colour: NDArray[np.int32] = field(repr=False)  # (N,) of `COLOURS`, the last + 1 where most of it is grey


def looks(tiles: NDArray[np.uint8]) -> Looks:
    """Of tiles (N, side, side, 3), a few hundred at a time; of large ones some pixels stand for all."""
    step = max(1, tiles.shape[1] // ENOUGH)
    tiles = tiles[:, ::step, ::step]
    parts = [_looks(tiles[start : start + 256]) for start in range(0, len(tiles), 256)]
    return Looks(*(np.concatenate([part[place] for part in parts]) for place in range(2)))


def _looks(tiles: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    pixels = tiles.reshape(len(tiles), -1, 3).astype(np.float64) / 255
    grey = pixels @ np.array([0.299, 0.587, 0.114])  # as the eye weighs them (ITU-R BT.601)
    high: NDArray[np.float64] = pixels.max(axis=2)
    colourful: NDArray[np.float64] = high - pixels.min(axis=2)  # saturation times value
    measures = np.stack([grey.mean(axis=1), grey.std(axis=1), colourful.mean(axis=1)], axis=1).astype(np.float32)
    names = np.searchsorted(_EDGES, _hue(pixels, high, colourful), side="right") % len(COLOURS)
    names[colourful < COLOURFUL] = len(COLOURS)
    counts = np.stack([(names == each).sum(axis=1) for each in range(len(COLOURS) + 1)], axis=1)
    return measures, counts.argmax(axis=1).astype(np.int32)


def _hue(pixels: NDArray[np.float64], high: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """In degrees, 0 to 360: red, green at 120, blue at 240."""
    red, green, blue = np.moveaxis(pixels, -1, 0)
    safe = np.maximum(spread, 1e-6)
    sides = [(green - blue) / safe % 6, (blue - red) / safe + 2, (red - green) / safe + 4]
    found: NDArray[np.float64] = 60 * np.select([high == red, high == green], sides[:2], sides[2])
    return found
