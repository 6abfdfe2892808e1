"""Two pictures of the map side by side: what the model says of each, where it looks, and how alike they are to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.ui import links, places, watching
from pages.ui.compare import several
from pages.ui.compare.comparison import TABS, comparison
from pages.ui.components.thumbs import thumbs
from pages.ui.map import asking, reading
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core.describe import Describe, ModelCard
from xai_core.embedding.alike import Alike, HowAlike
from xai_core.embedding.choosing import chosen
from xai_core.embedding.picture_map import PictureMap
from xai_core.errors import XaiError
from xai_core.names import as_text

OFFERED = 16  # pictures to choose from at either side
SIDES = ("The first picture", "The second picture")


def show(shelf: Shelf, kept: Atlas, shown: PictureMap, rows: list[int]) -> None:
    """Choose two, then see them."""
    offered = _offered(kept, shown, rows)
    if len(offered) < 2:
        st.write("Select one more picture, or click one on the map that is not selected: two are needed.")
        return
    pair = _pair(kept, shown, rows, offered)
    columns = st.columns(2, gap="medium")
    if (moved := _choose(columns, shown, offered, pair)) != pair:
        kept.looking = replace(kept.looking, pair=moved)
        st.rerun()
    alike = watching.answered(HowAlike(shown.request.first(), *pair), "map-alike", "comparing the two")
    if isinstance(alike, Alike):
        st.markdown(alike.sentence)
        st.caption(as_text(alike.measured))
    card = watching.answered(Describe(shown.request.model), "map-model", "loading the model")
    if not isinstance(card, ModelCard):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how = asking.controls(kept, shown, card, rows, "map-two")
        if st.button("Open both on the comparison page", icon=":material/grid_view:", key="map-two-open"):
            _open(shelf, shown, pair)
    known = several.said(reading.pictures(shown, pair), how)
    for place, (column, each) in enumerate(zip(st.columns(2, gap="medium"), known, strict=False)):
        with column:
            several.grid(shelf, card, [each], how, key=f"map-two-{place}")


def _offered(kept: Atlas, shown: PictureMap, rows: list[int]) -> list[int]:
    """The clicked one, mistakes, the rest of the selection, and in any case the two that are compared."""
    clicked = [kept.current] if kept.current is not None and kept.current < len(shown) else []
    mistakes = chosen(shown, rows, "mistakes", OFFERED // 2, None)
    found = list(dict.fromkeys([*clicked, *mistakes, *rows]))
    compared = [row for row in kept.looking.pair if row < len(shown)]
    room = OFFERED - sum(row not in found[:OFFERED] for row in compared)
    return list(dict.fromkeys([*found[:room], *compared]))


def _pair(kept: Atlas, shown: PictureMap, rows: list[int], offered: list[int]) -> tuple[int, int]:
    """What was chosen; until then the clicked picture, or a right one, against a mistake."""
    if len(kept.looking.pair) == 2 and all(row in offered for row in kept.looking.pair):
        return kept.looking.pair[0], kept.looking.pair[1]
    wrong = chosen(shown, rows, "mistakes", 1, None)
    others = [row for row in offered if row not in wrong]
    first = kept.current if kept.current in offered else (others or offered)[0]
    second = next(row for row in (*wrong, *others, *offered) if row != first)
    return first, second


def _choose(columns: Sequence[object], shown: PictureMap, offered: list[int], pair: tuple[int, int]) -> tuple[int, int]:
    """A strip on each side; choosing what stands on the other side swaps the two."""
    picked = list(pair)
    for place, column in enumerate(columns):
        with column:  # type: ignore[attr-defined]
            st.markdown(f"**{SIDES[place]}**")
            items = [reading.thumb(shown, row) for row in offered]
            said = thumbs(items, str(pair[place]), SIDES[place], key=f"map-two-strip-{place}")
            if said is not None and said.isdigit() and int(said) in offered and int(said) != pair[place]:
                if int(said) == pair[1 - place]:
                    return pair[1], pair[0]
                picked[place] = int(said)
    return picked[0], picked[1]


def _open(shelf: Shelf, shown: PictureMap, pair: tuple[int, int]) -> None:
    """Both into the basket, and to the comparison with the two side by side."""
    try:
        one, other = (reading.picture(shown, row) for row in pair)
        shelf.use(shown.request.model)
        shelf.receive(other)
        shelf.receive(one)
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    kept = comparison()
    kept.second, kept.tab = other.digest, TABS.index("Two pictures")
    links.go(places.COMPARE)
