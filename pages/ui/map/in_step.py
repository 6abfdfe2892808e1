"""One picture for the whole app: what is clicked on the map is on every page; what is chosen there is marked here."""

from __future__ import annotations

import streamlit as st

from pages.ui.map import reading
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core.embedding.picture_map import PictureMap
from xai_core.errors import XaiError
from xai_core.names import as_text


def keep(shelf: Shelf, kept: Atlas, shown: PictureMap) -> None:
    """Whichever of the two changed since the last run leads."""
    if not kept.marks(shown):
        return
    here = None if kept.current is None or kept.current >= len(shown) else shown.located(kept.current)[1].digest
    there, (marked, pictured) = shelf.picture.digest, kept.seen
    if here != there and pictured != there:
        kept.current = _row(shown, there, kept.current)
    elif here != there and here is not None and kept.current is not None and kept.current != marked:
        try:
            shelf.show(reading.picture(shown, kept.current))
        except XaiError as error:
            st.toast(as_text(str(error)), icon=":material/report:")
    kept.seen = kept.current, shelf.picture.digest


def _row(shown: PictureMap, digest: str, otherwise: int | None) -> int | None:
    """Where that picture lies, if it is on the map."""
    opened = shown.opened()
    digests = (opened[source].items[item].digest for source, item in zip(shown.sources, shown.items, strict=True))
    return next((row for row, each in enumerate(digests) if each == digest), otherwise)
