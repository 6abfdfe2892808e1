"""The model's best guesses as bars; a click makes one the class to explain."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.components.scripts import script, style
from xai_core.predict import Guess
from xai_core.sentence import percent

_component = st.components.v2.component(
    "guesses",
    html="<ul></ul>",
    css=style("guesses/guesses"),
    js=script("shared/refill", "guesses/guesses"),
)


def guesses(top: Sequence[Guess], target: int, key: str) -> int | None:
    """Draw the bars with `target` marked; the class index that was just clicked, or None."""
    rows = [{"index": g.index, "label": g.label, "share": g.probability, "words": percent(g.probability)} for g in top]
    result = _component(key=key, data={"rows": rows, "target": target}, on_chosen_change=lambda: None)
    chosen: int | None = result.chosen
    return chosen
