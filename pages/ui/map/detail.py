"""Beside the map: the chosen picture, its nearest neighbours before anything was laid out, and what was looked at."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.ui import watching
from pages.ui.compare import several
from pages.ui.components.album import album
from pages.ui.map import asking, reading
from pages.ui.map.reading import leaf
from pages.ui.map.state import Atlas
from pages.ui.models import pictures
from pages.ui.shelf import Shelf
from xai_core import limits
from xai_core.datasets import columns
from xai_core.describe import Describe, ModelCard
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.placing import Placed, PlaceOnMap
from xai_core.errors import XaiError
from xai_core.framing import Framing
from xai_core.intake import read_picture
from xai_core.method import methods
from xai_core.names import as_text
from xai_core.sentence import percent

NEIGHBOURS, ACROSS = 6, 3
FAR = 2.0  # times as far from its nearest as pictures of the map usually are
PLACING = "map-placing"


def column(shelf: Shelf, kept: Atlas, shown: PictureMap) -> None:
    """What was clicked; until then what a click does."""
    if kept.current is None or kept.current >= len(shown) or not kept.marks(shown):
        st.markdown("**Click a picture** on the map to see it here, with those most like it. **Lasso** several.")
    else:
        _picture(shelf, kept, shown, kept.current)
    _newcomer(shelf, kept, shown)


def _picture(shelf: Shelf, kept: Atlas, shown: PictureMap, row: int) -> None:
    try:
        picture = reading.picture(shown, row)
    except XaiError as error:
        st.warning(as_text(str(error)), icon=":material/report:")
        return
    said, own = shown.labels[shown.predicted[row]], shown.own_label(row)
    st.markdown(_words(said, float(shown.confidence[row]), own, bool(shown.known[row] and not shown.right[row])))
    if facts := columns.told(*shown.located(row)):
        st.caption(as_text(facts))
    card = watching.answered(Describe(shown.request.model), "map-model-beside", "loading the model")
    if isinstance(card, ModelCard):
        # the first method that applies says where it looks: not all networks have places for Grad-CAM to weigh
        how = several.How(card.model, Framing.AS_TRAINED, methods()[asking.usual(card)])
        known = several.said([several.Asked(picture)], how)
        several.grid(shelf, card, known, how, key="map-detail")
    with st.container(horizontal=True):
        _in_or_out(kept, row)
        if st.button("Compare explanations", icon=":material/grid_view:", key="map-explain"):
            shelf.use(shown.request.model)
            pictures.explain(shelf, *shown.located(row))
    st.markdown("**Most like it to the model**, before the layout:")
    near = [int(other) for other in shown.neighbours[row][:NEIGHBOURS]]
    picked = album([leaf(shown, other) for other in near], "Nearest pictures", key="map-neighbours", across=ACROSS)
    if picked is not None and picked.isdigit() and int(picked) in near:
        kept.current = int(picked)
        st.rerun()


def _in_or_out(kept: Atlas, row: int) -> None:
    """Take the clicked picture into the selection, or out of it."""
    inside = bool(np.isin(row, kept.rows))
    words = "Take it out of the selection" if inside else "Add to the selection"
    if st.button(words, icon=":material/remove:" if inside else ":material/add:", key=f"map-in-or-out-{inside}"):
        kept.rows, kept.cell = (np.setdiff1d if inside else np.union1d)(kept.rows, [row]).astype(np.intp), None
        st.rerun()


def _words(said: str, sure: float, own: str, wrong: bool) -> str:
    told = f"It says **{as_text(said)}** ({percent(sure)})"
    if not own:
        return f"{told}."
    return f"{told}; it is labelled **{as_text(own)}**{': wrong' if wrong else ''}."


def _newcomer(shelf: Shelf, kept: Atlas, shown: PictureMap) -> None:
    """Drop a picture: where would it lie?"""
    if kept.drawn is not shown:
        return
    file: UploadedFile | None = st.file_uploader(
        "Where would another picture lie?", key=f"map-new-{shelf.uploads}", help=limits.IN_WORDS,
        max_upload_size=limits.PICTURE_BYTES // 2**20,
    )  # fmt: skip
    if file is None:
        kept.placed = None
        return
    try:
        picture = read_picture(file.getvalue(), file.name)
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/image_not_supported:")
        return
    found = watching.answered(PlaceOnMap(shown.request, picture, Framing.AS_TRAINED), PLACING, "looking at the picture")
    if not isinstance(found, Placed):
        return
    if kept.placed is None or kept.placed.request != found.request:
        kept.placed = found
        st.rerun()
    words = f"The star: the model says **{as_text(found.label)}** ({percent(found.confidence)})."
    if found.far > FAR:
        words += f" It is {found.far:.0f} × as far from its nearest as pictures here usually are: like nothing on it."
    st.markdown(words)
    near = [int(row) for row in found.neighbours[:NEIGHBOURS]]
    album([leaf(shown, row) for row in near], "Most like the new picture", key="map-newcomer", across=ACROSS)
