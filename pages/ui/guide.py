"""The guided example as it goes on from page to page: one line on what to look for here, and a way out."""

from __future__ import annotations

import streamlit as st

from pages.ui import links, places
from pages.ui.shelf import Shelf
from xai_core.picture import Picture
from xai_core.world.shipped import CHEATER, HONEST

_WORDS = {
    ("compare", HONEST): "**Model A.** Most maps lie on the creature. Now ask for model B on the same picture.",
    ("compare", CHEATER): "**Model B.** Look where the maps gather: on the small tag in the corner, not the creature.",
    ("labels", HONEST): "**Is it about the model?** A map that is the same for a model that learned nonsense is not.",
    ("sanity", HONEST): "**Model A.** Drag the slider: a map that stays the same while the model forgets says nothing.",
    ("sanity", CHEATER): "**Model B.** Its map is about the model, and still the model is wrong to look there.",
    ("concepts", HONEST): "**Model A.** It should use the creature's colours, and no tag. Choose some and press Test.",
    ("concepts", CHEATER): "**Model B.** A tag that counts for its family: the model reads the tag, as its maps said.",
}
_OTHER = {HONEST: (CHEATER, "Show model B"), CHEATER: (HONEST, "Show model A")}


def begin(kept: Shelf, model: str, picture: Picture) -> None:
    """Set the other pages to this model and picture, and keep the guide at the visitor's side."""
    kept.use(model)
    kept.receive(picture)
    st.session_state["guided"] = True


def banner(page: str, kept: Shelf) -> None:
    """What to look for on this page, while the guided example is on."""
    if not st.session_state.get("guided") or (page, kept.model) not in _WORDS:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f":material/balance: {_WORDS[page, kept.model]}", width="stretch")
        other, label = _OTHER[kept.model]
        if page != "labels" and st.button(label, key=f"guided-{page}-other"):
            kept.use(other)
            st.rerun()
        if st.button("Back to the question", key=f"guided-{page}-back", type="tertiary"):
            links.go(places.MODELS)
        if st.button("End", key=f"guided-{page}-end", type="tertiary", help="Closes this line; nothing else changes."):
            st.session_state["guided"] = False
            st.rerun()
