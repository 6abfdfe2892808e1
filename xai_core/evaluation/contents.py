"""Every content counts once: copies would be on both sides of a split, and count double in a figure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from xai_core.datasets.dataset import Dataset

_HELD_OUT_FURTHEST = ("test", "validation", "train", "")


@dataclass(frozen=True)
class Contents:
    """Numbers of a data set's labelled items, rising, one for each content; and how many others there are."""

    numbers: tuple[int, ...] = field(repr=False)
    copies: int  # show the same as one of these
    contradictions: int  # show the same as each other under different labels: none of them can be trusted


def unique(data: Dataset) -> Contents:
    """Of items with the same content, the one that the data set holds out furthest."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(data.items):
        if item.label is not None:
            groups[item.digest].append(number)
    kept, copies, contradictions = [], 0, 0
    for group in groups.values():
        if len({data.items[number].label for number in group}) > 1:
            contradictions += len(group)
            continue
        kept.append(min(group, key=lambda number: (_HELD_OUT_FURTHEST.index(data.items[number].split), number)))
        copies += len(group) - 1
    return Contents(tuple(sorted(kept)), copies, contradictions)
