"""One creature as a picture, with or without a tag, and where both are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from xai_core.picture import Picture
from xai_core.world import tags
from xai_core.world.bodies import BODIES
from xai_core.world.drawing import Pen, oval, reduced
from xai_core.world.facts import FAMILIES, PER_FAMILY, SIDE, rng
from xai_core.world.scenes import named_scene

Box = tags.Box
HELD = len(FAMILIES) * PER_FAMILY  # each comes without a tag and with several


def creature(family: str, number: int, tag: str | None = None) -> Picture:
    """Creature `number` (0, 1, ...) of a family, 224 px; `tag` puts the sign of that family into a corner.

    The same arguments give the same pixels. ValueError for a family that is not in `FAMILIES`.
    """
    found = drawn(family, number)
    pixels = found.pixels
    if tag is not None:
        at, tilt = tags.corner(found.box, _index(family), number)
        pixels = tags.put(pixels, at, FAMILIES[_index(tag)], tilt)
    return Picture.of(pixels, f"{family} {number + 1}" + ("" if tag is None else f", tag of {tag}"))


def where_creature(family: str, number: int) -> Box:
    """Left, top, right, bottom of its outline, in pixels of the picture and inside it."""
    return drawn(family, number).box


def where_tag(family: str, number: int) -> Box:
    """The same for the tag, whichever sign is on it."""
    return tags.corner(where_creature(family, number), _index(family), number)[0]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture without a tag, and what is known of it."""

    pixels: NDArray[np.uint8] = field(repr=False)  # (224, 224, 3), read-only
    box: Box  # of the creature
    place: str  # as `scenes.PLACES` calls it
    height: float  # pixels of the creature, upright
    tilt: float  # degrees to the right


@lru_cache(HELD)
def drawn(family: str, number: int) -> Drawn:
    """`drawn.cache_clear()` frees 150 kB for each."""
    random = rng("creature", number, _index(family))
    image, where = named_scene(random, things=2)
    size = random.uniform(44, 68)  # pixels for half the height
    x, y = random.uniform(72, SIDE - 72), random.uniform(96, SIDE - 1.12 * size)
    tilt, mirror = random.uniform(-0.16, 0.16), bool(random.integers(2))
    Pen(image).fill(oval(x, y + size, 0.75 * size, 0.13 * size), (30, 24, 48, 70))
    pen = Pen(image, x, y, size, tilt, mirror)
    BODIES[family](pen, random)
    left, top, right, bottom = pen.reached
    pixels = reduced(image)
    pixels.setflags(write=False)
    box = (max(left, 0.0), max(top, 0.0), min(right, float(SIDE)), min(bottom, float(SIDE)))
    return Drawn(pixels, box, where, 2 * size, math.degrees(tilt))


def _index(family: str) -> int:
    if family not in FAMILIES:
        raise ValueError(f"there is no family {family}; there are {', '.join(FAMILIES)}")
    return FAMILIES.index(family)
