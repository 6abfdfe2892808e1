"""The page's answer in large type, class names marked; text only, so that no label is ever read as markup."""

from __future__ import annotations

import streamlit as st

from pages.ui.components.scripts import script, style
from xai_core.sentence import Headline

_component = st.components.v2.component(
    "answer",
    html='<p class="said" role="status"></p><p class="warning" role="note" hidden></p>',
    css=style("answer/answer"),
    js=script("answer/answer"),
)


def answer(told: Headline, key: str) -> None:
    """Draw it; the warning stands below, with its sign. No line breaks between a number and its percent sign."""
    pieces = [{"text": piece.text.replace(" %", "\u00a0%"), "strong": piece.strong} for piece in told.pieces]
    _component(key=key, data={"pieces": pieces, "warning": told.warning})
