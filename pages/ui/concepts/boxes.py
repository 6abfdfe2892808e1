"""Draw boxes on pictures: what lies inside each becomes an example of the concept."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.ui import media
from pages.ui.components.album import Leaf, album
from pages.ui.components.cutter import cutter
from pages.ui.components.thumbs import Thumb, thumbs
from pages.ui.concepts import saving
from pages.ui.concepts.study import Study
from pages.ui.shelf import Shelf
from xai_core.concepts.concept import Concept
from xai_core.concepts.cutting import LEAST, cut
from xai_core.names import as_text
from xai_core.picture import Picture

PICTURE = "concept-picture"  # digest of the picture that is drawn on


def room(shelf: Shelf, kept: Study, inside: Concept | None) -> None:
    """Choose a picture, draw on it, and see what has been cut so far from all pictures."""
    picture = _choose(shelf)
    left, right = st.columns([4, 3], gap="medium")
    with left:
        st.markdown("**Drag** on the picture: each box becomes an example. Draw around the idea, and little else.")
        cutter(
            picture,
            kept.tray.boxes.get(picture.digest, []),
            least=LEAST,
            version=kept.tray.version,
            key=f"cutter-{picture.digest[:12]}",
            on_boxes=lambda boxes: kept.tray.draw_on(picture, boxes),
        )
    with right:
        patches = _patches(kept)
        _tray(kept, patches)
        cut_from = {patch.digest: digest for digest, _, patch in patches}
        saving.offer(kept, inside, [patch for _, _, patch in patches], f"patches cut from {_sources(kept)}", cut_from)


def _choose(shelf: Shelf) -> Picture:
    """The strip of pictures, and a way to bring more."""
    pictures = shelf.all_pictures()
    digest = st.session_state.get(PICTURE, shelf.picture.digest)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            items = [Thumb(each.digest, each.name, media.url("thumb", each)) for each in pictures]
            picked = thumbs(items, digest, "Pictures to cut from", key="concept-sources")
        with st.popover("Other pictures", icon=":material/upload:", key=f"concept-more-{shelf.uploads}"):
            files: list[UploadedFile] = st.file_uploader(
                "Pictures to cut from", accept_multiple_files=True, key=f"concept-cut-from-{shelf.uploads}"
            )
            if files:
                shelf.take_in([(file.name, file.getvalue()) for file in files])
                st.session_state[PICTURE] = shelf.picture.digest
                st.rerun()
    for complaint in shelf.complaints:
        st.warning(as_text(complaint), icon=":material/image_not_supported:")
    if picked is not None and picked != digest:
        st.session_state[PICTURE] = digest = picked
        st.rerun()
    return next((each for each in pictures if each.digest == digest), pictures[0])


def _patches(kept: Study) -> list[tuple[str, int, Picture]]:
    """Every box: the digest of its picture, its number there, and what it shows."""
    tray = kept.tray
    return [
        (digest, at, cut(tray.cut_from[digest], box))
        for digest, boxes in tray.boxes.items()
        for at, box in enumerate(boxes)
    ]


def _tray(kept: Study, patches: list[tuple[str, int, Picture]]) -> None:
    if not patches:
        st.markdown("**Nothing cut yet.** Boxes from several pictures come together here.")
        return
    st.markdown(f"**{len(patches)} cut so far.** Click one to take it away.")
    leaves = [Leaf(f"{digest}/{at}", media.url("thumb", patch), f"box {at + 1}") for digest, at, patch in patches]
    picked = album(leaves, "Cut so far", key="concept-tray")
    for digest, at, _ in patches:
        if picked == f"{digest}/{at}":
            kept.tray.drop(digest, at)
            st.rerun()


def _sources(kept: Study) -> str:
    count = sum(bool(boxes) for boxes in kept.tray.boxes.values())
    return "one picture" if count == 1 else f"{count} pictures"
