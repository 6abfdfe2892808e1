"""Whole pictures from this computer, into a new concept or an open one."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.ui import media
from pages.ui.components.album import Leaf, album
from pages.ui.concepts import saving
from pages.ui.concepts.study import Study
from xai_core import limits
from xai_core.concepts.concept import Concept
from xai_core.errors import XaiError
from xai_core.intake import read_picture
from xai_core.names import as_text


def room(kept: Study, inside: Concept | None) -> None:
    """Drop files; what cannot be read is named with its reason, the rest stays."""
    files: list[UploadedFile] = st.file_uploader(
        "Pictures that show the concept", accept_multiple_files=True, key=f"concept-upload-{kept.tray.version}",
        help=limits.PICTURES_IN_WORDS,
    )  # fmt: skip
    st.caption("Many at once, or several concepts in folders? Use **Bring** beside the cards.")
    if files:
        _take_in(kept, files)
    for complaint in st.session_state.get("concept-complaints", ()):
        st.warning(as_text(complaint), icon=":material/image_not_supported:")
    if kept.tray.whole:
        leaves = [Leaf(each.digest, media.url("thumb", each), each.name) for each in kept.tray.whole]
        st.markdown("Click a picture to leave it out.")
        picked = album(leaves, "Pictures to add", key="concept-whole")
        if any(each.digest == picked for each in kept.tray.whole):
            kept.tray.whole = [each for each in kept.tray.whole if each.digest != picked]
            st.rerun()
    saving.offer(kept, inside, kept.tray.whole, "uploaded pictures")


def _take_in(kept: Study, files: list[UploadedFile]) -> None:
    complaints, known = [], {each.digest for each in kept.tray.whole}
    for file in files:
        if len(kept.tray.whole) >= limits.PICTURES_AT_ONCE:
            complaints.append(f"{file.name} and what follows were left out: use Bring for more than "
                              f"{limits.PICTURES_AT_ONCE} pictures.")  # fmt: skip
            break
        try:
            picture = read_picture(file.getvalue(), file.name)
        except XaiError as error:
            complaints.append(str(error))
            continue
        if picture.digest not in known:
            known.add(picture.digest)
            kept.tray.whole.append(picture)
    st.session_state["concept-complaints"] = complaints
    kept.tray.version += 1
    st.rerun()
