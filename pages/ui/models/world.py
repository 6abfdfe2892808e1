"""The demo world's pictures: drawn into the library when somebody asks for them."""

from __future__ import annotations

import streamlit as st

from pages.ui import following
from pages.ui.models.rooms import Rooms
from xai_core.library import entries
from xai_core.world.world import BuildWorld, World

WORLD = "world"


def offer() -> None:
    """A button that draws the demo world."""
    st.write("Or look around first: a small world of drawn creatures, with a known truth.")
    if st.button(
        "Draw the demo world", icon=":material/palette:", key="build-world", help="Takes half a minute, once."
    ):
        draw()
        st.rerun()


def draw() -> None:
    """Begin to draw it; what is there already is not drawn again."""
    following.begin(WORLD, BuildWorld())


def watch(kept: Rooms) -> bool:
    """Show how far the drawing is; True while it goes on. The data set with tags is the one to look at afterwards."""
    done = following.follow(WORLD, "drawing the demo world")
    if isinstance(done, World):
        kept.data_set = done.tagged
        st.rerun()
    return following.under_way(WORLD) is not None


def tagged() -> str:
    """The key of the demo world's data set with tags; "" while it is not drawn."""
    found = entries.listing("datasets").entries
    return next((e.key for e in found if e.manifest.get("facts", {}).get("demo world") == "tagged"), "")
