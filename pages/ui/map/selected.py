"""The drawer below the map: what was lassoed, what sets it apart, and where it can go."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

import streamlit as st

from pages.ui.bound import bound
from pages.ui.components.album import album
from pages.ui.downloads import download
from pages.ui.map import apart, concept, explained, marks, versus
from pages.ui.map.looking import APART, EXPLAIN, TWO, VIEWS
from pages.ui.map.reading import leaf
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core.embedding import atlas as sheets
from xai_core.embedding.exporting import as_csv, as_zip
from xai_core.embedding.looks import Looks, looks
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.selection import Count, Selected, selected
from xai_core.names import as_text
from xai_core.sentence import percent

SHOWN = 60  # pictures on a page of the gallery
UNTOLD = (
    "These are too many, too scattered pictures for an address: a copied link opens the map without the selection. "
    "As a concept or a file it can be kept."
)
TOLD = 4  # counts and differences that are told in words


def drawer(shelf: Shelf, kept: Atlas, shown: PictureMap, small: sheets.Atlas | None) -> None:
    """Nothing while nothing is selected."""
    rows = [int(row) for row in kept.rows if row < len(shown)] if kept.marks(shown) else []
    if not rows:
        return
    found = selected(shown, rows, None if small is None else _looks(small))
    st.header(f"{len(rows):,} {'picture' if len(rows) == 1 else 'pictures'} selected", anchor=False)
    st.markdown(_words(found))
    if not marks.to_text(kept.rows, len(shown)):
        st.caption(UNTOLD)
    _actions(shelf, kept, shown, rows)

    def take(name: str) -> None:
        kept.looking = replace(kept.looking, view=name)

    view = st.segmented_control(
        "How to look at them", VIEWS, required=True, label_visibility="collapsed",
        **bound("map-view", kept.looking.view, take),
    )  # fmt: skip
    if view == EXPLAIN:
        explained.show(shelf, kept, shown, rows)
    elif view == TWO:
        versus.show(shelf, kept, shown, rows)
    elif view == APART:
        apart.show(kept, shown, rows)
    else:
        _gallery(kept, shown, rows)


@lru_cache(maxsize=4)
def _looks(small: sheets.Atlas) -> Looks:
    """Takes half a second for 10,000 pictures, and the page runs at every click."""
    return looks(small.tiles())


def _gallery(kept: Atlas, shown: PictureMap, rows: list[int]) -> None:
    pages = -(-len(rows) // SHOWN)
    page = st.pagination(pages, key=f"map-selected-page-{pages}") if pages > 1 else 1
    on_page = rows[(page - 1) * SHOWN : page * SHOWN]
    current = None if kept.current is None else str(kept.current)
    picked = album([leaf(shown, row) for row in on_page], "Selected pictures", key="map-selected", current=current)
    if picked is not None and picked.isdigit() and int(picked) in rows:
        kept.current = int(picked)
        st.rerun()


def _words(found: Selected) -> str:
    """Counts, how right, and what is unusual about them."""
    lines = [f"Labelled: {_counts(found.labels)}."] if found.labels else []
    lines.append(f"The model says: {_counts(found.predictions)}.")
    if found.known:
        low, high = found.interval
        lines.append(
            f"Right: {percent(found.accuracy)} ({100 * low:.0f} to {100 * high:.0f} %)"
            + (f"; elsewhere {percent(found.elsewhere)}." if found.elsewhere == found.elsewhere else ".")
        )
    apart = [f"many are {count.name}" for count in (*found.labels, *found.colours) if count.stands_out][:TOLD]
    apart += [
        f"{each.name} {'higher' if each.effect > 0 else 'lower'} than elsewhere"
        for each in found.differences if each.clear
    ][:TOLD]  # fmt: skip
    lines.append(
        f"Stands out: {as_text('; '.join(apart))}." if apart else "By class, colour and brightness nothing stands out."
    )
    return "  \n".join(lines)


def _counts(counts: tuple[Count, ...]) -> str:
    told = ", ".join(f"{each.inside:,} {as_text(each.name)}" for each in counts[:TOLD])
    return told + (f" and {len(counts) - TOLD} more" if len(counts) > TOLD else "")


def _actions(shelf: Shelf, kept: Atlas, shown: PictureMap, rows: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = st.text_input(
            "Name", placeholder="what they share", key="map-concept-name", width=200, label_visibility="collapsed"
        )
        many = len(rows) > concept.MOST
        if st.button(
            "Make it a concept", type="primary", icon=":material/category:", key="map-concept", disabled=many,
            help=f"At most {concept.MOST} pictures make a concept: select fewer." if many else
            "To test whether the model uses what they share, for the class that it sees in most of them.",
        ):  # fmt: skip
            concept.make(shelf, shown, rows, named.strip() or f"{len(rows)} from the map")
        download("CSV", partial(as_csv, shown, rows), "selection.csv", "text/csv", "map-selection-csv")
        download("Pictures (zip)", partial(as_zip, shown, rows), "selection.zip", "application/zip",
                 "map-selection-zip", ":material/folder_zip:")  # fmt: skip
        if st.button("Clear", type="tertiary", icon=":material/close:", key="map-clear"):
            kept.rows = kept.rows[:0]
            st.rerun()
