"""The demo world's pictures: drawn into the library when somebody asks for them."""

from __future__ import annotations

import streamlit as st

from pages.ui.models import following

WORLD = "world"


def offer() -> None:
    """A button that draws the demo world, its progress, and a rerun once its data sets are there."""
    from xai_core.world.world import BuildWorld

    if following.follow(WORLD, "drawing the demo world") is not None:
        st.rerun()
    if following.under_way(WORLD) is not None:
        return
    st.write("Or look around first: a small world of drawn creatures, with a known truth.")
    if st.button(
        "Draw the demo world", icon=":material/palette:", key="build-world", help="Takes a few seconds, once."
    ):
        following.begin(WORLD, BuildWorld())
        st.rerun()
