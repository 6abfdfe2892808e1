"""Places to stand in: soft, varied, and the same for every family, so that no place gives a family away."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from xai_core.world.drawing import (
    Colour,
    Pen,
    Random,
    Shape,
    box,
    canvas,
    hsv,
    mixed,
    oval,
    smooth,
    varied,
)
from xai_core.world.facts import SIDE

WHITE: Colour = (255, 255, 255)


def scene(random: Random, things: int = 3) -> Image.Image:
    """One of eight kinds of place with up to so many small things in it, `FINE` times too large."""
    return named_scene(random, things)[0]


def named_scene(random: Random, things: int = 3) -> tuple[Image.Image, str]:
    """The same, and which kind of place it is, as `PLACES` calls it."""
    name = tuple(PLACES)[int(random.integers(len(PLACES)))]
    image = PLACES[name](random)
    for _ in range(int(random.integers(things + 1))):
        _thing(Pen(image), random)
    return image, name


def _any(random: Random, *colours: Colour) -> Colour:
    return varied(random, colours[int(random.integers(len(colours)))], hue=0.03, spread=0.06)


def _wave(random: Random, height: float, rise: float) -> Shape:
    """Everything below a wavy line at about `height`."""
    x = np.linspace(-2, SIDE + 2, 48)
    length, start = random.uniform(70, 220), random.uniform(0, 2 * math.pi)
    line = height + rise * np.sin(2 * math.pi * x / length + start) + 0.4 * rise * np.sin(5 * math.pi * x / length)
    top = np.stack([x, line], axis=1)
    return np.concatenate([top, [(SIDE + 2, SIDE + 2), (-2, SIDE + 2)]])


def _hills(pen: Pen, random: Random, colour: Colour, start: float, count: int = 3) -> None:
    for step in range(count):
        height = start + step * random.uniform(20, 34)
        pen.fill(_wave(random, height, random.uniform(3, 14)), mixed(colour, WHITE, 0.32 - 0.12 * step))


def _cloud(pen: Pen, random: Random, colour: Colour) -> None:
    x, y, size = random.uniform(10, SIDE - 10), random.uniform(12, 70), random.uniform(8, 17)
    for across, down, radius in ((-1.1, 0.25, 0.75), (0, 0, 1.0), (1.1, 0.25, 0.8)):
        pen.fill(oval(x + across * size, y + down * size, 1.15 * radius * size, radius * size), colour)


def _meadow(random: Random) -> Image.Image:
    sky = _any(random, (150, 208, 240), (196, 226, 244), (250, 214, 190), (222, 214, 246))
    image = canvas(sky, mixed(sky, WHITE, 0.6))
    pen = Pen(image)
    for _ in range(int(random.integers(4))):
        _cloud(pen, random, (255, 255, 255, 190))
    grass = _any(random, (132, 190, 96), (170, 200, 104), (108, 176, 120))
    _hills(pen, random, grass, random.uniform(90, 140))
    flower = _any(random, (250, 240, 150), (250, 190, 200), (255, 255, 255), (240, 150, 120), (170, 170, 240))
    for x, y in zip(random.uniform(0, SIDE, 14), random.uniform(165, SIDE, 14), strict=True):
        pen.fill(oval(x, y, 2.2, 2.2, steps=10), flower)
    return image


def _dunes(random: Random) -> Image.Image:
    sky = _any(random, (250, 210, 160), (170, 214, 236), (244, 180, 160), (252, 232, 190))
    image = canvas(sky, mixed(sky, WHITE, 0.55))
    pen = Pen(image)
    pen.fill(oval(random.uniform(20, 204), random.uniform(25, 75), 15, 15), (255, 250, 225))
    _hills(pen, random, _any(random, (232, 188, 120), (226, 164, 112), (222, 200, 150)), random.uniform(95, 140))
    return image


def _night(random: Random) -> Image.Image:
    sky = _any(random, (32, 38, 84), (54, 40, 92), (24, 56, 82), (40, 44, 60))
    image = canvas(sky, mixed(sky, (150, 130, 180), 0.45))
    pen = Pen(image)
    for x, y, size in zip(*random.uniform(0, SIDE, (2, 40)), random.uniform(0.5, 1.6, 40), strict=True):
        pen.fill(oval(x, y, size, size, steps=8), (255, 250, 220, 210))
    x, y, size = random.uniform(25, 200), random.uniform(22, 65), random.uniform(10, 18)
    pen.fill(oval(x, y, size, size), (250, 242, 205))
    _hills(pen, random, mixed(sky, _any(random, (70, 110, 90), (90, 80, 130), (60, 90, 120)), 0.6), 150, 2)
    return image


def _room(random: Random) -> Image.Image:
    wall = _any(random, (240, 224, 200), (206, 222, 226), (232, 206, 206), (214, 226, 202), (226, 216, 236))
    image = canvas(wall, mixed(wall, WHITE, 0.25))
    pen = Pen(image)
    ink, step = mixed(wall, WHITE, 0.35), random.uniform(18, 36)
    for x in np.arange(random.uniform(0, step), SIDE, step) if random.random() < 0.6 else ():
        pen.fill(box(x, 0, x + 0.4 * step, SIDE), ink)
    x, y = random.uniform(12, 150), random.uniform(14, 40)
    frame = _any(random, (150, 108, 78), (250, 250, 246), (110, 120, 140))
    pen.fill(box(x, y, x + 58, y + 62), frame)
    pen.fill(box(x + 5, y + 5, x + 53, y + 57), _any(random, (176, 216, 240), (248, 208, 168), (60, 66, 110)))
    pen.fill(box(x + 27, y + 5, x + 31, y + 57), frame)
    floor, height = _any(random, (190, 146, 106), (168, 160, 168), (214, 180, 140), (150, 120, 110)), 150 + y / 2
    pen.fill(box(-1, height, SIDE + 1, SIDE + 1), floor)
    pen.fill(box(-1, height - 5, SIDE + 1, height), mixed(wall, (90, 70, 60), 0.35))
    rug = _any(random, (220, 120, 110), (110, 160, 200), (140, 180, 120), (236, 200, 110), (180, 140, 200))
    pen.fill(oval(random.uniform(70, 154), height + 32, 78, 17), mixed(rug, WHITE, 0.15))
    return image


def _sea(random: Random) -> Image.Image:
    sky = _any(random, (190, 226, 244), (252, 216, 180), (214, 210, 240))
    image = canvas(sky, mixed(sky, WHITE, 0.6))
    pen = Pen(image)
    for _ in range(int(random.integers(3))):
        _cloud(pen, random, (255, 255, 255, 200))
    water = _any(random, (92, 168, 210), (96, 186, 190), (110, 140, 200))
    height = random.uniform(80, 120)
    for step in range(3):
        shade = mixed(water, WHITE, 0.3 - 0.13 * step)
        pen.fill(_wave(random, height + 24 * step, random.uniform(1.5, 4)), shade)
    pen.fill(_wave(random, height + 82, 6), _any(random, (240, 220, 172), (230, 204, 160)))
    return image


def _forest(random: Random) -> Image.Image:
    air = _any(random, (190, 218, 186), (226, 226, 186), (176, 204, 204), (236, 206, 170))
    image = canvas(air, mixed(air, WHITE, 0.4))
    pen = Pen(image)
    leaf = _any(random, (92, 150, 92), (150, 170, 80), (206, 132, 70), (70, 128, 120))
    for step in range(2):
        trunk = mixed(_any(random, (130, 98, 76), (104, 88, 80)), air, 0.5 - 0.35 * step)
        for x in np.arange(random.uniform(0, 40), SIDE, random.uniform(38, 58)):
            pen.fill(box(x, 0, x + 8 + 6 * step, 190), trunk)
            pen.fill(oval(x + 6, random.uniform(8, 42), 28, 26), mixed(leaf, air, 0.5 - 0.3 * step))
    pen.fill(_wave(random, random.uniform(150, 175), 7), mixed(leaf, (80, 70, 60), 0.25))
    return image


def _snow(random: Random) -> Image.Image:
    sky = _any(random, (180, 206, 232), (226, 214, 232), (240, 224, 214))
    image = canvas(sky, mixed(sky, WHITE, 0.7))
    pen = Pen(image)
    for x in random.uniform(0, SIDE, 3):
        height, width = random.uniform(40, 90), random.uniform(50, 90)
        stone = mixed(sky, (90, 96, 120), 0.45)
        pen.fill(np.array([(x, height), (x + width, 180), (x - width, 180)]), stone)
        pen.fill(np.array([(x, height), (x + 0.3 * width, height + 28), (x - 0.3 * width, height + 28)]), WHITE)
    _hills(pen, random, (222, 230, 240), random.uniform(130, 155), 2)
    return image


def _plain(random: Random) -> Image.Image:
    first = hsv(random.random(), random.uniform(0.05, 0.5), random.uniform(0.6, 0.98))
    image = canvas(first, varied(random, first, hue=0.12, spread=0.2))
    pen = Pen(image)
    for x, y, size in zip(*random.uniform(0, SIDE, (2, 6)), random.uniform(10, 50, 6), strict=True):
        pen.fill(oval(x, y, size, size), (*mixed(first, WHITE, 0.5), 60))
    return image


def _thing(pen: Pen, random: Random) -> None:
    """A ball, stone, toadstool, balloon or bush in any colour."""
    x, y, size = random.uniform(10, SIDE - 10), random.uniform(150, SIDE - 8), random.uniform(7, 16)
    colour = hsv(random.random(), random.uniform(0.2, 0.75), random.uniform(0.5, 0.95))
    kind, light = int(random.integers(5)), mixed(colour, WHITE, 0.5)
    if kind == 0:
        pen.fill(oval(x, y, size, size), colour)
        pen.fill(oval(x - 0.3 * size, y - 0.35 * size, 0.3 * size, 0.22 * size), light)
    elif kind == 1:
        stone = smooth((-1.3, 0.6), (-0.9, -0.4), (0.1, -0.8), (1, -0.3), (1.3, 0.6))
        pen.fill(stone * size + (x, y), mixed(colour, (150, 150, 155), 0.75))
    elif kind == 2:
        pen.fill(box(x - 0.25 * size, y - size, x + 0.25 * size, y + 0.4 * size), (245, 236, 220))
        pen.fill(smooth((-1, 0), (-0.75, -0.7), (0, -1), (0.75, -0.7), (1, 0), (0, 0.1)) * size + (x, y - size), colour)
        for dot in (-0.5, 0.05, 0.5):
            pen.fill(oval(x + dot * size, y - 1.45 * size, 0.14 * size, 0.14 * size, steps=10), light)
    elif kind == 3:
        pen.stroke((x, y - 60), (x + 3, y - 40), (x, y - 15), colour=(120, 110, 120), width=0.9)
        pen.fill(oval(x, y - 60 - size, 0.9 * size, 1.1 * size), colour)
        pen.fill(oval(x - 0.3 * size, y - 60 - 1.4 * size, 0.2 * size, 0.3 * size, 0.4), light)
    else:
        for across, up in ((-0.9, 0), (0.9, 0), (0, -0.6)):
            pen.fill(oval(x + across * size, y + up * size, size, size), mixed(colour, (110, 150, 100), 0.6))


PLACES: dict[str, Callable[[Random], Image.Image]] = {
    "meadow": _meadow,
    "dunes": _dunes,
    "night": _night,
    "room": _room,
    "sea": _sea,
    "forest": _forest,
    "snow": _snow,
    "plain": _plain,
}
