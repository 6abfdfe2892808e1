"""One method over up to ten pictures."""

from __future__ import annotations

import streamlit as st

from pages.ui import watching, work
from pages.ui.compare import panels, plan
from pages.ui.shelf import Shelf
from xai_core.describe import ModelCard
from xai_core.method import methods
from xai_core.predict import Predict, Prediction
from xai_core.sentence import percent

MOST = 10  # pictures in the grid


def show(kept: Shelf, prediction: Prediction, card: ModelCard, target: int) -> None:
    """Choose the method and the pictures, then draw them all."""
    refused, pictures = dict(card.refusals), {each.digest: each for each in kept.all_pictures()}
    titles = {key: method.title for key, method in methods().items() if key not in refused}
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
    requests = [Predict(kept.model, pictures[digest], kept.framing) for digest in chosen]
    said = [job.result for job in map(work.ask, requests) if isinstance(job.result, Prediction)]
    shown = [_entry(kept, each, method, target if asked == same else None) for each in said]
    if len(shown) < len(chosen):
        st.write(f"Asking the model about {len(chosen) - len(shown)} more pictures.")
        watching.rerun_when_ended(requests)
    if shown:
        panels.grid(kept, shown, card, key="many", bar=False)


def _entry(kept: Shelf, said: Prediction, method: str, target: int | None) -> panels.Entry:
    best = said.top(1)[0]
    explained = best.index if target is None else target
    picture, label = said.request.picture, said.labels[explained]
    title = f"{picture.name}: {label} {percent(float(said.probabilities[explained]))}"
    request = plan.request(kept, methods()[method], explained, picture)
    return panels.Entry(request, label, said.framed.box, title=title)
