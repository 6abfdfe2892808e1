"""Which part of a picture the model sees, and where that part lies in the original."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels of the original picture


class Framing(StrEnum):
    """How a picture of any shape becomes the model's square."""

    AS_TRAINED = "as trained"  # resize the shorter side, cut out the centre
    WHOLE = "whole picture"  # squeeze all of it into the square


@dataclass(frozen=True)
class Preprocess:
    """A classifier's own preprocessing: resize, centre crop, (x - mean) / std for x in [0, 1]."""

    resize: int  # pixels, shorter side before the crop
    crop: int  # pixels, side S of the model's input
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"


@dataclass(frozen=True, eq=False)
class Framed:
    """What the model sees: the square, and the box of the original that it shows."""

    square: NDArray[np.uint8] = field(repr=False)  # (S, S, 3)
    box: Box


def frame(pixels: NDArray[np.uint8], preprocess: Preprocess, framing: Framing) -> Framed:
    """(H, W, 3) uint8 -> the model's square; `as trained` equals torchvision's Resize and CenterCrop."""
    height, width = pixels.shape[:2]
    side, filters = preprocess.crop, {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
    image, kernel = Image.fromarray(pixels), filters[preprocess.interpolation]
    if framing is Framing.WHOLE:
        return Framed(np.asarray(image.resize((side, side), kernel)), (0.0, 0.0, float(width), float(height)))
    short = min(width, height)
    # torchvision truncates the longer side; rounding would shift the crop by a pixel
    wide, high = int(preprocess.resize * width / short), int(preprocess.resize * height / short)
    left, top = round((wide - side) / 2.0), round((high - side) / 2.0)
    square = image.resize((wide, high), kernel).crop((left, top, left + side, top + side))
    across, down = width / wide, height / high
    return Framed(np.asarray(square), (left * across, top * down, (left + side) * across, (top + side) * down))
