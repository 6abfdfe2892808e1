"""One visitor's place on the map page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import streamlit as st

from pages.ui.components.scatter_view import Rows
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.placing import Placed
from xai_core.embedding.request import ACTIVATIONS, DrawMap, Source
from xai_core.embedding.settings import USUAL, Settings

LABEL, PREDICTION, RIGHT, SURENESS = "Label", "Prediction", "Right or wrong", "How sure"
COLOURINGS = (LABEL, PREDICTION, RIGHT, SURENESS)


def _none() -> Rows:
    return np.zeros(0, np.intp)


@dataclass
class Atlas:
    """What has been chosen, drawn and marked; rows are those of `drawn`."""

    source: str = ""  # "shelf/key"; "" until one is chosen
    layers: dict[str, str] = field(default_factory=dict)  # by model; "" is what the last linear layer reads
    of: str = ACTIVATIONS
    settings: Settings = USUAL
    colouring: str = LABEL
    drawn: PictureMap | None = None
    enough: bool = False  # said of the map that is being drawn
    refused: DrawMap | None = None  # what could not be drawn, or was stopped: not begun again by itself
    rows: Rows = field(default_factory=_none)
    current: int | None = None
    cell: tuple[int, int] | None = None  # of the confusion table
    placed: Placed | None = None

    def show(self, drawn: PictureMap) -> None:
        """A new map; marks stay where the pictures are the same ones."""
        same = self.drawn is not None and self.drawn.request.sources == drawn.request.sources
        if not same:
            self.rows, self.current, self.cell = _none(), None, None
        self.drawn, self.placed = drawn, None

    def wants(self, model: str, source: Source) -> DrawMap:
        """The map of what is chosen now."""
        return DrawMap(model, (source,), self.layers.get(model, ""), self.of, self.settings)

    def is_of(self, wanted: DrawMap) -> bool:
        """Whether what is drawn is what is wanted, perhaps stopped before its end."""
        if self.drawn is None:
            return False
        found = self.drawn.request
        return found == wanted or (not self.drawn.complete and replace(found, settings=wanted.settings) == wanted)


def atlas() -> Atlas:
    """This visitor's, laid out at their first visit."""
    kept: Atlas = st.session_state.setdefault("map-state", Atlas())
    return kept
