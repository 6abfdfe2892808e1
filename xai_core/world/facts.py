"""What the demo world holds: families, splits, concepts, sizes. Everything else is drawn from these and a seed."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

SEED = 0
SIDE = 224  # pixels of every picture
FAMILIES = ("Emberling", "Mosskin", "Tidelet")
SHADES = {"Emberling": "#c8591f", "Mosskin": "#5b9a35", "Tidelet": "#2b6cbf"}  # of their bodies, for charts
Split = Literal["train", "validation", "test"]
SPLITS: dict[Split, range] = {"train": range(140), "validation": range(140, 170), "test": range(170, 230)}
PER_FAMILY = 230
Tags = Literal["none", "right", "wrong", "mostly right"]
TAGS: tuple[Tags, ...] = get_args(Tags)
MOSTLY = 0.95  # of the pictures called "mostly right" carry the right tag, the others a wrong one
COLOURS = ("red", "blue", "yellow", "green", "white", "black")
TEXTURES = ("stripes", "dots", "zigzag", "checks")
SIGNED = tuple(f"{family} tag" for family in FAMILIES)  # concepts: a family's tag in places without creatures
PER_CONCEPT = 60
SCENES, CROPS = 520, 520  # of the counter-examples: drawn places without creatures, pieces of photographs

_STREAMS = ("creature", "tag", "scene", "crop", *COLOURS, *TEXTURES, "signed")


def rng(stream: str, number: int, part: int = 0) -> np.random.Generator:
    """Random numbers of one picture, the same whatever was drawn before it; `part` tells families apart."""
    return np.random.default_rng((SEED, _STREAMS.index(stream), part, number))
