"""Pictures become a concept, or join one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import streamlit as st

from pages.ui.concepts.study import Study
from xai_core.concepts import editing
from xai_core.concepts.concept import Concept
from xai_core.concepts.power import hint
from xai_core.datasets.dataset import Dataset, Item
from xai_core.datasets.finding import located
from xai_core.errors import XaiError
from xai_core.names import as_text
from xai_core.picture import Picture

NOWHERE: Mapping[str, str] = MappingProxyType({})


def offer(
    kept: Study, inside: Concept | None, pictures: Sequence[Picture], origin: str, cut_from: Mapping[str, str] = NOWHERE
) -> None:
    """A name and a button for a new concept; a button alone where one is open.

    `cut_from` tells by its digest of which picture each is a piece, by that one's digest.
    """
    distinct = len({picture.digest for picture in pictures})
    if inside is not None:
        words = f"Add {distinct} {'picture' if distinct == 1 else 'pictures'}" if distinct else "Add pictures"
        if st.button(words, type="primary", key="concept-add", icon=":material/add:", disabled=not distinct):
            add(kept, inside, pictures, cut_from)
        return
    named = st.text_input("What do they have in common?", placeholder="stripes", max_chars=60, key="concept-called")
    if distinct:
        st.caption(as_text(hint(distinct)))
    save = st.button("Save concept", type="primary", key="concept-save", icon=":material/save:", disabled=not distinct)
    if save and not named.strip():
        st.warning("Give it a name first: one or two words for what the pictures have in common.")
    elif save:
        create(kept, named.strip(), pictures, origin, cut_from)


def create(
    kept: Study, title: str, pictures: Sequence[Picture], origin: str, cut_from: Mapping[str, str] = NOWHERE
) -> None:
    """Keep a new concept and take it into the question."""
    try:
        made = editing.create(title, pictures, origin, cut_from=_in_library(cut_from))
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    kept.close()
    kept.chosen.append(made.key)
    st.toast(as_text(f"{title} is in the library, {made.pictures} pictures."), icon=":material/check_circle:")
    st.rerun()


def add(kept: Study, inside: Concept, pictures: Sequence[Picture], cut_from: Mapping[str, str] = NOWHERE) -> None:
    """Put pictures into the open concept."""
    _joined(kept, inside, lambda: editing.add(inside.key, pictures, cut_from=_in_library(cut_from)))


def add_of(kept: Study, inside: Concept, data: Dataset, item: Item) -> None:
    """Put a picture of the library into it, with what is known of that."""
    _joined(kept, inside, lambda: editing.add_of(inside.key, [(data, item)]))


def _in_library(cut_from: Mapping[str, str]) -> editing.Sources:
    """Of the pieces whose picture lies in the library: there it is told more of."""
    found = located(set(cut_from.values()))
    return {piece: found[whole] for piece, whole in cut_from.items() if whole in found}


def _joined(kept: Study, inside: Concept, join: Callable[[], editing.Edited]) -> None:
    try:
        added = join()
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    kept.tray.clear()
    kept.moves += 1
    known = f" {added.doubles} were in it already." if added.doubles else ""
    st.toast(as_text(f"{inside.title} has {added.pictures} pictures now.{known}"), icon=":material/check_circle:")
    st.rerun()
