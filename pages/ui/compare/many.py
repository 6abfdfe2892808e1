"""One method over up to ten pictures."""

from __future__ import annotations

import streamlit as st

from pages.ui.compare import several
from pages.ui.compare.several import MOST
from pages.ui.shelf import Shelf
from xai_core.describe import ModelCard
from xai_core.method import methods
from xai_core.predict import Prediction


def show(kept: Shelf, prediction: Prediction, card: ModelCard, target: int) -> None:
    """Choose the method and the pictures, then draw them all."""
    pictures, titles = {each.digest: each for each in kept.all_pictures()}, several.offered(card)
    left, right = st.columns([1, 2])
    method = left.selectbox("Method", list(titles), format_func=titles.__getitem__, key="many-method")
    own, same = "each picture's own answer", prediction.labels[target]
    asked = left.segmented_control("Explain", [own, same], default=own, required=True, key=f"many-class-{target}")
    usual = [each.digest for each in kept.basket or list(pictures.values())][:MOST]
    chosen = right.multiselect(
        f"Pictures (up to {MOST})",
        list(pictures),
        default=usual,
        max_selections=MOST,
        format_func=lambda digest: pictures[digest].name,
        key=f"many-pictures-{len(pictures)}",
    )
    how = several.How(kept.model, kept.framing, methods()[method], target if asked == same else None)
    known = several.said([several.Asked(pictures[digest], pictures[digest].name) for digest in chosen], how)
    several.grid(kept, card, known, how, key="many")
