"""Colour maps as tables of 256 colours, written out so that the server and the browser draw with the same ones.

Inferno and viridis: van der Walt and Smith 2015 (CC0), 33 evenly spaced anchors each. Jet: its defining corners.
Blue-orange is our own: equally strong ends that differ in hue for every common kind of colour blindness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

_INFERNO = (
    "000004 040312 0b0724 150b37 210c4a 2f0a5b 3d0965 4a0c6b 57106e 64156e 71196e 7d1e6d 8a226a 972766 a32c61 b0315b "
    "bc3754 c63d4d d04545 da4e3c e35933 eb6429 f1711f f67e14 f98c0a fb9b06 fcaa0f fbba1f f9c932 f5d949 f2e865 f3f586 "
    "fcffa4"
)
_VIRIDIS = (
    "440154 470d60 48186a 482374 472d7b 453781 424086 3e4989 3b528b 375b8d 33638d 2f6b8e 2c728e 297a8e 26828e 23898e "
    "21918c 1f978b 1f9f88 21a685 27ad81 31b57b 3dbc74 4cc26c 5cc863 6ece58 81d34d 95d840 aadc32 c0df25 d5e21a eae51a "
    "fde725"
)
_BLUE_ORANGE = "0b3fb3 1257d6 2b74ee 5a9bf7 a3c6f6 ecebe6 fbc98b fca544 f98212 e96300 c24a00"
# (position, red, green, blue): corners of three piecewise linear curves
_JET = (
    (0.0, 0.0, 0.0, 0.5),
    (0.11, 0.0, 0.0, 1.0),
    (0.125, 0.0, 0.0, 1.0),
    (0.34, 0.0, 0.86, 1.0),
    (0.35, 0.0, 0.9, 0.9677),
    (0.375, 0.0806, 1.0, 0.8871),
    (0.64, 0.9355, 1.0, 0.0323),
    (0.65, 0.9677, 0.963, 0.0),
    (0.66, 1.0, 0.9259, 0.0),
    (0.89, 1.0, 0.0741, 0.0),
    (0.91, 0.9091, 0.0, 0.0),
    (1.0, 0.5, 0.0, 0.0),
)


def _between(positions: Sequence[float], colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    """256 colours, linear between the anchors (N, 3) in [0, 255] at `positions` in [0, 1]."""
    steps = np.linspace(0.0, 1.0, 256)
    table = np.stack([np.interp(steps, positions, colours[:, channel]) for channel in range(3)], axis=1)
    rounded = np.floor(table + 0.5).astype(np.uint8)
    rounded.setflags(write=False)
    return rounded


def _even(anchors: str) -> NDArray[np.uint8]:
    colours = np.array([list(bytes.fromhex(code)) for code in anchors.split()], dtype=np.float64)
    return _between(np.linspace(0.0, 1.0, len(colours)).tolist(), colours)


# (256, 3) uint8 each, weakest first; orange-blue runs from blue (against) over pale grey to orange (for)
TABLES: Mapping[str, NDArray[np.uint8]] = MappingProxyType(
    {
        "inferno": _even(_INFERNO),
        "viridis": _even(_VIRIDIS),
        "jet": _between([corner[0] for corner in _JET], 255.0 * np.array([corner[1:] for corner in _JET])),
        "orange-blue": _even(_BLUE_ORANGE),
    }
)
