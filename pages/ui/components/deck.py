"""Cards to choose several of: each with a few of its pictures, and a way to look inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.components import heard
from pages.ui.components.scripts import script, style

_component = st.components.v2.component(
    "second_look_deck",
    html='<div class="deck" role="group"></div>',
    css=style("deck/deck"),
    js=script("shared/base", "shared/actions", "shared/refill", "deck/deck"),
)


@dataclass(frozen=True)
class Card:
    """One card; keys must differ."""

    key: str
    title: str
    urls: tuple[str, ...]  # of two pictures
    note: str  # "12 pictures"
    hint: str = ""  # shown when it is pointed at
    chosen: bool = False
    open: bool = False


def deck(
    cards: Sequence[Card], label: str, *, key: str, on_toggle: Callable[[str], None], on_open: Callable[[str], None]
) -> None:
    """Draw the cards in their order; the callbacks hear a card's key before the script runs again."""
    keys = {card.key for card in cards}

    def acted() -> None:
        raw = heard.once(key)
        card = raw.get("card") if raw is not None else None
        if raw is not None and isinstance(card, str) and card in keys:
            (on_open if raw.get("kind") == "open" else on_toggle)(card)

    data = {"cards": [asdict(card) for card in cards], "label": label, "heard": heard.latest(key)}
    _component(key=key, data=data, on_action_change=acted)
