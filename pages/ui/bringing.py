"""Pictures from this computer: one field for a zip, files or a folder, with tables, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xai_core import limits
from xai_core.errors import XaiError
from xai_core.library import incoming
from xai_core.names import as_text

REFUSED_SHOWN = 12  # files


@dataclass(frozen=True)
class Sent:
    """Files on their way into the library."""

    staged: str  # as `incoming.stage` named them
    title: str
    ticked: bool


def field(words: str, key: str, tick: str = "") -> Sent | None:
    """What a person brings, once it has a name and was sent; `tick` is a box of words that may be ticked with it.

    Another `key` after each upload: the field would still hold the files of the last one.
    """
    st.markdown(f"{words} A **table** (CSV) among them may tell more of each picture.")
    files: list[UploadedFile] = st.file_uploader(
        "Zip or files", accept_multiple_files=True, key=f"{key}-files",
        help=f"{limits.PICTURES_IN_WORDS} {limits.TABLES_IN_WORDS}",
    )  # fmt: skip
    folder: list[UploadedFile] = st.file_uploader(
        "A whole folder", accept_multiple_files="directory", key=f"{key}-folder"
    )
    arrived = [*files, *folder]
    if not arrived:
        return None
    usual = arrived[0].name.replace("\\", "/").split("/")[0].removesuffix(".zip")
    title = st.text_input("Name", usual[:60], key=f"{key}-title").strip()
    ticked = bool(tick) and st.checkbox(tick, key=f"{key}-tick")
    if not st.button("Bring them in", type="primary", key=f"{key}-send", disabled=not title):
        return None
    try:
        return Sent(incoming.stage((file.name, file.getvalue()) for file in arrived), title, ticked)
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return None


def outcome(
    came: str, doubles: int, ignored: int, notes: Sequence[str], refused: Sequence[tuple[str, str]], how: str = ""
) -> None:
    """What is in the library now (`came`, Markdown), `how` it was understood, and every file that is not, with why."""
    words = [came]
    if doubles:
        words.append(f"{count(doubles, 'duplicate')} left out")
    if ignored:
        words.append(f"{count(ignored, 'other file')} passed over")
    st.success(f"{'; '.join(words)}{f': {as_text(how)}' if how else ''}.", icon=":material/check_circle:")
    for note in notes:
        st.markdown(f":material/info: {as_text(note)}")
    if not refused:
        return
    told = f"{count(len(refused), 'file')} could not be used"
    with st.expander(told, icon=":material/image_not_supported:"):
        for name, reason in refused[:REFUSED_SHOWN]:
            st.markdown(f"- **{as_text(name)}** {as_text(reason)}")
        if len(refused) > REFUSED_SHOWN:
            st.write(f"And {len(refused) - REFUSED_SHOWN:,} more.")


def count(number: int, what: str) -> str:
    """For example "1 picture" and "1,200 pictures"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
