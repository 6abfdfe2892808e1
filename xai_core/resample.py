"""Maps at another resolution: numpy alone, one definition of where a cell lies, for drawing, hiding and comparing.

Cell i of n covers [i / n, (i + 1) / n] of its side, as in `torch.nn.functional.interpolate(align_corners=False)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Axis:
    """Where points of one side fall among a map's cells: two neighbours and the share of the second."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    share: Floats

    @classmethod
    def of(cls, positions: NDArray[np.float64], cells: int, smooth: bool) -> Axis:
        """`positions`: points in cells, 0 at the map's edge. Smooth is bilinear with edges held, else the nearest."""
        if not smooth:
            nearest = np.clip(np.floor(positions), 0, cells - 1).astype(np.intp)
            return cls(nearest, nearest, np.zeros(len(nearest), np.float32))
        inner = np.clip(positions - 0.5, 0, cells - 1)
        first = np.floor(inner).astype(np.intp)
        return cls(first, np.minimum(first + 1, cells - 1), (inner - first).astype(np.float32))

    @classmethod
    def spread(cls, points: int, cells: int, smooth: bool) -> Axis:
        """The centres of `points` equal parts of the whole side."""
        return cls.of((np.arange(points) + 0.5) * cells / points, cells, smooth)


def resample(values: Floats, size: tuple[int, int], smooth: bool = True) -> Floats:
    """A map (h, w) read at the centres of `size` (height, width) equal parts: bilinear, or the cell it falls into."""
    rows, columns = (Axis.spread(n, cells, smooth) for n, cells in zip(size, values.shape, strict=True))
    left, right = values[:, columns.first], values[:, columns.second]
    wide = left + (right - left) * columns.share
    upper, lower = wide[rows.first], wide[rows.second]
    return (upper + (lower - upper) * rows.share[:, None]).astype(np.float32)


def to_grid(values: Floats, size: tuple[int, int]) -> Floats:
    """A map (h, w) on a grid of `size`: sides with more cells than the grid are averaged by area, others bilinear.

    Averaging keeps what a region adds up to; reading single points of a noisy map would keep only its noise.
    """
    rows, columns = (_mixing(n, cells) for n, cells in zip(size, values.shape, strict=True))
    return (rows @ values.astype(np.float64) @ columns.T).astype(np.float32)


def _mixing(points: int, cells: int) -> NDArray[np.float64]:
    """(points, cells): the share of each cell in each point; rows add up to 1."""
    if points >= cells:
        axis, rows = Axis.spread(points, cells, smooth=True), np.arange(points)
        shares = np.zeros((points, cells))
        np.add.at(shares, (rows, axis.first), 1 - axis.share.astype(np.float64))
        np.add.at(shares, (rows, axis.second), axis.share.astype(np.float64))
        return shares
    edges, borders = np.arange(points + 1) * cells / points, np.arange(cells)
    common = np.minimum(edges[1:, None], borders + 1) - np.maximum(edges[:-1, None], borders)
    return np.asarray(np.clip(common, 0, None) * points / cells, np.float64)
