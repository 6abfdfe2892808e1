"""Beside the map: the chosen picture, its nearest neighbours before anything was laid out, and what was looked at."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.ui import media, watching, work
from pages.ui.compare import views
from pages.ui.components.album import Leaf, album
from pages.ui.components.gallery import gallery
from pages.ui.map.state import Atlas
from pages.ui.models import pictures
from pages.ui.shelf import Shelf
from xai_core import limits
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.placing import Placed, PlaceOnMap
from xai_core.errors import XaiError
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.intake import read_picture
from xai_core.method import methods
from xai_core.names import as_text
from xai_core.sentence import percent

METHOD = "gradcam"
NEIGHBOURS = 6
FAR = 2.0  # times as far from its nearest as pictures of the map usually are
PLACING = "map-placing"


def column(shelf: Shelf, kept: Atlas, shown: PictureMap) -> None:
    """What was clicked; until then what a click does."""
    if kept.current is None or kept.current >= len(shown):
        st.markdown("**Click a picture** on the map to see it here, with those most like it. **Lasso** several.")
    else:
        _picture(shelf, kept, shown, kept.current)
    _newcomer(shelf, kept, shown)


def _picture(shelf: Shelf, kept: Atlas, shown: PictureMap, row: int) -> None:
    data, item = shown.located(row)
    try:
        picture = data.picture(item)
    except XaiError as error:
        st.warning(as_text(str(error)), icon=":material/report:")
        return
    said, own = shown.labels[shown.predicted[row]], shown.own_label(row)
    st.markdown(_words(said, float(shown.confidence[row]), own, bool(shown.known[row] and not shown.right[row])))
    method = methods()[METHOD]
    target = int(shown.predicted[row])
    request = Explain(shown.request.model, picture, Framing.AS_TRAINED, target, METHOD, method.params())
    card = work.card(shown.request.model)
    if card is not None and METHOD not in dict(card.refusals):
        job = work.quickly(request)
        gallery([views.panel(job, card, said, None)], key="map-detail", bar=False, display=shelf.display)
        watching.rerun_when_ended([request])
    if st.button("Compare explanations", icon=":material/grid_view:", key="map-explain"):
        shelf.use(shown.request.model)
        pictures.explain(shelf, data, item)
    st.markdown("**Most like it to the model**, before the layout:")
    near = [int(other) for other in shown.neighbours[row][:NEIGHBOURS]]
    picked = album([leaf(shown, other) for other in near], "Nearest pictures", key="map-neighbours")
    if picked is not None and int(picked) in near:
        kept.current = int(picked)
        st.rerun()


def _words(said: str, sure: float, own: str, wrong: bool) -> str:
    told = f"It says **{as_text(said)}** ({percent(sure)})"
    if not own:
        return f"{told}."
    return f"{told}; it is labelled **{as_text(own)}**{': wrong' if wrong else ''}."


def leaf(shown: PictureMap, row: int) -> Leaf:
    data, item = shown.located(row)
    wrong = bool(shown.known[row] and not shown.right[row])
    note = shown.labels[shown.predicted[row]] if wrong else ""
    return Leaf(str(row), media.url("stored", data.thumbnail(item)), shown.own_label(row) or item.name, note, wrong)


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
    album([leaf(shown, row) for row in near], "Most like the new picture", key="map-newcomer")
