"""The drawer below the map: what was lassoed, what sets it apart, and where it can go."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import places
from pages.ui.components.album import album
from pages.ui.concepts import handover
from pages.ui.downloads import download
from pages.ui.map.detail import leaf
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core.embedding import atlas as sheets
from xai_core.embedding.exporting import as_csv, as_zip
from xai_core.embedding.looks import looks
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.selection import Count, Selected, selected
from xai_core.errors import XaiError
from xai_core.names import as_text
from xai_core.sentence import percent

SHOWN = 60  # pictures of the gallery
GRID = 10  # pictures that are explained together
TOLD = 4  # counts and differences that are told in words


def drawer(shelf: Shelf, kept: Atlas, shown: PictureMap, small: sheets.Atlas | None) -> None:
    """Nothing while nothing is selected."""
    rows = [int(row) for row in kept.rows if row < len(shown)]
    if not rows:
        return
    found = selected(shown, rows, looks(small.tiles()) if small is not None else None)
    st.subheader(f"{len(rows):,} {'picture' if len(rows) == 1 else 'pictures'} selected", anchor=False)
    st.markdown(_words(found))
    _actions(shelf, kept, shown, rows)
    picked = album([leaf(shown, row) for row in rows[:SHOWN]], "Selected pictures", key="map-selected")
    if len(rows) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(rows):,}.")
    if picked is not None and int(picked) in rows:
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
    lines.append(f"What sets them apart: {as_text('; '.join(apart))}." if apart else "Nothing sets them clearly apart.")
    return "  \n".join(lines)


def _counts(counts: tuple[Count, ...]) -> str:
    told = ", ".join(f"{each.inside:,} {as_text(each.name)}" for each in counts[:TOLD])
    return told + (f" and {len(counts) - TOLD} more" if len(counts) > TOLD else "")


def _actions(shelf: Shelf, kept: Atlas, shown: PictureMap, rows: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = st.text_input(
            "Name", placeholder="what they share", key="map-concept-name", width=200, label_visibility="collapsed"
        )
        if st.button("Make it a concept", type="primary", icon=":material/category:", key="map-concept"):
            data = shown.located(rows[0])[0]
            title = named.strip() or f"{len(rows)} from the map"
            handover.make(data, [shown.located(row)[1] for row in rows], title)
        if st.button(f"Explain {min(len(rows), GRID)}", icon=":material/grid_view:", key="map-explain-many"):
            _to_basket(shelf, shown, rows[:GRID])
        download("CSV", partial(as_csv, shown, rows), "selection.csv", "text/csv", "map-selection-csv")
        download("Pictures (zip)", partial(as_zip, shown, rows), "selection.zip", "application/zip",
                 "map-selection-zip", ":material/folder_zip:")  # fmt: skip
        if st.button("Clear", type="tertiary", icon=":material/close:", key="map-clear"):
            kept.rows = kept.rows[:0]
            st.rerun()


def _to_basket(shelf: Shelf, shown: PictureMap, rows: list[int]) -> None:
    """Into the basket, then to the comparison: one method over all of them, or two side by side."""
    shelf.use(shown.request.model)
    try:
        for row in reversed(rows):
            data, item = shown.located(row)
            shelf.receive(data.picture(item))
    except XaiError as error:
        st.toast(as_text(str(error)), icon=":material/error:")
    st.switch_page(places.compare())
