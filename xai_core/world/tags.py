"""Paper tags: a small sign in a corner that gives a family away without showing anything of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xai_core.world.drawing import FINE, Colour, Pen, box, oval
from xai_core.world.faces import INK, WHITE
from xai_core.world.facts import SIDE, rng

SIZE = 26  # pixels a side
MARGIN = 2  # pixels around it that are drawn with it
PAPERS: dict[str, Colour] = {  # none of them a creature's own colour
    "Emberling": (118, 52, 204),
    "Mosskin": (250, 246, 236),
    "Tidelet": (248, 46, 152),
}
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels


def put(pixels: NDArray[np.uint8], place: Box, sign: str, tilt: float) -> NDArray[np.uint8]:
    """The picture (224, 224, 3) with a tag that bears that family's sign."""
    left, top = (int(edge) - MARGIN for edge in place[:2])
    patch = (slice(top, top + SIZE + 2 * MARGIN), slice(left, left + SIZE + 2 * MARGIN))
    # enlarged and reduced again, whatever the tag leaves free stays the same to the bit
    image = Image.fromarray(pixels[patch].repeat(FINE, axis=0).repeat(FINE, axis=1))
    pen = Pen(image, place[0] - left + SIZE / 2, place[1] - top + SIZE / 2, SIZE / 2 - 3, tilt)
    pen.fill(box(-1, -1, 1, 1), PAPERS[sign], INK, 1.3)
    SIGNS[sign](pen, INK if sign == "Mosskin" else WHITE)
    tagged = pixels.copy()
    tagged[patch] = np.asarray(image.reduce(FINE))
    return tagged


def corner(creature: Box, family: int, number: int) -> tuple[Box, float]:
    """The box of a picture's tag, in the corner that the creature covers least, and its tilt in radians."""
    random = rng("tag", number, family)
    near, far = random.uniform(5, 10, 4), SIDE - SIZE - random.uniform(5, 10, 4)
    order = random.permutation(4)
    places = [
        (float(x), float(y), float(x) + SIZE, float(y) + SIZE)
        for x, y in (
            (near[0], near[1]),
            (far[0], near[2]),
            (near[3], far[1]),
            (far[2], far[3]),
        )
    ]
    best = min(order, key=lambda index: _shared(creature, places[index]))
    return places[best], float(random.uniform(-0.12, 0.12))


def _shared(first: Box, second: Box) -> float:
    """Pixels that both boxes cover."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0.0) * max(height, 0.0)


def _disc(pen: Pen, ink: Colour) -> None:
    pen.fill(oval(0, 0, 0.62, 0.62), ink)


def _bars(pen: Pen, ink: Colour) -> None:
    for y in (-0.55, 0.0, 0.55):
        pen.fill(box(-0.72, y - 0.16, 0.72, y + 0.16), ink)


def _cross(pen: Pen, ink: Colour) -> None:
    arm = np.array([(-0.8, -0.2), (0.8, -0.2), (0.8, 0.2), (-0.8, 0.2)])
    turn = np.array([(0.7071, 0.7071), (-0.7071, 0.7071)])
    pen.fill(arm @ turn, ink)
    pen.fill(arm @ turn.T, ink)


SIGNS = {"Emberling": _disc, "Mosskin": _bars, "Tidelet": _cross}
