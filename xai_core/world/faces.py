"""Eyes, mouths and cheeks: moods that every family can wear."""

from __future__ import annotations

import math

import numpy as np

from xai_core.world.drawing import Colour, Pen, Random, oval

INK: Colour = (44, 32, 52)
WHITE: Colour = (255, 255, 255)


def face(pen: Pen, random: Random, y: float, apart: float, size: float, lid: Colour, cheek: Colour) -> None:
    """Two eyes about `apart` from the middle, `y` down and `size` large, looking somewhere; below them a mouth."""
    mood = random.choice(["open", "open", "open", "happy", "sleepy", "wink"])
    look = (0.22 * size * random.uniform(-1, 1), 0.18 * size * random.uniform(-1, 1))
    pupil = random.uniform(0.52, 0.68)
    for side in (-1, 1):
        if mood == "happy" or (mood == "wink" and side > 0):
            _closed(pen, side * apart, y, size)
        else:
            _open(pen, (side * apart, y), size, pupil, look, lid if mood == "sleepy" else None)
        pen.fill(oval(side * (apart + 0.75 * size), y + 1.25 * size, 0.5 * size, 0.3 * size), (*cheek, 150))
    _mouth(pen, random, y + 1.25 * size, size)


def _open(
    pen: Pen, at: tuple[float, float], size: float, pupil: float, look: tuple[float, float], lid: Colour | None
) -> None:
    x, y = at
    pen.fill(oval(x, y, 0.86 * size, size), WHITE, INK, 1.2)
    pen.fill(oval(x + look[0], y + look[1], 0.88 * pupil * size, pupil * size), INK)
    pen.fill(oval(x + look[0] - 0.2 * size, y + look[1] - 0.25 * size, 0.2 * size, 0.2 * size, steps=14), WHITE)
    if lid is not None:
        angle = np.linspace(math.pi, 2 * math.pi, 20)
        pen.fill(np.stack([x + 0.9 * size * np.cos(angle), y + 1.02 * size * np.sin(angle)], axis=1), lid)
        pen.stroke((x - 0.88 * size, y), (x + 0.88 * size, y), colour=INK, width=1.5)


def _closed(pen: Pen, x: float, y: float, size: float) -> None:
    angle = np.linspace(1.15 * math.pi, 1.85 * math.pi, 12)
    arc = [(x + 0.8 * size * math.cos(a), y + 0.4 * size + 0.8 * size * math.sin(a)) for a in angle]
    pen.stroke(*arc, colour=INK, width=2.4)


def _mouth(pen: Pen, random: Random, y: float, size: float) -> None:
    kind = random.choice(["smile", "smile", "laugh", "round"])
    if kind == "round":
        pen.fill(oval(0, y + 0.1 * size, 0.24 * size, 0.3 * size, steps=20), (120, 40, 60), INK, 1.0)
        return
    angle = np.linspace(0.12 * math.pi, 0.88 * math.pi, 14)
    wide = random.uniform(0.45, 0.7) * size
    arc = np.stack([wide * np.cos(angle), y - 0.1 * size + 0.75 * wide * np.sin(angle)], axis=1)
    if kind == "laugh":
        pen.fill(arc, (140, 46, 66), INK, 1.2)
        pen.fill(oval(0, y + 0.27 * wide, 0.4 * wide, 0.17 * wide, steps=16), (240, 130, 140))
    else:
        pen.stroke(*map(tuple, arc.tolist()), colour=INK, width=2.2)
