"""What the address of the models & data page holds: the room, and what is looked at in it."""

from __future__ import annotations

from typing import get_args

from pages.ui.models.rooms import Room, Rooms, rooms
from pages.ui.query import Query, Values, without_usual
from xai_core.datasets.dataset import datasets
from xai_core.training.recipe import Kind

ROOMS = {room.name.lower(): room for room in Room}
MOST_CLASSES = 100_000


def values() -> Values:
    """Without what is usual."""
    kept = rooms()
    told = {"room": kept.room.name.lower()}
    if kept.room in (Room.PICTURES, Room.TRAIN, Room.EVALUATE):
        told["data"] = kept.data_set
    if kept.room is Room.PICTURES:
        told["show"] = kept.shown
    if kept.room is Room.TRAIN:
        told["train"] = kept.training
    if kept.room is Room.EVALUATE and kept.cell is not None:
        told["truth"], told["named"] = map(str, kept.cell)
    usual = {"room": Rooms().room.name.lower(), "train": Rooms().training, "data": _first(kept.room)}
    return without_usual(told, usual)


def _first(room: Room) -> str:
    """The data set that the page itself chooses while the visitor has not."""
    return next((each.key for each in datasets() if each.classes or room is Room.PICTURES), "")


def read(query: Query) -> None:
    """Set the page's state; a class that the data set does not have shows all of them."""
    kept = rooms()
    kept.go(query.one("room", ROOMS, Rooms().room))
    kept.data_set = query.one("data", {each.key: each.key for each in datasets()}, "")
    kept.shown = query.values.get("show", "")
    kinds: tuple[Kind, ...] = get_args(Kind)
    kept.training = query.one("train", {kind: kind for kind in kinds}, Rooms().training)
    cell = query.number("truth", MOST_CLASSES, None), query.number("named", MOST_CLASSES, None)
    kept.cell = (cell[0], cell[1]) if cell[0] is not None and cell[1] is not None else None
