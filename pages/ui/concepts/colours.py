"""Concepts drawn by the program: any colour, and four textures."""

from __future__ import annotations

import streamlit as st

from pages.ui import following, media
from pages.ui.components.album import Leaf, album
from pages.ui.concepts.study import Study
from xai_core.concepts.editing import Edited
from xai_core.concepts.generated import PATTERNS, GenerateConcept, Recipe, preview

MAKING = "concept-generated"
SHOWN = 8


def room(kept: Study) -> None:
    """What to draw, a look at it, and the button."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        kind = st.segmented_control(
            "Draw", PATTERNS, default=PATTERNS[0], required=True, format_func=str.capitalize, key="generated-kind"
        )
        colour, scale, contrast = "#d62728", 0.5, 0.8
        if kind == PATTERNS[0]:
            colour = st.color_picker("Colour", colour, key="generated-colour")
        else:
            scale = st.slider("Scale: fine to coarse", 0.0, 1.0, scale, 0.05, key="generated-scale")
            contrast = st.slider("Contrast: faint to strong", 0.1, 1.0, contrast, 0.05, key="generated-contrast")
        count = st.slider("Pictures", 10, 100, 40, 5, key="generated-count")
        title = st.text_input("Name", colour if kind == PATTERNS[0] else kind.capitalize(), max_chars=60,
                              key=f"generated-name-{kind}-{colour}")  # fmt: skip
        recipe = Recipe(kind or PATTERNS[0], colour, scale, contrast)
        if st.button("Draw and save", type="primary", key="generated-save", icon=":material/palette:",
                     disabled=not title.strip()):  # fmt: skip
            following.begin(MAKING, GenerateConcept(title.strip(), recipe, count))
            st.rerun()
    with right:
        leaves = [Leaf(each.digest, media.url("thumb", each), "") for each in preview(recipe, SHOWN)]
        st.markdown("They differ in everything but the idea, so that the idea is what they have in common.")
        album(leaves, "What it will look like", key="generated-preview")
    done = following.follow(MAKING, "drawing")
    if isinstance(done, Edited):
        kept.close()
        kept.chosen.append(done.key)
        st.rerun()
