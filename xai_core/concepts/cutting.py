"""A piece of a picture as a picture of its own: every box that a person draws becomes an example of a concept."""

from __future__ import annotations

from xai_core.errors import UnusableConcept
from xai_core.picture import Picture

LEAST = 16  # pixels a side: below, enlarging a piece to what a network sees shows nothing but blur

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels of the picture


def cut(picture: Picture, box: Box) -> Picture:
    """The piece inside a box, whichever corner it was drawn from, named after the picture and the place.

    Edges are rounded to whole pixels, and what lies outside the picture is left away; UnusableConcept where less than
    `LEAST` pixels a side are left, ValueError for edges that are not numbers.
    """
    left, right = _inside(box[0], box[2], picture.width)
    top, bottom = _inside(box[1], box[3], picture.height)
    if min(right - left, bottom - top) < LEAST:
        raise UnusableConcept(
            f"This piece of {picture.name} has {right - left} × {bottom - top} pixels; at least {LEAST} × {LEAST} are "
            "needed. Draw a larger box, or take a larger picture."
        )
    name = f"{picture.name} at {left}, {top}, {right - left} × {bottom - top}"
    return Picture.of(picture.pixels[top:bottom, left:right], name, picture.notes)


def _inside(one: float, other: float, length: int) -> tuple[int, int]:
    """The edges in order, on the picture."""
    low, high = (min(max(round(edge), 0), length) for edge in sorted((one, other)))
    return low, high
