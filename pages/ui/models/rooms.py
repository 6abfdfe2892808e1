"""The rooms of the models & data page, and what a visitor has chosen in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from xai_core.training.recipe import Kind

Cell = tuple[int, int]  # truth and prediction


class Room(StrEnum):
    """One task each."""

    GUIDE = "Which would you trust?"
    PICTURES = "Pictures"
    MODELS = "Models"
    TRAIN = "Train"
    EVALUATE = "Evaluate"


ICONS = {
    Room.GUIDE: ":material/balance:",
    Room.PICTURES: ":material/photo_library:",
    Room.MODELS: ":material/deployed_code:",
    Room.TRAIN: ":material/model_training:",
    Room.EVALUATE: ":material/fact_check:",
}


@dataclass
class Rooms:
    """One visitor's place on the page."""

    room: Room = Room.GUIDE
    data_set: str = ""  # key; "" until one is chosen
    shown: str = ""  # class filter of the album; "" is all
    training: Kind = "head"
    cell: Cell | None = None  # of the confusion table
    moves: int = 0  # how often the page itself went elsewhere: a fresh row of rooms each time
    uploads: int = 0  # how often files came in: a fresh uploader each time
    renamed: int = 0  # how often something was called otherwise: a fresh field each time
    removed: tuple[str, str, str] | None = None  # kind, token and title of what was removed last

    def go(self, room: Room) -> None:
        """On the next run this room is shown."""
        self.room, self.cell, self.moves = room, None, self.moves + 1


def rooms() -> Rooms:
    """This visitor's, laid out at their first visit."""
    kept: Rooms = st.session_state.setdefault("models-rooms", Rooms())
    return kept


def choose(kept: Rooms) -> Room:
    """The row of rooms; the one that is open."""
    picked = st.segmented_control(
        "What would you like to do?",
        list(Room),
        default=kept.room,
        format_func=lambda room: f"{ICONS[room]} {room.value}",
        required=True,
        key=f"room-{kept.moves}",
        label_visibility="collapsed",
    )
    if picked is not None and picked != kept.room:
        kept.room, kept.cell = picked, None
    return kept.room
