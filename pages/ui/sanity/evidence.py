"""Below the player: what stands behind the verdicts, one question at a time."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.bound import bound
from pages.ui.sanity import curves, measured, repeats
from pages.ui.sanity.choices import TABS, Choices
from pages.ui.shelf import Shelf
from xai_core.sanity import SanityTest
from xai_core.survey import Survey


def tabs(kept: Shelf, chosen: Choices, survey: Survey, tests: Sequence[SanityTest]) -> None:
    """Only the open one is computed."""

    def take(picked: str) -> None:
        chosen.tab = TABS.index(picked)

    lines, more, how, out = st.tabs(TABS, **bound("sanity-evidence", TABS[chosen.tab], take))
    with lines:
        if lines.open:
            curves.show(survey, tests)
    with more:
        if more.open:
            repeats.show(kept, chosen, survey, tests)
    with how:
        if how.open:
            measured.show(chosen, tests)
    with out:
        if out.open:
            from pages.ui.sanity import export

            export.show(kept, survey, tests)
