"""What pictures came with beside their class: columns of text, some of which are numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets.dataset import Dataset, Item
from xai_core.datasets.layout import natural

FEW = 12  # different numbers that are still told apart as groups
TOLD = 8  # columns on one line
GROUPS = 20  # that are told apart by colour, with the one for all rare values
RARE = 100  # one picture of so many may lie beyond an end of the colours; of a few, one or two
MANY = 40  # pictures, from which on it may be two
OTHER, NONE = "other", "not known"
MISSING = {"", "na", "n/a", "nan", "none", "null", "-", "?"}  # how tables say that a number is not known


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of which every value is a number."""

    name: str
    values: NDArray[np.float64] = field(repr=False)  # (N,), nan where a picture has none
    low: float  # where the colours begin; a few outliers may lie below
    high: float  # above `low`: where they end

    @property
    def ends(self) -> tuple[str, str]:
        """Both in words, and whether values lie beyond."""
        low, high = in_words(self.low), in_words(self.high)
        below, above = np.nanmin(self.values) < self.low, np.nanmax(self.values) > self.high
        return (f"{low} and less" if below else low), (f"{high} and more" if above else high)


@dataclass(frozen=True, eq=False)
class Words:
    """A column as groups: the most frequent values in the order in which people count, then `OTHER`, then `NONE`."""

    name: str
    of: NDArray[np.int32] = field(repr=False)  # (N,) places in `groups`
    groups: tuple[str, ...]
    folded: int = 0  # different values that are in `OTHER`
    without: bool = False  # whether the last group is `NONE`


def names(data: Sequence[Dataset]) -> tuple[str, ...]:
    """The columns of several data sets, those of one name once."""
    return tuple(dict.fromkeys(name for each in data for name in each.columns))


def row(data: Dataset, item: Item, names: Sequence[str]) -> tuple[str, ...]:
    """What is known of a picture under those names, "" where its data set has no such column."""
    known = dict(zip(data.columns, item.facts, strict=True))
    return tuple(known.get(name, "") for name in names)


def told(data: Dataset, item: Item) -> str:
    """The first of all that is known of a picture, on one line; "" for nothing."""
    known = [f"{name}: {text}" for name, text in zip(data.columns, item.facts, strict=True) if text]
    return " · ".join(known[:TOLD]) + (f" and {len(known) - TOLD} more" if len(known) > TOLD else "")


def column(name: str, located: Sequence[tuple[Dataset, Item]]) -> Numbers | Words:
    """Of N pictures, row by row."""
    found = said(name, located)
    return numbers(name, found) or words(name, found)


def said(name: str, located: Sequence[tuple[Dataset, Item]]) -> list[str]:
    """The texts of a column, of N pictures row by row, "" where nothing is known."""
    place = {id(data): data.columns.index(name) if name in data.columns else -1 for data, _ in located}
    return [item.facts[at] if (at := place[id(data)]) >= 0 and item.facts else "" for data, item in located]


def numbers(name: str, said: Sequence[str]) -> Numbers | None:
    """None where some value is no number, or there are so few that they are groups."""
    parsed = {text: _number(text) for text in set(said) if text.casefold() not in MISSING}
    if len(set(parsed.values())) <= FEW or not all(math.isfinite(each) for each in parsed.values()):
        return None
    values = np.array([parsed.get(text, math.nan) for text in said])
    return Numbers(name, values, *_without_outliers(values))


def often(of: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Of places (N,) in a list, those that stay groups of their own, rising: all that occur or, where these are more
    than `GROUPS`, the most frequent, with room for one group of all others."""
    found, counts = np.unique(of, return_counts=True)
    if len(found) <= GROUPS:
        return np.asarray(found)
    kept: NDArray[np.integer[Any]] = np.sort(found[np.argsort(-counts, kind="stable")[: GROUPS - 1]])
    return kept


def words(name: str, said: Sequence[str]) -> Words:
    """Rare values are folded into one group where there are too many for the eye."""
    names = sorted({text for text in said if text}, key=natural)
    # a picture may be called "other" in truth: places, not names, tell the groups apart
    place = {text: at for at, text in enumerate(names)}
    named = np.array([place.get(text, -1) for text in said], np.int64)
    kept = often(named[named >= 0])
    folded = len(names) - len(kept)
    rest, nothing = len(kept), len(kept) + bool(folded)
    of = np.where(np.isin(named, kept), np.searchsorted(kept, named), rest)
    of = np.where(named < 0, nothing, of).astype(np.int32)
    without = not names or "" in said
    groups = tuple(names[at] for at in kept)
    shown = (*groups, *([others(folded)] if folded else ()), *([NONE] if without else ()))
    return Words(name, of, shown, folded, without)


def others(folded: int) -> str:
    """What the group of all that are not told apart is called."""
    return f"{OTHER} ({folded:,} more)"


def in_words(number: float) -> str:
    """As a person writes it, to four figures: 1,250,000 and 0.5; a year has no comma."""
    if number and not 0.001 <= abs(number) < 1e15:
        return f"{number:.4g}"
    digits = max(0, 3 - math.floor(math.log10(abs(number)))) if number else 0
    told = f"{number:,.{digits}f}" if abs(number) >= 10_000 else f"{number:.{digits}f}"
    return told.rstrip("0").rstrip(".") if "." in told else told


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _without_outliers(values: NDArray[np.float64]) -> tuple[float, float]:
    """The least and the greatest of (N,) values, nan aside and without those of the rarest hundredth at an end that lie
    so far off that all others would be left with less than half of the scale."""
    known = np.sort(values[~np.isnan(values)])
    rare = max(1 if len(known) < MANY else 2, len(known) // RARE)
    first, last = known[rare], known[-1 - rare]
    if first == last:  # nearly all are the same: only the rare ones differ
        return float(known[0]), float(known[-1])
    near = known[(known >= first - (last - first)) & (known <= last + (last - first))]
    return float(near[0]), float(near[-1])
