"""What the points can be coloured by, and the colours themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pages.ui.components.scatter_view import Group, Groups, Shades
from pages.ui.map.state import COLUMN, DATA, LABEL, PREDICTION, RIGHT, SPLIT, SURENESS
from xai_core.datasets import columns
from xai_core.datasets.dataset import SPLITS, Dataset, Item
from xai_core.datasets.layout import natural
from xai_core.embedding import ways
from xai_core.embedding.picture_map import PictureMap
from xai_core.names import different
from xai_core.world.facts import SHADES

RIGHTS = (Group("right", ways.RIGHT), Group("wrong", ways.WRONG), Group("not known", ways.GREY))

Whole = NDArray[np.integer[Any]]


def offered(data: Sequence[Dataset]) -> dict[str, str]:
    """Ways to colour pictures of these sets with what to call them: only what can tell some of them apart."""
    told = {LABEL: LABEL} if any(each.classes for each in data) else {}
    told |= {each: each for each in (PREDICTION, RIGHT, SURENESS)}
    if len(data) > 1:
        told[DATA] = DATA
    if len({item.split for each in data for item in each.items}) > 1:
        told[SPLIT] = SPLIT
    for name in columns.names(data):
        told[COLUMN + name] = f"{name} (column)" if name in told else name
    return told


def fitting(wanted: str, data: Sequence[Dataset]) -> str:
    """What is wanted where these sets have it; otherwise what says most about them."""
    told = offered(data)
    if wanted in told:
        return wanted
    return next(each for each in (LABEL, DATA, PREDICTION) if each in told)


def colour(wanted: str, shown: PictureMap) -> Groups | Shades:
    """Row by row of the map. Errors as `PictureMap.opened` for what only the data sets know."""
    if wanted == RIGHT:
        return _groups(RIGHT, np.where(shown.known, np.where(shown.right, 0, 1), 2), RIGHTS)
    if wanted == PREDICTION:
        return _groups(PREDICTION, shown.predicted, tuple(map(_class, shown.labels)))
    if wanted == SURENESS:
        return Shades("How sure the model is", shown.confidence)
    if wanted == DATA:
        return _groups(DATA, shown.sources, tuple(map(Group, different(shown.datasets))), told=True)
    if wanted == SPLIT:
        return _split(shown)
    if wanted.startswith(COLUMN):
        return _column(wanted.removeprefix(COLUMN), shown)
    return _label(shown)


def _label(shown: PictureMap) -> Groups:
    """The classes as the data sets call them; one for all pictures without any."""
    found = [shown.own_label(row) for row in range(len(shown))]
    names = sorted(set(found) - {""}, key=natural)
    places = {name: place for place, name in enumerate(names)}
    of = np.array([places.get(name, -1) for name in found], np.int32)
    return _groups(LABEL, of, tuple(map(_class, names)))


def _class(name: str) -> Group:
    """The demo world's creatures in their own colours: green points for blue creatures would be misread."""
    return Group(name, SHADES.get(name, ""))


def _split(shown: PictureMap) -> Groups:
    located = _located(shown)
    of = np.array([SPLITS.index(item.split) for _, item in located], np.int32)
    return _groups(SPLIT, of, tuple(Group(ways.PARTS[each], "" if each else ways.GREY) for each in SPLITS), told=True)


def _column(name: str, shown: PictureMap) -> Groups | Shades:
    located = _located(shown)
    found = columns.column(name, located)
    if isinstance(found, columns.Numbers):
        return Shades(name, found.values, found.low, found.high, *found.ends, told=True)
    plain = len(found.groups) - found.without - bool(found.folded)
    greys = (ways.SLATE,) * bool(found.folded) + (ways.GREY,) * found.without
    groups = tuple(map(Group, found.groups, ("",) * plain + greys))
    said = columns.said(name, located)
    own = {int(row): said[row] for row in np.flatnonzero(found.of == plain)} if found.folded else {}
    return Groups(name, found.of, groups, told=True, own=own)


def _located(shown: PictureMap) -> list[tuple[Dataset, Item]]:
    opened = shown.opened()
    return [(opened[s], opened[s].items[i]) for s, i in zip(shown.sources, shown.items, strict=True)]


def _groups(title: str, of: Whole, groups: tuple[Group, ...], told: bool = False) -> Groups:
    """Only those that occur; of very many the rare ones are one group, and so are pictures of none, which are -1."""
    named = of >= 0
    kept = columns.often(of[named])
    folded = len(np.unique(of[named])) - len(kept)
    places = np.where(np.isin(of, kept), np.searchsorted(kept, of), len(kept))
    shown, own = [groups[number] for number in kept], {}
    if folded:
        own = {int(row): groups[of[row]].name for row in np.flatnonzero(named & (places == len(kept)))}
        shown.append(Group(columns.others(folded), ways.SLATE))
    if not named.all():
        places = np.where(named, places, len(shown))
        shown.append(Group("without a label", ways.GREY))
    return Groups(title, places.astype(np.int32), tuple(shown), told, own if told else {})
