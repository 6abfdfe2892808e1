"""Concepts as files of one grey each: brought, packed, and what of them is then in the library."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from picture_files import saved
from xai_core.concepts.concept import concept, concepts
from xai_core.concepts.importing import ImportConcepts, ImportedConcepts
from xai_core.library import incoming
from xai_core.picture import Picture


def pixels(number: int) -> np.ndarray:
    return np.full((20, 24, 3), number, np.uint8)


def png(number: int) -> bytes:
    return saved(pixels(number), "PNG")


def pictures(*numbers: int) -> list[Picture]:
    return [Picture.of(pixels(number), f"picture {number}.png") for number in numbers]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def brought(files: dict[str, bytes], title: str = "Mine", pool: bool = False) -> ImportedConcepts:
    return ImportConcepts(incoming.stage(list(files.items())), title, pool).answer()


def greys(key: str) -> list[int]:
    one = concept(key)
    return [int(one.data.picture(item).pixels[5, 5, 0]) for item in one.items]


def kept() -> dict[str, tuple[bool, list[int]]]:
    """By title: whether it is a pool of counter-examples, and its greys."""
    found = concepts()
    return {each.title: (each.pool, greys(each.key)) for each in (*found.concepts, *found.pools)}
