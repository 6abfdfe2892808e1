"""Destroy the network block by block: would this explanation notice if the model had learned nothing?"""

from __future__ import annotations

import streamlit as st

from pages.ui import guide, watching, work
from pages.ui.sanity import controls, evidence, labels, questions, screen
from pages.ui.sanity.choices import choices
from pages.ui.shelf import Shelf, shelf
from pages.ui.target import target_of
from xai_core.describe import Describe
from xai_core.predict import Predict, Prediction


def page(kept: Shelf) -> None:
    """The whole page, top to bottom."""
    chosen, asked = choices(), Predict(kept.model, kept.picture, kept.framing)
    card = work.card(kept.model)
    prediction = work.quickly(asked).result if card else None
    if questions.chosen() is questions.Question.LABELS:
        guide.banner("labels", kept)
        labels.show(kept)
        return
    guide.banner("sanity", kept)
    heading = st.container()
    if card is None or not isinstance(prediction, Prediction):
        with heading:
            watching.waiting([Describe(kept.model), asked], screen.QUESTION)
        return
    target = target_of(kept, prediction)
    controls.row(kept, chosen, prediction, card, target)
    survey, tests = chosen.survey(kept, target), [chosen.test(kept, target, m.key) for m in chosen.cards(card)]
    with heading:
        screen.headline(survey, tests)
    screen.show(kept, survey, tests, prediction)
    evidence.tabs(kept, chosen, survey, tests)


with work.page("sanity"):
    page(shelf())
