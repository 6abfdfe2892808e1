"""A small cascade to export, and what each of its maps should look like."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from xai_core.filmstrip import CELL, Reel, Row
from xai_core.render import Display, overlay

Bytes = NDArray[np.uint8]
DISPLAY = Display(opacity=0.6)
STAGES = ("trained", "classifier", "blocks.6", "conv_stem + bn1")


def photo(side: int) -> Bytes:
    return np.asarray(Image.fromarray(data.chelsea()[:300, 80:380]).resize((side, side)))


def noise(seed: int, side: int = 7) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(side, side)).astype(np.float32)


def reel(side: int = CELL, methods: int = 3, stages: tuple[str, ...] = STAGES, **changed: object) -> Reel:
    rows = tuple(
        Row(
            title=f"Method {number}",
            maps=tuple(noise(100 * number + stage) for stage in range(len(stages))),
            numbers=tuple(1 - 0.25 * stage for stage in range(len(stages))),
            verdict=f"Verdict {number}.",
        )
        for number in range(methods)
    )
    says = tuple(f"It says {name}." for name in stages)
    return Reel(**{"picture": photo(side), "stages": stages, "says": says, "rows": rows, "title": "Cat", **changed})


def expected(shown: Reel, row: int, stage: int, display: Display = DISPLAY) -> Bytes:
    """The map over the picture as every page of the dashboard draws it."""
    values, side = shown.rows[row].maps[stage], float(len(shown.picture))
    assert values is not None
    return overlay(shown.picture, (0.0, 0.0, side, side), np.abs(values), False, display)


def opened(image: bytes) -> Bytes:
    return np.asarray(Image.open(io.BytesIO(image)).convert("RGB"))


def with_gaps() -> Reel:
    whole = reel()
    row = whole.rows[1]
    gaps = Row(row.title, (*row.maps[:2], None, np.zeros((7, 7), np.float32)), (1.0, 0.4, None, None), row.verdict)
    return reel(rows=(whole.rows[0], gaps, whole.rows[2]))
