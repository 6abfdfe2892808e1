"""Pictures from most to least like a concept."""

from __future__ import annotations

import streamlit as st

from pages.ui import watching
from pages.ui.components.album import album
from pages.ui.concepts import directions, sources
from pages.ui.concepts.study import Study
from pages.ui.models import pictures
from pages.ui.shelf import Shelf
from xai_core.datasets.dataset import Dataset
from xai_core.names import as_text
from xai_core.tcav.grid import Grid
from xai_core.tcav.sorting import SortByConcept, Sorted

SHOWN = 12  # at either end


def tab(shelf: Shelf, kept: Study, told: Grid) -> None:
    """Which concept, which pictures, and both ends of the row."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        found = directions.choose(kept, told, "ranking-concept")
        source = sources.choose("Pictures", kept, key="ranking-source")
    if source is None:
        return
    request = SortByConcept(found.direction, source.shelf, source.key, source.revision)
    ranked = watching.answered(request, "concept-ranking", "comparing pictures with the concept")
    if not isinstance(ranked, Sorted):
        return
    title, count = as_text(ranked.title), len(ranked.items)
    if ranked.left_out:
        st.caption(f"{ranked.left_out:,} pictures are left out: the concept was trained with them.")
    shown = min(SHOWN, -(-count // 2))
    st.markdown(f"**Most like {title}**, of {count:,}. Click a picture to see what the model looked at.")
    targets = {each.cell.target for each in told.findings}
    target = targets.pop() if len(targets) == 1 else None
    _end(shelf, source, ranked, range(shown), "most", target)
    st.markdown(f"**Least like {title}**")
    _end(shelf, source, ranked, range(count - 1, max(count - 1 - shown, shown - 1), -1), "least", target)


def _end(shelf: Shelf, source: Dataset, ranked: Sorted, places: range, key: str, target: int | None) -> None:
    items = [source.items[ranked.items[place]] for place in places]
    leaves = [
        pictures.leaf(source, item, f"{ranked.likeness[place]:+.2f}") for place, item in zip(places, items, strict=True)
    ]
    picked = album(leaves, f"{key.capitalize()} like the concept", key=f"concept-{key}")
    for item in items:
        if item.file == picked:
            pictures.explain(shelf, source, item, target)
