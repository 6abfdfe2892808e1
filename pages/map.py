"""Where do the pictures lie, in the eyes of the model? A map to find what to explain next."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui import watching, work
from pages.ui.components.answer import answer
from pages.ui.components.scatter import scatter
from pages.ui.components.scatter_view import Rows, Whereabouts
from pages.ui.map import below, controls, detail, drawing, in_step, selected, side_by_side, views
from pages.ui.map.state import Atlas, atlas
from pages.ui.shelf import Shelf, shelf
from xai_core.describe import Describe
from xai_core.embedding import words
from xai_core.embedding.picture_map import PictureMap

QUESTION = "Which pictures look alike to the model?"


def page(kept: Shelf, told: Atlas) -> None:
    """The whole page, top to bottom."""
    card = work.card(kept.model)
    if card is None:
        watching.waiting([Describe(kept.model)], QUESTION)
        return
    st.title(QUESTION, anchor=False)
    heading = st.container()
    if controls.arriving(kept, told):
        return
    data = controls.row(told, card)
    if not data:
        controls.no_pictures()
        return
    shown = drawing.follow(told, told.wants(kept.model, data))
    if shown is None:
        return
    with heading:
        answer(words.headline(shown), key="map-answer")
    _map(kept, told, shown)


def _map(kept: Shelf, told: Atlas, shown: PictureMap) -> None:
    with st.container():  # with or without something to wait for, what follows stays where it is
        small = views.small_pictures(shown)
    opened = shown.opened()
    names = [opened[s].items[i].name for s, i in zip(shown.sources, shown.items, strict=True)]
    # a class that the model does not have would be taken for a mistake on the card; in the name it is only told
    titles = tuple(
        f"{name} ({own})" if not shown.known[row] and (own := shown.own_label(row)) else name
        for row, name in enumerate(names)
    )

    def select(rows: Rows) -> None:
        told.rows, told.cell = np.asarray(rows), None

    def click(row: int) -> None:
        told.current = row

    def look(where: Whereabouts) -> None:
        told.where = where

    in_step.keep(kept, told, shown)
    left, right = st.columns([2, 1], gap="medium")
    view = views.view(told, shown, small, titles)
    with left:
        scatter(view, key="map-scatter", on_select=select, on_click=click, where=told.where, on_look=look,
                live=drawing.live(shown))  # fmt: skip
        moving = drawing.under_way(told)
        if not moving:
            below.trust(shown)
    with right:
        detail.column(kept, told, shown)
    if not moving:
        side_by_side.section(told, shown, view)
    selected.drawer(kept, told, shown, small)
    with st.expander("What it takes for what", icon=":material/table:", expanded=told.cell is not None):
        below.table(told, shown)
        below.scores(shown)
    below.files(shown, small)


with work.page("map"):
    page(shelf(), atlas())
