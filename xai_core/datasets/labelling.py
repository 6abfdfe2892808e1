"""Classes and parts of the data that a table gives where the folders say nothing."""

from __future__ import annotations

from dataclasses import replace

from xai_core.datasets.layout import SPLIT_NAMES, Layout, Place, natural
from xai_core.datasets.tables import Told

LABELS = ("label", "class", "category", "target", "class name", "label name")
PARTS = ("split", "part", "subset", "set", "fold")
MOST = 2000  # classes


def labelled(layout: Layout, told: Told) -> tuple[Layout, tuple[str, ...]]:
    """The layout with what the tables add to it, and the columns that are left."""
    columns = tuple(told.columns)
    if not layout.classes and (column := _called(columns, LABELS)):
        found = {place: known[column] for place, known in told.facts.items() if column in known}
        if len(set(found.values())) <= MOST:
            layout, columns = _classes(layout, found), tuple(name for name in columns if name != column)
    if not any(place.split for place in layout.places) and (column := _called(columns, PARTS)):
        parts = {place: known[column].casefold() for place, known in told.facts.items() if column in known}
        if all(part in SPLIT_NAMES for part in parts.values()):
            places = tuple(
                Place(place.label, SPLIT_NAMES[parts[number]]) if number in parts else place
                for number, place in enumerate(layout.places)
            )
            layout = replace(layout, places=places, words=f"{layout.words}; parts of the data by a table")
            columns = tuple(name for name in columns if name != column)
    return layout, columns


def _classes(layout: Layout, found: dict[int, str]) -> Layout:
    classes = tuple(sorted(set(found.values()), key=natural))
    label = {name: number for number, name in enumerate(classes)}
    places = tuple(
        Place(label[found[number]] if number in found else None, place.split)
        for number, place in enumerate(layout.places)
    )
    words = "a single class" if len(classes) == 1 else f"{len(classes):,} classes"
    return replace(layout, classes=classes, places=places, words=f"{words} by a table")


def _called(columns: tuple[str, ...], names: tuple[str, ...]) -> str:
    """The first column that is called so, "" where none is."""
    plain = {name: " ".join(name.casefold().replace("_", " ").split()) for name in columns}
    return next((name for wanted in names for name in columns if plain[name] == wanted), "")
