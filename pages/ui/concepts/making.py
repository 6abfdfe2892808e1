"""Concepts that arrive as a whole: ready-made ones, zips and folders; and the way out again."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import bringing, following
from pages.ui.concepts.study import Study
from pages.ui.downloads import download
from xai_core.concepts import editing, exporting
from xai_core.concepts.concept import Concepts
from xai_core.concepts.importing import ImportConcepts, ImportedConcepts
from xai_core.errors import XaiError
from xai_core.names import as_text
from xai_core.world.world import COUNTER_EXAMPLES, EXAMPLES, BuildWorld, World

READY = "concepts-ready-made"
BRINGING = "concepts-bringing"


def has_ready_made(inside: Concepts) -> bool:
    """Whether there is anything to compare with; concepts alone cannot be tested."""
    return bool(inside.pools)


def draw_ready_made() -> None:
    """Begin to draw colours, textures and counter-examples; what is there is not drawn again."""
    following.begin(READY, BuildWorld((*EXAMPLES, *COUNTER_EXAMPLES)))


def ready_button(inside: Concepts) -> None:
    """Offered as long as there is nothing to compare with."""
    if following.under_way(READY) or has_ready_made(inside):
        return
    about = "Six colours, four textures, and random pictures to compare with. Drawn once, in some seconds."
    if st.button("Ready-made ones", icon=":material/palette:", key="concept-ready", help=about):
        draw_ready_made()
        st.rerun()


def arriving() -> None:
    """Progress of what is being drawn or brought in, and what became of it."""
    if isinstance(following.follow(READY, "drawing colours and textures"), World):
        st.rerun()
    done = following.follow(BRINGING, "reading the pictures")
    if isinstance(done, ImportedConcepts):
        st.session_state["concepts-brought"] = done
        st.rerun()
    report: ImportedConcepts | None = st.session_state.get("concepts-brought")
    if report is not None:
        _report(report)


def _report(report: ImportedConcepts) -> None:
    names = [f"**{as_text(each.title)}** with {bringing.count(each.pictures, 'picture')}" for each in report.kept]
    came = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} in"
    bringing.outcome(came, report.doubles, report.ignored, report.notes, report.refused)
    if st.button("Close", key="concepts-brought-close", type="tertiary", icon=":material/close:"):
        del st.session_state["concepts-brought"]
        st.rerun()


def bring_popover(kept: Study) -> None:
    """Pictures from this computer: each folder becomes a concept, loose pictures become one."""
    with st.popover("Bring", icon=":material/upload:", key=f"concept-bring-{kept.moves}"):
        words = "A **zip**, or several **files**. Each folder becomes a concept; loose pictures become one."
        pool = "These are counter-examples: random pictures to compare concepts with"
        sent = bringing.field(words, f"concepts-{kept.moves}", tick=pool)
        if sent is not None:
            st.session_state.pop("concepts-brought", None)
            following.begin(BRINGING, ImportConcepts(sent.staged, sent.title, sent.ticked))
            kept.moves += 1
            st.rerun()


def export_popover(kept: Study, inside: Concepts) -> None:
    """The chosen concepts as a zip, or merged into one."""
    chosen = [each for each in inside.concepts if each.key in kept.chosen]
    if not chosen:
        return
    with st.popover("Chosen", icon=":material/checklist:", key=f"concept-chosen-{kept.moves}"):
        st.markdown(", ".join(f"**{as_text(each.title)}**" for each in chosen))
        download(
            "Download as a zip",
            partial(exporting.as_zip, tuple(each.key for each in chosen)),
            "concepts.zip",
            "application/zip",
            hint="A folder for each concept, as TF-TCAV reads them, with lists of what is known of them and of their "
            "pictures. It can be brought in again.",
        )
        if len(chosen) > 1:
            title = st.text_input("Merged, it is called", " or ".join(each.title for each in chosen)[:60])
            if st.button("Merge into one", icon=":material/merge:", key="concept-merge", disabled=not title.strip()):
                _merge(kept, tuple(each.key for each in chosen), title.strip())


def _merge(kept: Study, keys: tuple[str, ...], title: str) -> None:
    try:
        merged = editing.merge(keys, title)
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    kept.chosen, kept.moves = [merged.key], kept.moves + 1
    st.rerun()
