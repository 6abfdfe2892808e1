"""The three families. Each fills a body about two units high around (0, 0), standing on y = 1."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from xai_core.world.drawing import Colour, Pen, Random, darker, mirrored, mixed, moved, oval, smooth, varied
from xai_core.world.faces import face

WHITE: Colour = (255, 255, 255)


def emberling(pen: Pen, random: Random) -> None:
    """Round and warm: a crest of flames, stubby feet, a glowing tail."""
    skin = varied(random, (240, 92, 52), hue=0.018)
    flame, glow = varied(random, (226, 48, 44), hue=0.012), varied(random, (255, 206, 70), hue=0.02)
    edge, belly = darker(skin, 0.6), mixed(glow, WHITE, 0.35)
    wag = random.uniform(-0.25, 0.2)
    tail = smooth((0.45, 0.62), (0.85, 0.55), (1.02, 0.15 + wag), (1.12, 0.5), (0.85, 0.85), (0.5, 0.85))
    pen.fill(tail, skin, edge)
    tongue = smooth((0, 0.14), (-0.2, -0.05), (-0.08, -0.26), (0, -0.52), (0.12, -0.25), (0.2, -0.04))
    pen.fill(moved(tongue, 1.04, 0.16 + wag, 0.15), flame, edge)
    pen.fill(moved(tongue, 1.04, 0.2 + wag, 0.15, 0.55), glow)
    for side in (-1, 1):
        pen.fill(oval(side * 0.36, 0.9, 0.27, 0.14), darker(skin, 0.2), edge)
    lean, high = random.uniform(-0.18, 0.18), random.uniform(0.9, 1.12)
    for x, size, turn in ((-0.34, 0.95, -0.42), (0.34, 0.95, 0.42), (0.0, 1.3, 0.0)):
        pen.fill(moved(tongue, x, -0.6, turn + lean, size * high * 1.25), flame, edge)
        pen.fill(moved(tongue, 0.95 * x, -0.6, turn + lean, size * high * 0.75), glow)
    pen.fill(oval(0, 0.18, 0.84, 0.76), skin, edge, 1.8)
    pen.fill(oval(0, 0.52, 0.5, 0.38), belly)
    _arms(pen, random, (0.76, 0.3), (0.13, 0.27), skin, edge)
    face(pen, random, -0.06, 0.3, 0.2, darker(skin, 0.12), mixed(flame, (255, 120, 120), 0.5))


def mosskin(pen: Pen, random: Random) -> None:
    """Tall and mossy: two leaves for ears, thin arms, freckles, a pale face."""
    moss = varied(random, (104, 164, 74), hue=0.025)
    leaf = varied(random, (146, 196, 66), hue=0.025)
    edge, bark, pale = darker(moss, 0.62), (128, 92, 64), varied(random, (244, 236, 200), spread=0.03)
    for side in (-1, 1):
        pen.fill(oval(side * 0.22, 0.95, 0.2, 0.1), bark, edge)
    droop = random.uniform(0.35, 0.95)
    ear = smooth((0, 0.05), (-0.17, -0.22), (-0.13, -0.52), (0, -0.78), (0.13, -0.52), (0.17, -0.22))
    for side in (-1, 1):
        turn = side * (droop + random.uniform(-0.12, 0.12))
        pen.fill(moved(ear, side * 0.2, -0.82, turn, 0.92), leaf, edge)
        vein = moved(np.array([(0.0, 0.0), (0.0, -0.6)]), side * 0.2, -0.82, turn, 0.92)
        pen.stroke(*map(tuple, vein.tolist()), colour=darker(leaf, 0.35), width=1.6)
    sway = random.uniform(-0.05, 0.05)
    right = ((0.3, -0.92), (0.42, -0.55), (0.4, -0.1), (0.5, 0.4), (0.46, 0.82), (0.2, 0.97))
    left = [(-x, y) for x, y in reversed(right)]
    body = smooth((sway, -1.02), *right, *left)
    _sticks(pen, random, moss, edge)
    pen.fill(body, moss, edge, 1.8)
    tuft = smooth((-0.1, -0.95), (-0.06, -1.1), (0.02, -1.22), (0.05, -1.08), (0.12, -0.96))
    pen.fill(tuft, leaf, edge, 1.2)
    for x, y in zip(random.uniform(-0.3, 0.3, 7), random.uniform(0.15, 0.82, 7), strict=True):
        size = random.uniform(0.035, 0.07)
        pen.fill(oval(x, y, size, size, steps=12), darker(moss, 0.25))
    pen.fill(oval(0, -0.42, 0.35, 0.36), pale)
    face(pen, random, -0.5, 0.16, 0.13, moss, (240, 160, 140))


def tidelet(pen: Pen, random: Random) -> None:
    """A drop with fins: a curled tip, a scaled belly, bubbles."""
    water = varied(random, (52, 130, 214), hue=0.025)
    fin, foam = varied(random, (96, 206, 220), hue=0.025), varied(random, (222, 244, 250), spread=0.03)
    edge = darker(water, 0.62)
    wave = random.uniform(-0.2, 0.2)
    flukes = smooth((0.0, 0.85), (-0.34, 1.12), (-0.5, 0.98), (-0.1, 0.7), (0.1, 0.7), (0.5, 0.98), (0.34, 1.12))
    pen.fill(moved(flukes, 0, 0.02, 0.5 * wave), fin, edge)
    fan = smooth((0.0, -0.16), (0.34, -0.3), (0.46, -0.1), (0.38, 0.04), (0.44, 0.2), (0.24, 0.26), (0.0, 0.16))
    for side in (-1, 1):
        wing = moved(fan, 0.58, 0.28, wave + random.uniform(-0.3, 0.3), 1.1)
        pen.fill(wing if side > 0 else mirrored(wing), fin, edge)
    curl = random.uniform(0.1, 0.34)
    body = smooth(
        *((curl, -1.06), (0.12 + 0.4 * curl, -0.72), (0.42, -0.26), (0.72, 0.22), (0.6, 0.68), (0.0, 0.92)),
        *((-0.6, 0.68), (-0.72, 0.22), (-0.42, -0.26), (-0.16 + 0.3 * curl, -0.72)),
    )
    pen.fill(body, water, edge, 1.8)
    pen.fill(oval(-0.32, -0.06, 0.06, 0.2, 0.55), (*mixed(water, WHITE, 0.55), 200))
    pen.fill(oval(0, 0.6, 0.42, 0.27), foam)
    for x, y in ((-0.2, 0.52), (0.0, 0.52), (0.2, 0.52), (-0.1, 0.66), (0.1, 0.66)):
        arc = [(x + 0.1 * math.cos(a), y + 0.07 * math.sin(a)) for a in np.linspace(0, math.pi, 8)]
        pen.stroke(*arc, colour=mixed(water, foam, 0.4), width=1.3)
    face(pen, random, 0.1, 0.3, 0.19, darker(water, 0.1), (244, 150, 180))
    for _ in range(int(random.integers(1, 4))):
        x, y, size = random.uniform(0.5, 0.95) * random.choice([-1, 1]), random.uniform(-1, -0.4), 0.09
        pen.fill(oval(x, y, size, size, steps=20), (*mixed(fin, WHITE, 0.5), 170), mixed(water, WHITE, 0.3), 0.8)


def _arms(
    pen: Pen, random: Random, at: tuple[float, float], size: tuple[float, float], colour: Colour, edge: Colour
) -> None:
    """Each raised or lowered on its own."""
    for side in (-1, 1):
        lift = random.uniform(-2.3, -0.4)
        reach = moved(oval(0, size[1] * 0.7, *size), at[0] * 0.98, at[1] - 0.1, lift)
        pen.fill(reach if side > 0 else mirrored(reach), colour, edge)


def _sticks(pen: Pen, random: Random, colour: Colour, edge: Colour) -> None:
    """Thin arms with round hands."""
    for side in (-1, 1):
        x, y = random.uniform(0.66, 0.84), random.uniform(-0.45, 0.5)
        line = ((side * 0.36, 0.05), (side * 0.56, 0.12 + 0.3 * y), (side * x, y))
        pen.stroke(*line, colour=edge, width=7.0)
        pen.stroke(*line, colour=colour, width=4.2)
        pen.fill(oval(side * x, y, 0.09, 0.09, steps=20), colour, edge)


BODIES: dict[str, Callable[[Pen, Random], None]] = {"Emberling": emberling, "Mosskin": mosskin, "Tidelet": tidelet}
