"""What pictures came with beside their class: columns of text, some of which are numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets.dataset import Dataset, Item
from xai_core.datasets.layout import natural

FEW = 12  # different numbers that are still told apart as groups
TOLD = 8  # columns on one line
GROUPS = 20  # of text, with the one for all rare values
OTHER, NONE = "other", "not known"
MISSING = {"", "na", "n/a", "nan", "none", "null", "-", "?"}  # how tables say that a number is not known


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of which every value is a number."""

    name: str
    values: NDArray[np.float64] = field(repr=False)  # (N,), nan where a picture has none
    low: float
    high: float  # above `low`


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


def told(data: Dataset, item: Item) -> str:
    """The first of all that is known of a picture, on one line; "" for nothing."""
    known = [f"{name}: {text}" for name, text in zip(data.columns, item.facts, strict=True) if text]
    return " · ".join(known[:TOLD]) + (f" and {len(known) - TOLD} more" if len(known) > TOLD else "")


def column(name: str, located: Sequence[tuple[Dataset, Item]]) -> Numbers | Words:
    """Of N pictures, row by row."""
    place = {id(data): data.columns.index(name) if name in data.columns else -1 for data, _ in located}
    said = [item.facts[at] if (at := place[id(data)]) >= 0 and item.facts else "" for data, item in located]
    return numbers(name, said) or words(name, said)


def numbers(name: str, said: Sequence[str]) -> Numbers | None:
    """None where some value is no number, or there are so few that they are groups."""
    parsed = {text: _number(text) for text in set(said) if text.casefold() not in MISSING}
    if len(set(parsed.values())) <= FEW or not all(math.isfinite(each) for each in parsed.values()):
        return None
    values = np.array([parsed.get(text, math.nan) for text in said])
    return Numbers(name, values, float(np.nanmin(values)), float(np.nanmax(values)))


def words(name: str, said: Sequence[str]) -> Words:
    """Rare values are folded into one group where there are too many for the eye."""
    counts = Counter(text for text in said if text)
    often = [text for text, _ in sorted(counts.items(), key=lambda pair: (-pair[1], natural(pair[0])))]
    kept = often if len(often) <= GROUPS else often[: GROUPS - 1]
    folded, groups = len(often) - len(kept), sorted(kept, key=natural)
    # a picture may be called "other" in truth: places, not names, tell the groups apart
    place = {text: at for at, text in enumerate(groups)}
    rest, nothing = len(groups), len(groups) + bool(folded)
    of = np.array([place.get(text, rest) if text else nothing for text in said], np.int32)
    without = len(counts) == 0 or "" in said
    shown = (*groups, *([f"{OTHER} ({folded:,} more)"] if folded else ()), *([NONE] if without else ()))
    return Words(name, of, shown, folded, without)


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
