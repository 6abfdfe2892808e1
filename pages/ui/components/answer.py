"""The page's answer in large type, class names marked; text only, so that no label is ever read as markup."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from xai_core.sentence import Headline

HERE = Path(__file__).parent / "answer"
_component = st.components.v2.component(
    "answer",
    html='<p class="said" role="status"></p><p class="warning" role="note" hidden></p>',
    css=(HERE / "answer.css").read_text(encoding="utf-8"),
    js=(HERE / "answer.js").read_text(encoding="utf-8"),
)


def answer(told: Headline, key: str) -> None:
    """Draw it; the warning stands below, with its sign. No line breaks between a number and its percent sign."""
    pieces = [{"text": piece.text.replace(" %", "\u00a0%"), "strong": piece.strong} for piece in told.pieces]
    _component(key=key, data={"pieces": pieces, "warning": told.warning})
