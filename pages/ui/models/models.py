"""Models: those of the library, and bringing another one in."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from pages.ui import following
from pages.ui.downloads import download
from pages.ui.models import bringing
from pages.ui.models.removing import remove_button, undo
from pages.ui.models.renaming import rename_button
from pages.ui.models.rooms import Room, Rooms
from pages.ui.shelf import Shelf
from xai_core import catalogue
from xai_core.catalogue import MINE, Group, Offer
from xai_core.evaluation.confusions import share_in_words
from xai_core.library import entries
from xai_core.names import as_text
from xai_core.own_model import OwnModel, read_card
from xai_core.sentence import percent
from xai_core.training.export import export
from xai_core.world import shipped


def room(shelf: Shelf, kept: Rooms) -> None:
    """What there is, and the way to bring more."""
    st.title("Which models can be asked?", anchor=False)
    undo("models", kept)
    for message in catalogue.damaged():
        st.warning(as_text(message), icon=":material/report:")
    # another key after each upload: a popover of the same key would stay open over what comes next
    with st.popover("Bring a model", icon=":material/upload:", key=f"bring-model-{kept.uploads}"):
        bringing.upload(kept)
    bringing.room(shelf, kept)
    offered = catalogue.offered()
    mine = [each for each in offered if each.group is Group.MINE]
    st.header("Yours", anchor=False)
    if not mine:
        st.write("None yet. Bring a file of weights, or train one here.")
        if following.under_way(bringing.LOOKING) is None and st.button(
            "Train one", icon=":material/model_training:", key="models-train"
        ):
            kept.go(Room.TRAIN)
            st.rerun()
    for each in mine:
        _own(shelf, kept, each)
    st.header("Of the demo world", anchor=False)
    for each in offered:
        if each.group is Group.DEMO:
            _shipped(shelf, kept, each)


def _own(shelf: Shelf, kept: Rooms, offer: Offer) -> None:
    key = offer.name.removeprefix(MINE)
    card = read_card(entries.folder_of("models", key))
    with st.container(border=True):
        _told(shelf, kept, offer, card)
        with st.container(horizontal=True):
            download(
                "Take it along",
                partial(export, key),
                f"{key}.zip",
                "application/zip",
                key=f"export-{key}",
                type="tertiary",
                hint="A zip of its weights (safetensors) and its card, which can be brought in again.",
            )
            rename_button("models", key, offer.title, kept, quiet=True)
            remove_button("models", key, offer.title, kept)


def _shipped(shelf: Shelf, kept: Rooms, offer: Offer) -> None:
    with st.container(border=True):
        _told(shelf, kept, offer, shipped.card(offer.name))


def _told(shelf: Shelf, kept: Rooms, offer: Offer, card: OwnModel) -> None:
    """One model in two lines, and what can be done with it."""
    left, right = st.columns([4, 2], vertical_alignment="center")
    with left:
        st.markdown(f"**{as_text(offer.title)}**")
        st.markdown(as_text(_facts(card)))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        if shelf.model == offer.name:
            st.badge("in use", icon=":material/check:", color="green")
        elif st.button("Use it", key=f"use-{offer.name}", icon=":material/deployed_code:"):
            shelf.use(offer.name)
            st.rerun()
        if st.button("Judge it", key=f"judge-{offer.name}", icon=":material/fact_check:"):
            shelf.use(offer.name)
            kept.go(Room.EVALUATE)
            st.rerun()


def _facts(card: OwnModel) -> str:
    shown = ", ".join(card.labels[:6]) + (f" and {len(card.labels) - 6:,} more" if len(card.labels) > 6 else "")
    words = [f"{card.architecture.name}, {len(card.labels):,} classes: {shown}."]
    tested: Any = card.facts.get("test")
    if isinstance(tested, dict) and "accuracy" in tested:
        words.append(f"Right on {share_in_words(tested['right'], tested['of'])} of {tested['of']} held-out pictures.")
    shares: Any = card.facts.get("accuracy on test pictures")
    if isinstance(shares, dict):
        words.append(f"Right on test pictures: {', '.join(f'{_all(v)} with {name}' for name, v in shares.items())}.")
    if isinstance(card.facts.get("file"), dict):
        words.append(f"From {card.facts['file']['name']}, SHA-256 {card.facts['file']['sha256'][:12]}.")
    return " ".join(words)


def _all(share: float) -> str:
    return "all" if share == 1 else percent(share)
