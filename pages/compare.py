"""Compare explanations of one picture: what did the model look at?"""

from __future__ import annotations

import streamlit as st

from pages.ui import guide, watching, work
from pages.ui.bound import bound, bound_to
from pages.ui.compare import column, evidence, headline, panels, plan
from pages.ui.compare.comparison import comparison
from pages.ui.shelf import Shelf, shelf
from pages.ui.target import target_of
from xai_core.describe import Describe
from xai_core.method import methods
from xai_core.predict import Predict, Prediction

LEFT = 220  # pixels: the left column keeps its width, so that panels get what a small screen has


def page(kept: Shelf) -> None:
    """The whole page, top to bottom."""
    guide.banner("compare", kept)
    heading = st.container()
    body = st.container(horizontal=True, wrap=False, gap="medium")
    left, right = body.container(width=LEFT), body.container()
    model, asked = Describe(kept.model), Predict(kept.model, kept.picture, kept.framing)
    card = work.card(kept.model)
    prediction = work.quickly(asked).result if card else None
    with right:
        cards = plan.cards(_preset(), card, comparison().methods)
    if card is None or not isinstance(prediction, Prediction):
        with heading:
            watching.waiting([model, asked], headline.QUESTION)
        with left:
            column.picture(kept, None)
        with right:
            panels.placeholders(kept, cards)
        return
    target = target_of(kept, prediction)
    shown = panels.entries(kept, cards, prediction, target)
    with heading:
        headline.show(kept, prediction, target, shown)
    with left:
        column.picture(kept, prediction.framed.box)
        column.answer(kept, prediction, target)
    with right:
        panels.grid(kept, shown, card)
        evidence.tabs(kept, cards, shown, prediction, card, target)


def _preset() -> plan.Preset:
    told = comparison()
    st.segmented_control(
        "Methods",
        list(plan.Preset),
        required=True,
        label_visibility="collapsed",
        **bound_to(told, "preset", "preset"),
    )
    if told.preset is plan.Preset.CHOSEN:
        titles = {card.key: card.title for card in methods().values()}

        def take(picked: list[str]) -> None:
            told.methods = tuple(picked)

        st.multiselect(
            "Methods to compare",
            list(titles),
            format_func=titles.__getitem__,
            **bound("chosen", list(told.methods), take),
        )
    return told.preset


with work.page("compare"):
    page(shelf())
