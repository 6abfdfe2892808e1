"""The two ways to ask whether an explanation would notice: destroy the weights, or shuffle the labels."""

from __future__ import annotations

from enum import StrEnum

import streamlit as st


class Question(StrEnum):
    """The two tests of Adebayo 2018."""

    WEIGHTS = "Destroy the weights"
    LABELS = "Shuffle the labels"


def chosen() -> Question:
    """The row that switches between them."""
    before = open_one()
    picked = st.segmented_control(
        "Test",
        list(Question),
        default=before,
        required=True,
        key=f"sanity-question-{before}",
        label_visibility="collapsed",
    )
    if picked is not None and picked != before:
        st.session_state["sanity-question"] = picked
        st.rerun()
    return Question(picked or before)


def open_one() -> Question:
    """The one that stands on the page."""
    return Question(st.session_state.get("sanity-question", Question.WEIGHTS))


def ask(question: Question) -> None:
    """The next visit to the page opens on this one."""
    st.session_state["sanity-question"] = question
