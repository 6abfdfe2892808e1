"""One visitor's place on the map page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import streamlit as st

from pages.ui.components.scatter_view import Rows, Whereabouts
from pages.ui.map.looking import USUAL as USUAL_LOOKING
from pages.ui.map.looking import Looking
from xai_core.datasets.dataset import Dataset
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.placing import Placed
from xai_core.embedding.request import ACTIVATIONS, DrawMap, Source
from xai_core.embedding.settings import USUAL, Settings

LABEL, PREDICTION, RIGHT, SURENESS = "Label", "Prediction", "Right or wrong", "How sure"
DATA, SPLIT = "Data set", "Training or test"
COLUMN = "column/"  # and its name: a colouring by what the pictures came with


def _none() -> Rows:
    return np.zeros(0, np.intp)


@dataclass
class Atlas:
    """What has been chosen, drawn and marked; rows are those of `drawn`."""

    sources: tuple[str, ...] | None = None  # "shelf/key" each; None until some are chosen: then the first there is
    lost: dict[str, str] = field(default_factory=dict)  # titles of those that somebody has removed meanwhile
    layers: dict[str, str] = field(default_factory=dict)  # by model; "" is what the last linear layer reads
    of: str = ACTIVATIONS
    settings: Settings = USUAL
    colouring: str = LABEL  # one of those above, or COLUMN and a name
    drawn: PictureMap | None = None
    enough: bool = False  # said of the map that is being drawn
    refused: DrawMap | None = None  # what could not be drawn, or was stopped: not begun again by itself
    rows: Rows = field(default_factory=_none)
    current: int | None = None
    where: Whereabouts = field(default_factory=Whereabouts)  # on the map a person has moved to
    cell: tuple[int, int] | None = None  # of the confusion table
    awaited: bool = False  # these marks came by an address, before the map that they belong to
    seen: tuple[int | None, str] = (None, "")  # `current` and the digest of the whole app's picture, a run ago
    placed: Placed | None = None
    varied: str = ""  # in what the maps differ that are laid beside this one: "seed", "perplexity" or nothing yet
    beside: tuple[DrawMap, ...] = ()  # these maps; () until they are chosen
    looking: Looking = USUAL_LOOKING  # at what is selected

    def show(self, drawn: PictureMap) -> None:
        """A new map; marks stay where the pictures are the same ones."""
        same = self.drawn is not None and self.drawn.request.sources == drawn.request.sources
        if not same and not self.awaited:
            self.rows, self.current, self.cell, self.seen = _none(), None, None, (None, "")
            self.looking = replace(self.looking, pair=())
        self.rows = self.rows[self.rows < len(drawn)]
        self.drawn, self.placed, self.awaited = drawn, None, False

    def marks(self, shown: PictureMap) -> bool:
        """Whether what is marked was marked on the pictures of this map."""
        return self.drawn is None or self.drawn.request.sources == shown.request.sources

    def wants(self, model: str, sources: Sequence[Dataset]) -> DrawMap:
        """The map of what is chosen now, of these pictures."""
        given = tuple(Source(data.key, data.revision, data.shelf) for data in sources)
        return DrawMap(model, given, self.layers.get(model, ""), self.of, self.settings)

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
