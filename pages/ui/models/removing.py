"""Removing something from the library, and having it back."""

from __future__ import annotations

import streamlit as st

from pages.ui.models.rooms import Rooms
from xai_core.errors import XaiError
from xai_core.library import entries
from xai_core.library.rooms import Kind
from xai_core.names import as_text


def remove_button(kind: Kind, key: str, title: str, kept: Rooms) -> None:
    """Offer to remove the entry; `undo` brings it back."""
    if not st.button("Remove from the library", icon=":material/delete:", type="tertiary", key=f"remove-{kind}-{key}"):
        return
    try:
        kept.removed = (kind, entries.remove(kind, key), title)
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    st.rerun()


def undo(kind: Kind, kept: Rooms) -> None:
    """Say what was removed last, with a way back."""
    if kept.removed is None or kept.removed[0] != kind:
        return
    _, token, title = kept.removed
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/delete: **{as_text(title)}** was removed.")
        if st.button("Undo", key=f"undo-{kind}", icon=":material/undo:"):
            kept.removed = None
            try:
                entries.restore(kind, token)
            except XaiError as error:
                st.error(as_text(str(error)), icon=":material/error:")
                return
            st.rerun()
