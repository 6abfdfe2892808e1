"""The page's question, and under it the answer in one sentence that grows as results arrive."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from pages.ui import watching
from pages.ui.compare import panels
from pages.ui.compare.panels import Entry
from pages.ui.components.answer import answer
from pages.ui.shelf import Shelf
from xai_core.agreement import Agreement, agreement
from xai_core.explain import Explanation
from xai_core.predict import Prediction
from xai_core.sentence import headline

QUESTION = "What did the model look at?"


def show(kept: Shelf, prediction: Prediction, target: int, shown: Sequence[Entry]) -> None:
    """The answer as far as it is known; looks again by itself while more is coming."""
    st.title(QUESTION, anchor=False)

    def draw() -> None:
        found = panels.finished(shown)
        together = consensus(tuple(found)) if len(found) > 1 else None
        hidden = panels.hidden(shown)
        answer(headline(prediction, found, hidden, together, target=target, rival=kept.contrast), key="answer")

    watching.polled(draw, live=panels.unfinished(shown))


@lru_cache(maxsize=64)
def consensus(found: tuple[Explanation, ...]) -> Agreement:
    """How far these maps agree; remembered, as the page asks again and again."""
    return agreement(found)
