"""Random counter-examples: drawn places without creatures, and pieces of the photographs that scikit-image ships."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from xai_core.intake import open_picture
from xai_core.picture import Picture
from xai_core.world.concepts import THINGS
from xai_core.world.drawing import reduced
from xai_core.world.facts import CROPS, SCENES, SIDE, rng
from xai_core.world.scenes import scene

PHOTOGRAPHS = (
    *("astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "coffee.png", "coins.png", "color.png"),
    *("grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png", "retina.jpg"),
    "rocket.jpg",
)
SMALLEST = 96  # pixels a side of a piece: below, enlarging it would show nothing but blur


def counter_example(number: int) -> Picture:
    """Picture `number` of the pool, 0 to `SCENES + CROPS - 1`, 224 px. ValueError outside."""
    if not 0 <= number < SCENES + CROPS:
        raise ValueError(f"the pool has pictures 0 to {SCENES + CROPS - 1}; there is no {number}")
    if number < SCENES:
        return Picture.of(reduced(scene(rng("scene", number), THINGS)), f"scene {number + 1}")
    return _piece(number - SCENES)


def _piece(number: int) -> Picture:
    """A square of a photograph, of any size and place, perhaps mirrored."""
    random, file = rng("crop", number), PHOTOGRAPHS[number % len(PHOTOGRAPHS)]
    photograph = _photograph(file)
    side = int(random.integers(SMALLEST, min(photograph.size, default=SMALLEST) + 1))
    left, top = (int(random.integers(length - side + 1)) for length in photograph.size)
    square = photograph.resize(
        (SIDE, SIDE), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side), reducing_gap=2.0
    )
    pixels = np.asarray(square)
    return Picture.of(pixels[:, ::-1] if random.random() < 0.5 else pixels, f"{Path(file).stem} piece {number + 1}")


@lru_cache(maxsize=len(PHOTOGRAPHS))
def _photograph(file: str) -> Image.Image:
    """Read where it is: importing the package would take longer than drawing."""
    spec = find_spec("skimage")
    package = Path(spec.origin).parent if spec is not None and spec.origin is not None else Path("skimage")
    return Image.fromarray(open_picture(package / "data" / file).pixels)
