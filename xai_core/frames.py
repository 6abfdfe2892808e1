"""A cascade's maps as the player takes them: one byte a cell, each stage on a scale of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xai_core.render import own_scale

Levels = NDArray[np.uint8]


def levels(values: NDArray[np.float32]) -> Levels:
    """Strengths, whatever their sign: (h, w) with 255 for the map's own scale; zeros stay zeros."""
    scale = own_scale(values)
    if scale == 0:
        return np.zeros(values.shape, np.uint8)
    return np.floor(np.clip(np.abs(values) / scale, 0, 1) * 255 + 0.5).astype(np.uint8)


def stacked(maps: Sequence[NDArray[np.float32] | None]) -> Levels:
    """(stages, h, w); a stage without a map is empty. ValueError where maps differ in size or none is there."""
    shapes = {values.shape for values in maps if values is not None}
    if len(shapes) != 1:
        raise ValueError(f"maps of one size are needed, got {sorted(shapes)}")
    (shape,) = shapes
    return np.stack([np.zeros(shape, np.uint8) if values is None else levels(values) for values in maps])
