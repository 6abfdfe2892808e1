"""From other pages to concepts: a picture to cut from, or pictures that make a concept by themselves."""

from __future__ import annotations

import streamlit as st

from pages.ui import links, places
from pages.ui.concepts import boxes
from pages.ui.concepts.study import NEW, study
from xai_core.concepts.handover import FromDataset
from xai_core.datasets.dataset import Dataset, Item
from xai_core.errors import XaiError
from xai_core.names import as_text
from xai_core.picture import Picture


def cut_from(picture: Picture) -> None:
    """Open the concepts page with this picture ready to draw boxes on."""
    kept = study()
    if not kept.open:
        kept.look_into(NEW)
    st.session_state[boxes.PICTURE] = picture.digest
    links.go(places.CONCEPTS)


def make(data: Dataset, items: list[Item], title: str) -> None:
    """A concept of these pictures, in question on the concepts page; a few hundred files are copied at once."""
    files = tuple(item.file for item in items)
    try:
        made = FromDataset(data.key, data.revision, title, files, shelf=data.shelf).answer()
    except XaiError as error:
        st.toast(as_text(str(error)), icon=":material/error:")
        return
    study().chosen.append(made.key)
    links.go(places.CONCEPTS)
