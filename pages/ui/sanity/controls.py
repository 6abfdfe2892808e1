"""The row above the player: which picture, which class, which methods, how the network is destroyed."""

from __future__ import annotations

import streamlit as st

from pages.ui import media
from pages.ui.compare.column import complaints, uploader
from pages.ui.components.thumbs import Thumb, thumbs
from pages.ui.sanity.choices import MOST_SEED, USUAL, Choices
from pages.ui.shelf import Shelf
from xai_core.cascade import Law, Norms, Order
from xai_core.describe import ModelCard
from xai_core.method import methods
from xai_core.names import as_text
from xai_core.predict import Prediction


def row(kept: Shelf, chosen: Choices, prediction: Prediction, card: ModelCard, target: int) -> None:
    """Every choice in one line; the page runs again when one changes."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.popover(f"Picture: {as_text(kept.picture.name)}", icon=":material/image:"):
            _picture(kept)
        _target(kept, prediction, target)
        with st.popover(f"Methods: {len(chosen.cards(card))}", icon=":material/grid_view:"):
            _methods(chosen, card)
        with st.popover("How it is destroyed", icon=":material/tune:"):
            _recipe(chosen)
    complaints(kept)  # not in the popover, which a new picture closes


def _picture(kept: Shelf) -> None:
    items = [Thumb(each.digest, each.name, media.url("thumb", each)) for each in kept.all_pictures()]
    chosen = thumbs(items, kept.picture.digest, "Pictures to test on", key="sanity-pictures")
    for each in kept.all_pictures():
        if each.digest == chosen:
            kept.show(each)
            st.rerun()
    uploader(kept)


def _target(kept: Shelf, prediction: Prediction, target: int) -> None:
    asked = st.selectbox(
        "Class to explain",
        range(len(prediction.labels)),
        index=target,
        format_func=prediction.labels.__getitem__,
        key=f"sanity-target-{kept.model}-{kept.picture.digest[:8]}-{target}",
        width=260,
    )
    if asked != target:
        kept.target = asked
        st.rerun()


def _methods(chosen: Choices, card: ModelCard) -> None:
    refused = dict(card.refusals)
    titles = {key: method.title for key, method in methods().items()}
    picked = st.multiselect(
        "Methods to test",
        [key for key in titles if key not in refused],
        default=[key for key in chosen.methods if key not in refused],
        format_func=titles.__getitem__,
        key=f"sanity-methods-{card.model}",
        help="An edge detector is always shown beside them: it knows no model, so its map never changes.",
    )
    for key in chosen.methods:
        if key in refused:
            st.markdown(f":material/info: {as_text(refused[key])}")
    # a method that this model refuses stays chosen for the next one
    kept = tuple(key for key in titles if key in picked or (key in chosen.methods and key in refused))
    if kept != tuple(key for key in titles if key in chosen.methods):
        chosen.methods = kept
        st.rerun()
    if set(kept) != set(USUAL) and st.button("Back to the usual ones", key="sanity-usual"):
        chosen.methods = USUAL
        st.session_state.pop(f"sanity-methods-{card.model}")
        st.rerun()


def _recipe(chosen: Choices) -> None:
    before = (chosen.order, chosen.law, chosen.norms, chosen.seed, chosen.repredict)
    orders, laws = [*Order], [*Law]
    chosen.order = st.selectbox(
        "Order", orders, index=orders.index(chosen.order), format_func=_capital, key="sanity-order"
    )
    chosen.law = st.selectbox(
        "New weights",
        laws,
        index=laws.index(chosen.law),
        format_func=_capital,
        key="sanity-law",
        help="What destroyed weights are replaced by. The source’s own code replaces one tensor of each block only.",
    )
    source = chosen.law is Law.SOURCE
    norms = [Norms.KEPT] if source else [*Norms]
    picked = st.selectbox(
        "Statistics of batch normalisation",
        norms,
        index=0 if source else norms.index(chosen.norms),
        format_func=_capital,
        key=f"sanity-norms-{source}",
        help="Kept statistics no longer fit the new weights and can switch a network off; then it is named dead. "
        "Estimated anew: on this picture and its mirror image.",
    )
    if not source:
        chosen.norms = picked
    chosen.seed = int(
        st.number_input("Seed", 0, MOST_SEED, chosen.seed, key="sanity-seed", help="Another seed, other weights.")
    )
    chosen.repredict = st.toggle(
        "Explain what the destroyed network says",
        chosen.repredict,
        key="sanity-repredict",
        help="Off, as in the paper: the trained model’s class at every stage. On, as in the source: each one’s own.",
    )
    if before != (chosen.order, chosen.law, chosen.norms, chosen.seed, chosen.repredict):
        st.rerun()


def _capital(choice: Order | Law | Norms) -> str:
    return choice.value[0].upper() + choice.value[1:]
