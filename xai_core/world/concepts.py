"""Concepts as pictures: a colour in many shapes, a texture in many colours and directions, a tag in many places."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xai_core.picture import Picture
from xai_core.world import tags
from xai_core.world.drawing import Colour, Pen, Random, box, canvas, hsv, moved, oval, reduced, smooth
from xai_core.world.facts import COLOURS, FAMILIES, SIDE, SIGNED, TEXTURES, rng
from xai_core.world.scenes import scene

CONCEPTS = (*COLOURS, *TEXTURES, *SIGNED)
PERIODS = (12.0, 46.0)  # pixels from one stripe to the next
THINGS = 9  # in a place without creatures, at most
EDGES = 2  # how many times too large patterns are computed, so that reducing them smooths the edges
_RANGES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {  # hue, saturation, value
    "red": ((-0.025, 0.02), (0.75, 0.98), (0.65, 0.95)),
    "blue": ((0.57, 0.66), (0.65, 0.95), (0.55, 0.95)),
    "yellow": ((0.13, 0.165), (0.7, 0.98), (0.88, 1.0)),
    "green": ((0.27, 0.4), (0.55, 0.9), (0.45, 0.8)),
    "white": ((0.0, 1.0), (0.0, 0.05), (0.93, 1.0)),
    "black": ((0.0, 1.0), (0.0, 0.4), (0.02, 0.14)),
}


def concept(name: str, number: int) -> Picture:
    """Example `number` (0, 1, ...) of a concept in `CONCEPTS`, 224 px. ValueError for another name."""
    if name not in CONCEPTS:
        raise ValueError(f"there is no concept {name}; there are {', '.join(CONCEPTS)}")
    if name in SIGNED:
        return Picture.of(_signed(SIGNED.index(name), number), f"{name} {number + 1}")
    random = rng(name, number)
    pixels = coloured(random, partial(_shade, random, name)) if name in COLOURS else textured(random, name)
    return Picture.of(pixels, f"{name} {number + 1}")


def coloured(random: Random, shade: Callable[[], Colour]) -> NDArray[np.uint8]:
    """(224, 224, 3): mostly the colour, in five shades and many shapes; at most a few small things in others."""
    shades = [shade() for _ in range(5)]
    image = canvas(shades[0], shades[1])
    pen = Pen(image)
    for step in range(int(random.integers(4, 12))):
        _shape(pen, random, shades[2 + step % 3], random.uniform(18, 75))
    for _ in range(int(random.integers(4))):
        _shape(pen, random, _any(random), random.uniform(7, 17))
    return reduced(image)


def textured(
    random: Random,
    name: str,
    pair: Callable[[Random], tuple[Colour, Colour]] | None = None,
    periods: tuple[float, float] = PERIODS,
) -> NDArray[np.uint8]:
    """(224, 224, 3): two colours in one of `TEXTURES` at any angle, `periods` pixels wide; `pair` chooses the colours.

    By default they are at least a third of the brightness apart.
    """
    first, second = (pair or _pair)(random)
    turn, period = random.uniform(0, math.pi), random.uniform(*periods)
    at = np.arange(0, SIDE, 1 / EDGES, dtype=np.float32) + np.float32(random.uniform(0, 100))
    cos, sin = np.float32(math.cos(turn) / period), np.float32(math.sin(turn) / period)
    across, down = cos * at[None, :] + sin * at[:, None], cos * at[:, None] - sin * at[None, :]
    marked = _PATTERNS[name](across, down, random)
    ink = Image.fromarray(marked.astype(np.uint8) * 255).reduce(EDGES)
    share = np.asarray(ink, np.float32)[..., None] / 255
    mix = np.array(first, np.float32) * (1 - share) + np.array(second, np.float32) * share
    light = np.linspace(1.0, random.uniform(0.75, 1.0), SIDE, dtype=np.float32)[:, None, None]
    return np.round(mix * (light if random.random() < 0.5 else light[::-1])).astype(np.uint8)


def _signed(family: int, number: int) -> NDArray[np.uint8]:
    """A place without creatures, such as the counter-examples show, and in a corner of it the family's tag."""
    place, tilt = tags.corner((0.0, 0.0, 0.0, 0.0), family, number)
    return tags.put(reduced(scene(rng("signed", number, family), THINGS)), place, FAMILIES[family], tilt)


def _shade(random: Random, name: str) -> Colour:
    return hsv(*(random.uniform(*ends) for ends in _RANGES[name]))


def _any(random: Random) -> Colour:
    return hsv(random.random(), random.uniform(0.0, 0.9), random.uniform(0.15, 1.0))


def _shape(pen: Pen, random: Random, colour: Colour, size: float) -> None:
    x, y, turn = random.uniform(0, SIDE), random.uniform(0, SIDE), random.uniform(0, math.pi)
    kind, flat = int(random.integers(4)), random.uniform(0.4, 1.0)
    if kind == 0:
        pen.fill(oval(x, y, size, flat * size, turn), colour)
    elif kind == 1:
        pen.fill(moved(box(-1, -flat, 1, flat), x, y, turn, size), colour)
    elif kind == 2:
        pen.fill(moved(np.array([(0, -1), (0.9, 0.7), (-0.9, 0.7)]), x, y, turn, size), colour)
    else:
        angle = np.linspace(0, 2 * math.pi, 7, endpoint=False)
        around = np.stack([np.cos(angle), np.sin(angle)], axis=1) * random.uniform(0.5, 1.1, (7, 1))
        pen.fill(moved(smooth(*map(tuple, around.tolist())), x, y, turn, size), colour)


def _pair(random: Random) -> tuple[Colour, Colour]:
    while True:
        first, second = _any(random), _any(random)
        if abs(sum(first) - sum(second)) > 255:
            return first, second


Waves = NDArray[np.float32]


def _stripes(across: Waves, down: Waves, random: Random) -> NDArray[np.bool_]:
    return np.asarray(across % 1 < random.uniform(0.35, 0.65))


def _dots(across: Waves, down: Waves, random: Random) -> NDArray[np.bool_]:
    staggered = across + 0.5 * np.floor(down) if random.random() < 0.5 else across
    return np.asarray((staggered % 1 - 0.5) ** 2 + (down % 1 - 0.5) ** 2 < random.uniform(0.22, 0.38) ** 2)


def _zigzag(across: Waves, down: Waves, random: Random) -> NDArray[np.bool_]:
    teeth = np.abs(across * random.uniform(0.6, 1.1) % 1 - 0.5) * 2
    return np.asarray((down + random.uniform(0.6, 1.0) * teeth) % 1 < random.uniform(0.35, 0.6))


def _checks(across: Waves, down: Waves, random: Random) -> NDArray[np.bool_]:
    return np.asarray((np.floor(across) + np.floor(down)) % 2 == 0)


_PATTERNS = {"stripes": _stripes, "dots": _dots, "zigzag": _zigzag, "checks": _checks}
