"""Below the three steps: layers, pictures, one picture, figures, earlier tests."""

from __future__ import annotations

import streamlit as st

from pages.ui.bound import bound
from pages.ui.concepts import answer, kept, layer_chart, on_picture, ranking
from pages.ui.concepts.study import EARLIER, LAYERS, PICTURE, RANKED, TABLE, TABS, Study
from pages.ui.shelf import Shelf
from xai_core.tcav.grid import Grid


def row(shelf: Shelf, study: Study, told: Grid) -> None:
    """One of them at a time: only what is looked at is computed."""
    usual = LAYERS if len(told.layers) > 1 else RANKED
    options = list(TABS) if told.findings else [EARLIER]
    now = TABS[study.tab] if study.tab is not None else usual

    def take(picked: str) -> None:
        study.tab = TABS.index(picked)

    at = st.segmented_control(
        "More", options, required=True, label_visibility="collapsed",
        **bound("concept-tabs", now if now in options else EARLIER, take),
    )  # fmt: skip
    if at == LAYERS:
        layer_chart.tab(told)
    elif at == RANKED:
        ranking.tab(shelf, study, told)
    elif at == PICTURE:
        on_picture.tab(shelf, study, told)
    elif at == TABLE:
        kept.table(told, finished=not answer.unfinished(study.asked))
    else:
        kept.earlier()
