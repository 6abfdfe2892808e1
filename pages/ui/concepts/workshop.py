"""A concept from inside: its pictures, and the ways to add to them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import streamlit as st

from pages.ui import media
from pages.ui.components.album import Leaf, album
from pages.ui.concepts import boxes, colours, similar, uploads
from pages.ui.concepts.study import NEW, Study
from pages.ui.shelf import Shelf
from xai_core.concepts import editing
from xai_core.concepts.checking import Inspected
from xai_core.concepts.concept import Concept, concept
from xai_core.concepts.power import hint
from xai_core.errors import XaiError
from xai_core.library import entries
from xai_core.names import as_text

SHOWN = 120  # pictures of a concept
A_FEW, IN_VIEW = 24, 330  # pictures that need no scrolling; else pixels, so that the ways to add stay in view
T = TypeVar("T")


class Way(StrEnum):
    """How pictures come into a concept."""

    BOXES = "Draw boxes"
    UPLOAD = "Upload pictures"
    COLOURS = "Colour or texture"
    SIMILAR = "More like these"


ICONS = {
    Way.BOXES: ":material/crop:",
    Way.UPLOAD: ":material/upload:",
    Way.COLOURS: ":material/palette:",
    Way.SIMILAR: ":material/image_search:",
}


def show(shelf: Shelf, kept: Study) -> None:
    """The open concept, or the one that is being made."""
    with st.container(border=True):
        if kept.open == NEW:
            _heading("A new concept", kept)
            _ways(shelf, kept, None, (Way.BOXES, Way.UPLOAD, Way.COLOURS))
            return
        try:
            inside = concept(kept.open)
        except XaiError as error:
            st.warning(as_text(str(error)), icon=":material/report:")
            kept.close()
            return
        _heading(inside.title, kept)
        _rename(kept, inside)
        _pictures(shelf, kept, inside)
        _ways(shelf, kept, inside, (Way.BOXES, Way.UPLOAD, Way.SIMILAR))


def _heading(title: str, kept: Study) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(as_text(title), anchor=False, width="stretch")
        if st.button("Close", key="workshop-close", icon=":material/close:", type="tertiary"):
            kept.close()
            st.rerun()


def _rename(kept: Study, inside: Concept) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"concept-name-{inside.key}-{inside.revision}-{kept.moves}"

        def renamed() -> None:
            # in a callback: what is kept may differ from what was typed, and would be taken for another change
            if named := st.session_state[key].strip():
                _try(lambda: editing.rename(inside.key, named))

        st.text_input("Name", inside.title, max_chars=60, key=key, width=320, on_change=renamed)
        if st.button("Duplicate", icon=":material/content_copy:", key="concept-duplicate"):
            made = _try(lambda: editing.duplicate(inside.key))
            if made is not None:
                kept.look_into(made.key)
                st.rerun()
        if st.button("Remove concept", icon=":material/delete:", key="concept-remove"):
            token = _try(lambda: entries.remove("concepts", inside.key))
            if token is not None:
                st.session_state["concept-removed"] = (token, inside.title, inside.key in kept.chosen)
                kept.chosen = [key for key in kept.chosen if key != inside.key]
                kept.close()
                st.rerun()


def undo(kept: Study) -> None:
    """Say which concept was removed last, with a way back."""
    removed: tuple[str, str, bool] | None = st.session_state.get("concept-removed")
    if removed is None:
        return
    token, title, chosen = removed
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/delete: **{as_text(title)}** was removed.")
        if st.button("Undo", key="concept-undo", icon=":material/undo:"):
            del st.session_state["concept-removed"]
            key = _try(lambda: entries.restore("concepts", token))
            if key is not None:
                kept.chosen += [key] if chosen else []
                st.rerun()
        if st.button("Close", key="concept-undo-close", type="tertiary", icon=":material/close:"):
            del st.session_state["concept-removed"]
            st.rerun()


def _pictures(shelf: Shelf, kept: Study, inside: Concept) -> None:
    checked = similar.inspected(shelf, inside)
    notes = _notes(checked)
    st.markdown(f"{as_text(hint(len(inside.items)))} Click a picture to take it out.")
    shown = sorted(inside.items, key=lambda item: item.digest not in notes)[:SHOWN]
    leaves = []
    for item in shown:
        url = media.small(inside.data, item)
        note = notes.get(item.digest, "") if url else media.GONE
        leaves.append(Leaf(item.digest, url, item.name.rpartition("/")[2], note, bool(note)))
    with st.container(height=IN_VIEW if len(leaves) > A_FEW else "content", border=False):
        picked = album(leaves, f"Pictures of {inside.title}", key=f"concept-pictures-{inside.key}")
    if picked is not None and any(item.digest == picked for item in inside.items):
        _try(lambda: editing.take_out(inside.key, (picked,)))
        kept.taken_out = (inside.key, (picked,))
        st.rerun()
    if kept.taken_out is not None and kept.taken_out[0] == inside.key:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(":material/remove_circle: One picture was taken out.")
            if st.button("Put it back", key="concept-put-back", icon=":material/undo:"):
                digests = kept.taken_out[1]
                kept.taken_out = None
                _try(lambda: editing.put_back(inside.key, digests))
                st.rerun()


def _notes(checked: Inspected | None) -> dict[str, str]:
    """What is odd about some of the pictures, by digest."""
    if checked is None:
        return {}
    twins = {digest: "nearly the same as another" for pair in checked.nearly_same for digest in pair}
    return {**dict.fromkeys(checked.odd, "unlike the others"), **twins}


def _ways(shelf: Shelf, kept: Study, inside: Concept | None, ways: tuple[Way, ...]) -> None:
    way = st.segmented_control(
        "Add pictures",
        ways,
        default=ways[0],
        format_func=lambda way: f"{ICONS[way]} {way.value}",
        required=True,
        key=f"concept-way-{kept.open}",
    )
    if way is Way.BOXES:
        boxes.room(shelf, kept, inside)
    elif way is Way.UPLOAD:
        uploads.room(kept, inside)
    elif way is Way.COLOURS:
        colours.room(kept)
    elif inside is not None:
        similar.room(shelf, kept, inside)


def _try(change: Callable[[], T]) -> T | None:
    """Do it; what stands in the way is told."""
    try:
        return change()
    except XaiError as error:
        st.toast(as_text(str(error)), icon=":material/error:")
        return None
