"""What the points of a map's page can be coloured by: what every map knows, and what its pictures came with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets import columns
from xai_core.names import different
from xai_core.world.facts import SHADES

if TYPE_CHECKING:
    from xai_core.embedding.picture_map import PictureMap

SURENESS = (0.5, 0.7, 0.9, 0.99)  # where the steps of how sure the model is begin
PARTS = {"": "neither", "train": "training", "validation": "validation", "test": "test"}
_STEPS = ("below 50 %", "50 to 70 %", "70 to 90 %", "90 to 99 %", "over 99 %")
_LEVELS = ("#7e4a9e", "#3f6fae", "#21918c", "#4fb55f", "#c2a500")
GREY = "#8a8f8e"  # of what is not known
SLATE = "#6f7f94"  # of what is known, but one of too many to be told apart
RIGHT, WRONG = "#14958a", "#d9772b"


@dataclass(frozen=True, eq=False)
class Way:
    """A way to colour N points, each of which is told its value; values share colours where there are many."""

    name: str
    of: NDArray[np.integer[Any]] = field(repr=False)  # (N,) places in `values`
    values: tuple[str, ...]  # "" is not told
    groups: tuple[str, ...] = ()  # those of one colour; () where each value has its own
    group: tuple[int, ...] = ()  # of each value
    colours: tuple[str, ...] = ()  # of the groups, "" for the next of the page's own

    def described(self) -> dict[str, Any]:
        """As the page reads it."""
        found = {"name": self.name, "values": self.values}
        shared = {"groups": self.groups, "of": self.group} if self.groups else {}
        return {**found, **shared, **({"colours": self.colours} if any(self.colours) else {})}


def ways(shown: PictureMap) -> tuple[tuple[Way, ...], tuple[Way, ...]]:
    """Those of every map, class, prediction, right and sureness before all others; and the columns of its data sets.

    Errors as `PictureMap.opened`.
    """
    opened = shown.opened()
    located = [(opened[s], opened[s].items[i]) for s, i in zip(shown.sources, shown.items, strict=True)]
    right = np.where(shown.known, np.where(shown.right, 0, 1), 2)
    sure = np.searchsorted(SURENESS, shown.confidence, side="right")
    found = [
        _texts("class", [shown.own_label(row) for row in range(len(shown))], "no class"),
        _texts("model says", [shown.labels[each] for each in shown.predicted]),
        Way("right", right, ("yes", "no", "unknown"), colours=(RIGHT, WRONG, GREY)),
        Way("sure", sure, _STEPS, colours=_LEVELS),
    ]
    if len(opened) > 1:
        titles = different(shown.datasets)
        found.append(_texts("data set", [titles[source] for source in shown.sources]))
    if len({item.split for _, item in located}) > 1:
        found.append(_texts("part of the data", [PARTS[item.split] for _, item in located]))
    taken = {way.name for way in found}
    own = [
        _column(name, f"{name} (column)" if name in taken else name, columns.said(name, located))
        for name in columns.names(opened)
    ]
    return tuple(found), tuple(own)


def _column(name: str, shown_as: str, said: Sequence[str]) -> Way:
    found = columns.numbers(name, said)
    return _texts(shown_as, said) if found is None else _levels(shown_as, found, said)


def _texts(name: str, said: Sequence[str], none: str = "") -> Way:
    """`none` is told of those that have no text."""
    found = columns.words(name, said)
    group = dict(zip(said, map(int, found.of), strict=True))
    plain = len(found.groups) - found.without - bool(found.folded)
    groups = [*found.groups[: len(found.groups) - found.without], *([none or columns.NONE] if found.without else ())]
    colours = (*(SHADES.get(each, "") for each in groups[:plain]), *(SLATE,) * bool(found.folded))
    return Way(
        name, _places(said), tuple(text or none for text in group), tuple(groups), tuple(group.values()),
        (*colours, *(GREY,) * found.without),
    )  # fmt: skip


def _levels(name: str, found: columns.Numbers, said: Sequence[str]) -> Way:
    """Equally wide steps from the one end of the colours to the other."""
    ends, known = np.linspace(found.low, found.high, len(_LEVELS) + 1), found.values[~np.isnan(found.values)]
    if (known == np.round(known)).all():
        ends = np.round(ends)
    level = np.searchsorted(ends[1:-1], found.values, side="right")
    level[np.isnan(found.values)] = len(_LEVELS)
    told = [columns.in_words(float(each)) for each in ends]
    steps = [f"{low} to {high}" for low, high in pairwise(told)]
    if known.min() < found.low:
        steps[0] = f"{told[1]} and less"
    if known.max() > found.high:
        steps[-1] = f"{told[-2]} and more"
    group = dict(zip(said, map(int, level), strict=True))
    without = len(_LEVELS) in group.values()
    groups = (*steps, *([columns.NONE] if without else ()))
    return Way(name, _places(said), tuple(group), groups, tuple(group.values()), (*_LEVELS, *(GREY,) * without))


def _places(said: Sequence[str]) -> NDArray[np.intp]:
    place = {text: at for at, text in enumerate(dict.fromkeys(said))}
    return np.array([place[text] for text in said], np.intp)
