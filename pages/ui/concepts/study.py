"""One visitor's study of concepts: which are in question, what is being cut out, what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from pages.ui.components.cutter import Box
from xai_core.picture import Picture
from xai_core.tcav.request import Tcav
from xai_core.tcav.settings import LEAST, USUAL, Settings

NEW = "/new"  # keys of the library hold no "/"
Correction = Literal["Holm", "Bonferroni"]
LAYERS, RANKED, PICTURE, TABLE, EARLIER = (
    ":material/stacked_line_chart: Where in the network",
    ":material/sort: Pictures by concept",
    ":material/center_focus_strong: In one picture",
    ":material/table: Table and files",
    ":material/bookmarks: Earlier tests",
)
TABS = (LAYERS, RANKED, PICTURE, TABLE, EARLIER)
RANDOMS = (100, 200, 400, 800, 1600)  # random concepts, to choose from
BOUNDS = {"runs": (5, 50), "random_concepts": (RANDOMS[0], RANDOMS[-1]), "most": (LEAST, 200), "examples": (10, 200),
          "seed": (0, 9999)}  # of what the page lets one choose  # fmt: skip


@dataclass
class Tray:
    """Pictures on their way into one concept: boxes drawn on pictures, and whole pictures."""

    boxes: dict[str, list[Box]] = field(default_factory=dict)  # by the digest of the picture they lie on
    cut_from: dict[str, Picture] = field(default_factory=dict)
    whole: list[Picture] = field(default_factory=list)
    version: int = 0  # raised when Python, not the browser, changes boxes

    def draw_on(self, picture: Picture, boxes: list[Box]) -> None:
        self.cut_from[picture.digest], self.boxes[picture.digest] = picture, boxes

    def drop(self, digest: str, at: int) -> None:
        """Take one box away."""
        del self.boxes[digest][at]
        self.version += 1

    def clear(self) -> None:
        """Everything went into the concept."""
        self.boxes, self.cut_from, self.whole, self.version = {}, {}, [], self.version + 1


@dataclass
class Study:
    """What this visitor has chosen on the concepts page."""

    chosen: list[str] = field(default_factory=list)  # keys of the concepts in question
    open: str = ""  # key of the concept that is looked into; NEW while one is being made; "" for none
    tray: Tray = field(default_factory=Tray)
    classes: dict[str, list[str]] = field(default_factory=dict)  # by model: labels in question
    layers: dict[str, list[str]] = field(default_factory=dict)  # by model
    source: str = ""  # "shelf/key" of the pictures of the classes
    pool: str = ""  # key of the counter-examples
    relative: bool = False
    settings: Settings = USUAL
    correction: Correction = "Holm"
    asked: tuple[Tcav, ...] = ()
    ask_at_once: bool = False  # the question is complete and need not wait for a click
    layer: str = ""  # that the bars show
    tab: int | None = None  # below the answer; None until one is chosen
    moves: int = 0  # how often the page itself changed what a widget shows: a fresh widget each time
    taken_out: tuple[str, tuple[str, ...]] | None = None  # concept and pictures that can be put back

    def toggle(self, key: str) -> None:
        """Take a concept into the question, or out of it."""
        self.chosen = [each for each in self.chosen if each != key] if key in self.chosen else [*self.chosen, key]

    def look_into(self, key: str) -> None:
        """Open a concept, or close it again; what was being cut stays with a new concept only."""
        if self.open != key:
            self.tray.clear()
        self.open, self.moves, self.taken_out = ("" if self.open == key else key), self.moves + 1, None

    def close(self) -> None:
        self.tray.clear()
        self.open, self.moves, self.taken_out = "", self.moves + 1, None


def study() -> Study:
    """This visitor's, laid out at their first visit."""
    kept: Study = st.session_state.setdefault("concept-study", Study())
    return kept
