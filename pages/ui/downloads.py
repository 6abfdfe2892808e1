"""Files to take away: made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st


def download(
    words: str,
    make: Callable[[], bytes],
    name: str,
    mime: str,
    key: str | None = None,
    icon: str = ":material/download:",
    hint: str | None = None,
    type: Literal["secondary", "tertiary"] = "secondary",
) -> None:
    """A button for the file that `make` writes.

    The page is not run again for it: a run that met the writing would throw the file away before it was fetched.
    """
    st.download_button(words, make, name, mime, key=key, icon=icon, help=hint, type=type, on_click="ignore")
