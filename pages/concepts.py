"""Which ideas does the model use? Build concepts from pictures and test them (TCAV)."""

from __future__ import annotations

import streamlit as st

from pages.ui import guide, watching, work
from pages.ui.components.answer import answer as large
from pages.ui.concepts import answer, examples, question, tabs, workshop
from pages.ui.concepts.study import Study, study
from pages.ui.shelf import Shelf, shelf
from xai_core.concepts.concept import concepts
from xai_core.describe import Describe
from xai_core.tcav.headline import headline

QUESTION = "Which ideas does the model use?"
BEGIN = "Show it an idea in a dozen pictures, and it tells whether that idea counts for an answer."


def page(kept: Shelf, told: Study) -> None:
    """The whole page, top to bottom."""
    guide.banner("concepts", kept)
    card = work.card(kept.model)
    if card is None:
        watching.waiting([Describe(kept.model)], QUESTION)
        return
    st.title(QUESTION, anchor=False)
    heading = st.container()
    workshop.undo(told)
    if told.open:
        workshop.show(kept, told)
    inside = concepts()
    first, second, third = st.columns([5, 5, 8], gap="medium")
    with first:
        examples.column(told, inside)
    with second:
        asked = question.column(told, card, inside)
    with third:
        answer.column(kept, told, asked)
    found = answer.judged(told)
    with heading:
        if found.findings:
            large(headline(found), key="concept-answer")
        else:
            st.markdown(BEGIN)
    tabs.row(kept, told, found)


with work.page("concepts"):
    page(shelf(), study())
