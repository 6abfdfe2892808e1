"""What the map shows: points, what is known of each, how they are coloured, and which are marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
MOST_GROUPS = 2**15 - 1
FARTHEST, CLOSEST = 0.5, 400.0  # times the view that shows all, as the browser goes
SOUGHT = 100  # letters
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def _none() -> Rows:
    return np.zeros(0, np.intp)


@dataclass(frozen=True)
class Group:
    """Points of one colour: "#rrggbb", or "" for the next of the map's own colours, which suit the theme."""

    name: str
    colour: str = ""

    def __post_init__(self) -> None:
        if self.colour and not _HEX.fullmatch(self.colour):
            raise ValueError(f'a colour must look like "#0f6b66", got {self.colour!r}')


@dataclass(frozen=True, eq=False)
class Groups:
    """Colour by group: `of` (N,) are places in `groups`. ValueError when there is no such group, or too many."""

    title: str  # "Label"
    of: NDArray[np.integer]
    groups: tuple[Group, ...]
    told: bool = False  # also on the card of a point, which tells label, prediction and confidence anyway
    own: Mapping[int, str] = field(default_factory=dict)  # by row, what its card tells where its group is of many

    def __post_init__(self) -> None:
        if len(self.groups) > MOST_GROUPS:
            raise ValueError(f"at most {MOST_GROUPS} groups can be told apart, got {len(self.groups)}")
        if self.of.size and not 0 <= int(self.of.min()) <= int(self.of.max()) < len(self.groups):
            raise ValueError(f"groups must lie in [0, {len(self.groups)}), got {self.of.min()} to {self.of.max()}")


@dataclass(frozen=True, eq=False)
class Shades:
    """Colour by a number: `values` (N,), NaN where unknown. ValueError unless `low` < `high`, both finite."""

    title: str  # "Confidence"
    values: NDArray[np.floating]
    low: float = 0.0
    high: float = 1.0
    low_words: str = "0 %"
    high_words: str = "100 %"
    told: bool = False  # as in `Groups`

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ValueError(f"the colour bar must go from less to more, got {self.low} to {self.high}")


@dataclass(frozen=True)
class Sprites:
    """Small pictures of all points, row after row, on sheets of `columns` squares a line."""

    urls: tuple[str, ...]
    side: int  # pixels of a square
    columns: int
    per_sheet: int  # squares of a sheet, the last may have fewer

    def __post_init__(self) -> None:
        if min(self.side, self.columns, self.per_sheet) < 1:
            raise ValueError(f"a sheet needs squares, got {self}")


@dataclass(frozen=True)
class Fresh:
    """A picture that was placed on the map later, drawn as a star."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Whereabouts:
    """Where a person has moved to on the map, and what they seek; all of it and nothing unless they do."""

    zoom: float = 1.0  # times as near as where all is seen
    x: float = 0.5  # the middle of what is seen, in shares of what all points take
    y: float = 0.5
    find: str = ""

    @classmethod
    def parse(cls, raw: object) -> Whereabouts | None:
        """What a browser sent or an address says, None for what can be none."""
        if not isinstance(raw, Mapping):
            return None
        zoom, find = _within(raw.get("zoom"), FARTHEST, CLOSEST), raw.get("find")
        x, y = (_within(raw.get(name), 0.0, 1.0) for name in ("x", "y"))
        if zoom is None or x is None or y is None or not isinstance(find, str):
            return None
        return cls(zoom, x, y, find[:SOUGHT])


def _within(value: object, least: float, most: float) -> float | None:
    """A number between these, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        return None
    return float(value)


@dataclass(frozen=True, eq=False)
class ScatterView:
    """Row i of every array is point i. ValueError when lengths differ, a place is not finite or a row is not there.

    `label` and `prediction` are places in `names`, -1 where unknown; where both are known and differ, the point is a
    cross. `selected` and `lit` are rows: the person's selection, and what the page points out. `sharper` is an address
    with "{row}" in it that gives a larger picture of a row, "" for none.
    """

    points: NDArray[np.float32]  # (N, 2); the second grows upwards
    titles: tuple[str, ...]
    names: tuple[str, ...]
    label: NDArray[np.integer]
    prediction: NDArray[np.integer]
    confidence: NDArray[np.floating]  # [0, 1], NaN where unknown
    colour: Groups | Shades
    sprites: Sprites | None = None
    sharper: str = ""
    selected: Rows = field(default_factory=_none)
    lit: Rows = field(default_factory=_none)
    current: int | None = None
    fresh: Fresh | None = None
    name: str = "map"  # of a saved picture

    def __post_init__(self) -> None:
        count = len(self.points)
        if self.points.shape != (count, 2) or not np.isfinite(self.points).all():
            raise ValueError(f"points must be finite and (N, 2), got shape {self.points.shape}")
        shades = self.colour.of if isinstance(self.colour, Groups) else self.colour.values
        for name, given in {
            "titles": self.titles,
            "label": self.label,
            "prediction": self.prediction,
            "confidence": self.confidence,
            "colours": shades,
        }.items():
            if len(given) != count:
                raise ValueError(f"{name} must be one for each of {count} points, got {len(given)}")
        for name, index in {"label": self.label, "prediction": self.prediction}.items():
            if count and not -1 <= int(index.min()) <= int(index.max()) < len(self.names):
                raise ValueError(f"{name} must lie in [-1, {len(self.names)}), got {index.min()} to {index.max()}")
        for name, rows in {"selected": self.selected, "lit": self.lit, "current": self._current()}.items():
            if rows.size and not 0 <= int(rows.min()) <= int(rows.max()) < count:
                raise ValueError(f"{name} must name rows in [0, {count}), got {rows.min()} to {rows.max()}")
        if self.sprites is not None and len(self.sprites.urls) * self.sprites.per_sheet < count:
            raise ValueError(f"{len(self.sprites.urls)} sheets do not hold {count} pictures")

    def _current(self) -> Rows:
        return np.asarray([] if self.current is None else [self.current], np.intp)
