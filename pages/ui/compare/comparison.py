"""What a visitor has chosen on the comparison page."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.compare.plan import Preset

TABS = ("Does hiding it matter?", "Do the methods agree?", "Two pictures", "Many pictures")
METHODS = ("gradcam", "integrated_gradients", "lime")  # of an own choice, until one is made


@dataclass
class Comparison:
    """Which methods, and what is open below them."""

    preset: Preset = Preset.QUICK
    methods: tuple[str, ...] = METHODS
    tab: int = 0  # which of TABS is open
    second: str = ""  # digest of the picture beside the one on the page


def comparison() -> Comparison:
    """This visitor's, laid out at their first visit."""
    kept: Comparison = st.session_state.setdefault("comparison", Comparison())
    return kept
