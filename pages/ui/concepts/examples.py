"""Step 1: the concepts there are, as cards to choose from; where to make, bring and take away more."""

from __future__ import annotations

from itertools import islice

import streamlit as st

from pages.ui import media
from pages.ui.components.deck import Card, deck
from pages.ui.concepts import making
from pages.ui.concepts.study import NEW, Study
from xai_core.concepts.concept import Concept, Concepts
from xai_core.concepts.power import hint
from xai_core.names import as_text
from xai_core.tcav.settings import ENOUGH, LEAST

ON_A_CARD = 2  # pictures


def column(kept: Study, inside: Concepts) -> None:
    """The cards and what can be done with those chosen."""
    st.header("1 · Examples", anchor=False)
    for message in inside.messages:
        st.warning(as_text(message), icon=":material/report:")
    if inside.concepts:
        deck(
            [_card(kept, each) for each in inside.concepts],
            "Concepts",
            key="concept-deck",
            on_toggle=kept.toggle,
            on_open=kept.look_into,
        )
    else:
        st.markdown("A **concept** is an idea shown by pictures: stripes, redness, wheels. Ten or more make a test.")
    _tools(kept, inside)
    making.arriving()
    _hint(kept, inside)


def _card(kept: Study, each: Concept) -> Card:
    count = len(each.items)
    few = count < LEAST
    return Card(
        key=each.key,
        title=each.title,
        urls=tuple(islice(filter(None, (media.small(each.data, item) for item in each.items)), ON_A_CARD)),
        note=f"{count:,} {'picture' if count == 1 else 'pictures'}{': too few' if few else ''}",
        hint=f"{each.title}: {each.origin}",
        chosen=each.key in kept.chosen,
        open=each.key == kept.open,
    )


def _tools(kept: Study, inside: Concepts) -> None:
    with st.container(horizontal=True):
        new = st.button(
            "New concept",
            icon=":material/add:",
            key="concept-new",
            type="secondary" if inside.concepts else "primary",
            disabled=kept.open == NEW,
        )
        if new:
            kept.look_into(NEW)
            st.rerun()
        making.ready_button(inside)
        making.bring_popover(kept)
        making.export_popover(kept, inside)


def _hint(kept: Study, inside: Concepts) -> None:
    """What the smallest of the chosen sets can show."""
    chosen = [each for each in inside.concepts if each.key in kept.chosen]
    if not chosen:
        if inside.concepts:
            st.caption("Click the concepts that you want to ask about.")
        return
    smallest = min(chosen, key=lambda each: len(each.items))
    if len(smallest.items) < ENOUGH or len(chosen) == 1:
        st.caption(f"{as_text(smallest.title)}: {as_text(hint(len(smallest.items)))}")
