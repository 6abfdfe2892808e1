"""By which method, and for which class, selected pictures are explained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from pages.ui.bound import bound
from pages.ui.compare import several
from pages.ui.map.state import Atlas
from xai_core.describe import ModelCard
from xai_core.embedding.picture_map import PictureMap
from xai_core.framing import Framing
from xai_core.method import methods

OWN = -1  # for each picture what the model says of it
FIRST = "gradcam"


def usual(card: ModelCard) -> str:
    """The key of the method to begin with: Grad-CAM, else the quickest that applies to the model."""
    refused = dict(card.refusals)
    return next(key for key in (FIRST, *methods()) if key not in refused)


def controls(kept: Atlas, shown: PictureMap, card: ModelCard, rows: list[int], key: str) -> several.How:
    """Two choices that both views share; call it inside a row."""
    titles, now = several.offered(card), kept.looking
    keys = list(titles)
    method = now.method if now.method in titles else usual(card)

    def by(chosen: str) -> None:
        kept.looking = replace(kept.looking, method=chosen)

    st.selectbox("Method", keys, format_func=titles.__getitem__, width=260, **bound(f"{key}-method", method, by))
    target = now.class_of(card.model, len(card.labels))
    classes = [OWN, *_classes(shown, rows, target)]

    def about(asked: int) -> None:
        kept.looking = replace(kept.looking, model=card.model, target=asked)

    st.selectbox(
        "Explained for", classes, width=240,
        format_func=lambda each: "what it says of each" if each == OWN else f"all: {card.labels[each]}",
        help="For one class you see where the model finds it also in pictures that it takes for something else.",
        **bound(f"{key}-class", OWN if target is None else target, about),
    )  # fmt: skip
    return several.How(card.model, Framing.AS_TRAINED, methods()[method], target)


def _classes(shown: PictureMap, rows: list[int], target: int | None) -> list[int]:
    """Classes that are found in the selection or said of it, most frequent first; then all others of the map."""
    told = np.concatenate([shown.predicted[rows], shown.truth[rows][shown.known[rows]]])
    counts = np.bincount(told, minlength=len(shown.labels))
    inside = [int(each) for each in np.argsort(-counts, kind="stable") if counts[each]]
    others = np.unique(np.concatenate([shown.predicted, shown.truth[shown.known]])).tolist()
    return list(dict.fromkeys([*inside, *others, *([target] if target is not None else [])]))
