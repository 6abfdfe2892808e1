"""Another address for the view that is open, where a step of the browser's history would be one too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.ui.components.scripts import script

_component = st.components.v2.component("quietly", html="<span></span>", js=script("quietly/quietly"))


def quietly(values: Mapping[str, str], quiet: Sequence[str]) -> None:
    """Put these values into the address; those not in `quiet` must stand there already, or nothing is done."""
    _component(key="quietly", data={"address": urlencode(values), "quiet": list(quiet)})
