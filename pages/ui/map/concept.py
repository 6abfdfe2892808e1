"""From a selection to the concepts page: its pictures become a concept, and the question is set."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from pages.ui import links, places
from pages.ui.concepts.study import study
from pages.ui.shelf import Shelf
from xai_core.concepts.handover import FromDataset, FromSeveral
from xai_core.embedding.picture_map import PictureMap
from xai_core.errors import XaiError
from xai_core.names import as_text

MOST = 500  # pictures: more are not tested, and take long to copy


def make(shelf: Shelf, shown: PictureMap, rows: list[int], title: str) -> None:
    """Asks whether the model uses what they share to say what it says of most of them."""
    try:
        made = FromSeveral(_parts(shown, rows), title).answer()
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    kept, model = study(), shown.request.model
    shelf.use(model)
    kept.chosen.append(made.key)
    said, _ = Counter(shown.labels[shown.predicted[row]] for row in rows).most_common(1)[0]
    kept.classes[model] = [said]
    most, _ = Counter(int(shown.sources[row]) for row in rows).most_common(1)[0]
    source = shown.request.sources[most]
    if source.shelf == "datasets":  # a concept set has no pictures of classes
        kept.source = f"{source.shelf}/{source.key}"
    kept.moves += 1
    links.go(places.CONCEPTS)


def _parts(shown: PictureMap, rows: list[int]) -> tuple[FromDataset, ...]:
    """Of each data set on the map those that are selected."""
    files: dict[int, list[str]] = {}
    for row in rows:
        files.setdefault(int(shown.sources[row]), []).append(shown.located(row)[1].file)
    sources = shown.request.sources
    return tuple(
        FromDataset(sources[at].key, sources[at].revision, "", tuple(named), shelf=sources[at].shelf)
        for at, named in files.items()
    )
