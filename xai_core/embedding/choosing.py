"""A few of many selected pictures, chosen by a rule that is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from xai_core.embedding.picture_map import PictureMap

Rule = Literal["typical", "odd", "mistakes", "unsure"]
RULES: tuple[Rule, ...] = get_args(Rule)


def chosen(
    shown: PictureMap, rows: Sequence[int], rule: Rule, most: int, along: NDArray[np.float64] | None
) -> tuple[int, ...]:
    """At most so many of the rows, first things first; of pictures that are the same to the model one.

    `along` (N,) as `Apart.along`; without it "typical" and "odd" keep the rows' order. "mistakes", the surest first,
    may be none.
    """
    inside = np.asarray(rows, np.intp)
    if rule == "mistakes":
        inside = inside[shown.known[inside] & ~shown.right[inside]]
    far = np.zeros(len(inside)) if along is None else along[inside]
    sure = shown.confidence[inside].astype(np.float64)
    worth = {"typical": -far, "odd": far, "mistakes": -sure, "unsure": sure}[rule]
    ordered = inside[np.argsort(worth, kind="stable")]
    _, first = np.unique(shown.twins[ordered], return_index=True)
    return tuple(int(row) for row in ordered[np.sort(first)][:most])
