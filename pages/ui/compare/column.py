"""The left column: which picture, how it is framed, what the model says, which class to explain."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from pages.ui import media
from pages.ui.components.guesses import guesses
from pages.ui.components.thumbs import Thumb, thumbs
from pages.ui.concepts import handover
from pages.ui.shelf import Shelf
from xai_core import limits, samples
from xai_core.framing import Box, Framing
from xai_core.names import as_text
from xai_core.picture import Picture
from xai_core.predict import Prediction
from xai_core.render import MARGIN_LIGHT


def picture(shelf: Shelf, box: Box | None) -> None:
    """The picture as the model sees it, and the ways to bring another."""
    shown = shelf.picture
    st.image(_preview(shown, box), width="stretch", alt=shown.name)
    for note in shown.notes:
        st.markdown(f":material/info: {as_text(note)}")
    complaints(shelf)
    uploader(shelf)
    items = [
        Thumb(item.key, item.key.capitalize(), media.url("thumb", samples.sample(item.key)))
        for item in samples.samples()
    ]
    chosen = thumbs(items, samples.key_of(shown), "Sample pictures", key="samples")
    if chosen is not None:
        shelf.show(samples.sample(chosen))
        st.rerun()
    framing = st.segmented_control(
        "The model sees",
        list(Framing),
        format_func=lambda each: {Framing.AS_TRAINED: "its middle", Framing.WHOLE: "all, squeezed"}[each],
        default=shelf.framing,
        required=True,
        key=f"framing-{shelf.framing}",
        help="Its middle, as it was trained: the shorter side is fitted and the middle cut out. "
        "All, squeezed: the whole picture is forced into the model's square, as some tutorials do.",
    )
    if framing is not None and framing != shelf.framing:
        shelf.framing = framing
        st.rerun()
    if st.button("Cut a concept from it", icon=":material/crop:", type="tertiary", key="cut-from",
                 help="Draw boxes around an idea, then test whether the model uses it."):  # fmt: skip
        handover.cut_from(shown)


def complaints(shelf: Shelf) -> None:
    """What was wrong with the latest files."""
    for complaint in shelf.complaints:
        st.error(as_text(complaint), icon=":material/image_not_supported:")
    if shelf.complaints and shelf.basket:
        st.write(f"Your other pictures are safe ({len(shelf.basket)} in the basket).")


def uploader(shelf: Shelf) -> None:
    """Ways to bring pictures."""
    # no `type=`: a file of another kind gets our own words instead of the widget's
    files = st.file_uploader(
        "Drop a picture, or browse",
        accept_multiple_files=True,
        key=f"files-{shelf.uploads}",
        help=limits.IN_WORDS,
        max_upload_size=limits.PICTURE_BYTES // 2**20,
    )
    with st.popover("Take a photograph", icon=":material/photo_camera:", width="stretch"):
        taken = st.camera_input("Camera", key=f"camera-{shelf.uploads}", label_visibility="collapsed")
    arrived = [*files, *([taken] if taken else [])]
    if arrived:
        with st.spinner("Reading your pictures"):
            shelf.take_in([(file.name, file.getvalue()) for file in arrived])
        st.rerun()


def answer(shelf: Shelf, prediction: Prediction, target: int) -> None:
    """The five best guesses, and any other class."""
    st.markdown("**The model's five best guesses**")
    chosen = guesses(prediction.top(), target, key="guesses")
    if chosen is not None and chosen != target:
        shelf.target = chosen
        st.rerun()
    classes = range(len(prediction.labels))
    asked = st.selectbox(
        "Explain another class",
        classes,
        index=target,
        format_func=prediction.labels.__getitem__,
        key=f"target-{shelf.model}-{shelf.picture.digest[:8]}-{target}",
    )
    if asked != target:
        shelf.target = asked
        st.rerun()
    contrast = st.selectbox(
        "Why not …?",
        [each for each in classes if each != target],
        index=None,
        format_func=prediction.labels.__getitem__,
        placeholder="a second class",
        key=f"contrast-{shelf.model}-{shelf.picture.digest[:8]}-{target}",
        help="Shows each method's map for both classes on one scale, and their difference.",
    )
    if contrast != shelf.contrast:
        shelf.contrast = contrast
        st.rerun()


@lru_cache(maxsize=64)
def _preview(picture: Picture, box: Box | None) -> bytes:
    """The picture at display size; what the model does not see is dimmed."""
    side = max(picture.pixels.shape[:2])
    step = max(1, side // (2 * media.PHOTO_SIDE))  # a 40-megapixel picture is not copied whole
    pixels = picture.pixels[::step, ::step]
    if box is not None:
        left, top, right, bottom = (round(edge / step) for edge in box)
        dim = np.round(pixels * MARGIN_LIGHT).astype(np.uint8)
        dim[top:bottom, left:right] = pixels[top:bottom, left:right]
        pixels = dim
    return media.jpeg(pixels, media.PHOTO_SIDE)
