"""The row above the player: which picture, which class, which methods, how the network is destroyed."""

from __future__ import annotations

import streamlit as st

from pages.ui import media
from pages.ui.bound import bound, bound_to
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

    def take(picked: list[str]) -> None:
        # a method that this model refuses stays chosen for the next one
        chosen.methods = tuple(key for key in titles if key in picked or (key in chosen.methods and key in refused))

    st.multiselect(
        "Methods to test",
        [key for key in titles if key not in refused],
        format_func=titles.__getitem__,
        help="An edge detector is always shown beside them: it knows no model, so its map never changes.",
        **bound("sanity-methods", [key for key in chosen.methods if key not in refused], take),
    )
    for key in chosen.methods:
        if key in refused:
            st.markdown(f":material/info: {as_text(refused[key])}")
    if set(chosen.methods) != set(USUAL) and st.button("Back to the usual ones", key="sanity-usual"):
        chosen.methods = USUAL
        st.rerun()


def _recipe(chosen: Choices) -> None:
    st.selectbox("Order", [*Order], format_func=_capital, **bound_to(chosen, "order", "sanity-order"))
    st.selectbox(
        "New weights",
        [*Law],
        format_func=_capital,
        help="What destroyed weights are replaced by. The source’s own code replaces one tensor of each block only.",
        **bound_to(chosen, "law", "sanity-law"),
    )
    words = "Statistics of batch normalisation"
    if chosen.law is Law.SOURCE:
        st.selectbox(words, [Norms.KEPT], format_func=_capital, key="sanity-norms-source", disabled=True)
    else:
        st.selectbox(
            words,
            [*Norms],
            format_func=_capital,
            help="Kept statistics no longer fit the new weights and can switch a network off; then it is named dead. "
            "Estimated anew: on this picture and its mirror image.",
            **bound_to(chosen, "norms", "sanity-norms"),
        )
    st.number_input(
        "Seed", 0, MOST_SEED, help="Another seed, other weights.", **bound_to(chosen, "seed", "sanity-seed")
    )
    st.toggle(
        "Explain what the destroyed network says",
        help="Off, as in the paper: the trained model’s class at every stage. On, as in the source: each one’s own.",
        **bound_to(chosen, "repredict", "sanity-repredict"),
    )


def _capital(choice: Order | Law | Norms) -> str:
    return choice.value[0].upper() + choice.value[1:]
