"""Ten of the selected pictures by one method: where does the model look in them?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import watching
from pages.ui.bound import bound
from pages.ui.compare import several
from pages.ui.map import apart, asking, reading
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core.describe import Describe, ModelCard
from xai_core.embedding.choosing import RULES, Rule, chosen
from xai_core.embedding.picture_map import PictureMap

TITLES: dict[Rule, str] = {
    "typical": "the most typical",
    "odd": "the least typical",
    "mistakes": "mistakes, the surest first",
    "unsure": "where it is least sure",
}


def show(shelf: Shelf, kept: Atlas, shown: PictureMap, rows: list[int]) -> None:
    """Choose the method, the class and which ten; then draw them."""
    card = watching.answered(Describe(shown.request.model), "map-model", "loading the model")
    if not isinstance(card, ModelCard):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how = asking.controls(kept, shown, card, rows, "map-explain")
        rule = _rule(kept, len(rows))
    found = _found(shown, rows, rule)
    if not found:
        return
    known = several.said(reading.pictures(shown, found), how)
    several.grid(shelf, card, known, how, key="map-explained")


def _rule(kept: Atlas, count: int) -> Rule:
    if count <= several.MOST:
        return "typical"
    now: Rule = kept.looking.rule if kept.looking.rule in RULES else "typical"

    def take(rule: Rule) -> None:
        kept.looking = replace(kept.looking, rule=rule)

    st.selectbox(
        f"Which {several.MOST}", RULES, format_func=TITLES.__getitem__, width=230, **bound("map-rule", now, take)
    )
    return now


def _found(shown: PictureMap, rows: list[int], rule: Rule) -> tuple[int, ...]:
    """The rows to explain, and a line on how they were chosen; () while that is not known."""
    along = None
    if rule in ("typical", "odd") and apart.comparable(shown, rows):
        answer = apart.found(shown, rows)
        if answer is None:
            return ()
        along = answer.along
    found = chosen(shown, rows, rule, several.MOST, along)
    st.markdown(_words(shown, rows, rule, len(found), along is not None))
    return found


def _words(shown: PictureMap, rows: list[int], rule: Rule, count: int, ordered: bool) -> str:
    if not count:
        return "The model makes no mistake among them that we know of: choose others under “Which”."
    which = f"**{count} of {len(rows):,}**" if count < len(rows) else f"**All {count}**" if count > 1 else "**One**"
    if rule in ("typical", "odd") and not ordered:
        return (
            f"{which}, in the order of the data set: with everything selected there is nothing to be typical against."
        )
    how = {
        "typical": "the most typical first: those that the model tells most clearly from all other pictures",
        "odd": "the least typical first: those that to the model are most like all other pictures",
        "mistakes": "only what the model gets wrong, where it is surest first",
        "unsure": "those first where the model is least sure of its answer",
    }[rule]
    twins = (
        " Pictures that look the same to the model are shown once." if len(set(shown.twins[rows])) < len(rows) else ""
    )
    return f"{which}, {how}.{twins}"
