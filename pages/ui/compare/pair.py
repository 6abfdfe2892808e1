"""Two pictures side by side: the same methods, the same class."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import media, watching, work
from pages.ui.compare import panels, plan
from pages.ui.compare.comparison import comparison
from pages.ui.components.thumbs import Thumb, thumbs
from pages.ui.shelf import Shelf
from xai_core.describe import ModelCard
from xai_core.method import Method
from xai_core.names import as_text
from xai_core.picture import Picture
from xai_core.predict import Predict, Prediction
from xai_core.sentence import percent


def show(kept: Shelf, cards: Sequence[Method], prediction: Prediction, card: ModelCard, target: int) -> None:
    """Choose the second picture, then draw both."""
    label = prediction.labels[target]
    st.markdown(
        f"Choose a second picture: both are explained for **{as_text(label)}**, so you can see what a mistaken "
        "picture shares with a right one."
    )
    told = comparison()
    others = [picture for picture in kept.all_pictures() if picture != kept.picture]
    items = [Thumb(each.digest, each.name, media.url("thumb", each)) for each in others]
    chosen = thumbs(items, told.second or None, "The second picture", key="second-strip")
    if chosen is not None:
        told.second = chosen
        st.rerun()
    second = next((each for each in others if each.digest == told.second), None)
    if second is None:
        return
    request = Predict(kept.model, second, kept.framing)
    other = work.quickly(request).result
    if not isinstance(other, Prediction):
        st.write("Asking the model.")
        watching.rerun_when_ended([request])
        return
    for place, picture, said in zip(st.columns(2), (kept.picture, second), (prediction, other), strict=True):
        with place:
            _side(kept, cards, card, picture, said, target)


def _side(
    kept: Shelf, cards: Sequence[Method], card: ModelCard, picture: Picture, said: Prediction, target: int
) -> None:
    best = said.top(1)[0]
    share = percent(float(said.probabilities[target]))
    asked = "" if best.index == target else f"; {as_text(said.labels[target])} gets {share}"
    st.markdown(f"**{as_text(picture.name)}**: {as_text(best.label)} ({percent(best.probability)}){asked}")
    shown = [
        panels.Entry(
            plan.request(kept, method, target, picture),
            said.labels[target],
            said.framed.box,
        )
        for method in cards
    ]
    panels.grid(kept, shown, card, key=f"pair-{picture.digest[:8]}", bar=False)
