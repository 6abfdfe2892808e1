"""Going to another page as if its link in the sidebar had been clicked."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui.components.scripts import script

KEY = "leaving"
_component = st.components.v2.component("leaving", html="<span></span>", js=script("shared/pages", "leaving/leaving"))


def leaving(page: str, on_lost: Callable[[], None]) -> None:
    """Go to the page of that address, "" is the first; `on_lost` hears, before the next run, that there is no link."""
    _component(key=f"{KEY}-{page}", data={"page": page}, on_lost_change=on_lost)
