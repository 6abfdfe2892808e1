"""Below the grid: what stands behind the maps, one question at a time."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.bound import bound
from pages.ui.compare import agreeing, hiding, many, pair
from pages.ui.compare.comparison import TABS, comparison
from pages.ui.compare.panels import Entry
from pages.ui.shelf import Shelf
from xai_core.describe import ModelCard
from xai_core.method import Method
from xai_core.predict import Prediction


def tabs(
    kept: Shelf, cards: Sequence[Method], shown: Sequence[Entry], prediction: Prediction, card: ModelCard, target: int
) -> None:
    """Only the open one is computed."""
    told = comparison()

    def take(picked: str) -> None:
        told.tab = TABS.index(picked)

    hide, agree, two, ten = st.tabs(TABS, **bound("evidence", TABS[told.tab], take))
    with hide:
        if hide.open:
            hiding.show(shown)
    with agree:
        if agree.open:
            agreeing.show(kept, shown, card)
    with two:
        if two.open:
            pair.show(kept, cards, prediction, card, target)
    with ten:
        if ten.open:
            many.show(kept, prediction, card, target)
