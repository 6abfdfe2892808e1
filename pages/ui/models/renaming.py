"""Calling something of the library otherwise; addresses and all that refers to it stay."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from pages.ui.models.rooms import Rooms
from xai_core.errors import XaiError
from xai_core.library.rooms import Kind
from xai_core.names import as_text
from xai_core.renaming import rename


def rename_button(kind: Kind, key: str, title: str, kept: Rooms, quiet: bool = False) -> None:
    """Opens a field with the title; what cannot be one is told there."""
    place = f"{kind}-{key}-{kept.renamed}"  # another key each time: a popover of the same key would stay open
    look: Literal["tertiary", "secondary"] = "tertiary" if quiet else "secondary"
    with (
        st.popover("Rename", icon=":material/edit:", type=look, key=f"rename-{place}"),
        st.form(f"rename-form-{place}", border=False),
    ):
        typed = st.text_input("Title", title, key=f"title-{place}")
        told = st.container()  # above the button: below it, at the page's foot, it would not be seen
        if not st.form_submit_button("Rename", type="primary"):
            return
        try:
            rename(kind, key, typed)
        except XaiError as error:
            told.error(as_text(str(error)), icon=":material/error:")
            return
        kept.renamed += 1
        st.rerun()
