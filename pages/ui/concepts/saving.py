"""Pictures become a concept, or join one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui.concepts.study import Study
from xai_core.concepts import editing
from xai_core.concepts.concept import Concept
from xai_core.concepts.power import hint
from xai_core.datasets.dataset import Dataset, Item
from xai_core.errors import XaiError
from xai_core.names import as_text
from xai_core.picture import Picture


def offer(kept: Study, inside: Concept | None, pictures: Sequence[Picture], origin: str) -> None:
    """A name and a button for a new concept; a button alone where one is open."""
    distinct = len({picture.digest for picture in pictures})
    if inside is not None:
        words = f"Add {distinct} {'picture' if distinct == 1 else 'pictures'}" if distinct else "Add pictures"
        if st.button(words, type="primary", key="concept-add", icon=":material/add:", disabled=not distinct):
            add(kept, inside, pictures)
        return
    named = st.text_input("What do they have in common?", placeholder="stripes", max_chars=60, key="concept-called")
    if distinct:
        st.caption(as_text(hint(distinct)))
    save = st.button("Save concept", type="primary", key="concept-save", icon=":material/save:", disabled=not distinct)
    if save and not named.strip():
        st.warning("Give it a name first: one or two words for what the pictures have in common.")
    elif save:
        create(kept, named.strip(), pictures, origin)


def create(kept: Study, title: str, pictures: Sequence[Picture], origin: str) -> None:
    """Keep a new concept and take it into the question."""
    try:
        made = editing.create(title, pictures, origin)
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    kept.close()
    kept.chosen.append(made.key)
    st.toast(as_text(f"{title} is in the library, {made.pictures} pictures."), icon=":material/check_circle:")
    st.rerun()


def add(kept: Study, inside: Concept, pictures: Sequence[Picture]) -> None:
    """Put pictures into the open concept."""
    _joined(kept, inside, lambda: editing.add(inside.key, pictures))


def add_of(kept: Study, inside: Concept, data: Dataset, item: Item) -> None:
    """Put a picture of the library into it, with what is known of that."""
    _joined(kept, inside, lambda: editing.add_of(inside.key, [(data, item)]))


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
