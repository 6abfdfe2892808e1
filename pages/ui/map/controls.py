"""Which pictures, seen from where, laid out how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from pages.ui import following, setting_fields, work
from pages.ui.bound import bound
from pages.ui.map import colouring, sets
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core.datasets.dataset import Dataset
from xai_core.describe import Describe, ModelCard
from xai_core.embedding import attributed
from xai_core.embedding.request import ACTIVATIONS
from xai_core.embedding.settings import TITLES, layouts, offered
from xai_core.names import as_text, different
from xai_core.world.shipped import HONEST
from xai_core.world.world import BuildWorld, World

DRAWING = "map-world"
LAST = ""  # the layer before the answer


def arriving(shelf: Shelf, kept: Atlas) -> bool:
    """Whether the demo world's creatures are being drawn; when they are there, the map is of them."""
    done = following.follow(DRAWING, "drawing the creatures")
    if isinstance(done, World):
        kept.sources = (f"datasets/{done.creatures}",)
        shelf.use(HONEST)  # it knows these creatures by name, and is quick
        st.rerun()
    if following.under_way(DRAWING) is None:
        return False
    work.ask(Describe(HONEST))  # loads the model while its pictures are drawn
    return True


def no_pictures() -> None:
    """Nothing to map yet: choose pictures, bring some, or have the demo world's creatures drawn."""
    if sets.available():
        st.write("Choose which pictures to map: one set, or several on one map.")
        return
    st.write(
        "A map needs pictures: bring some on the page Models & data, or begin with drawn creatures and a small model "
        "that learned to tell them apart."
    )
    if st.button("Map the demo creatures", type="primary", key="map-world", icon=":material/palette:"):
        following.begin(DRAWING, BuildWorld(("creatures",)))
        st.rerun()


def row(kept: Atlas, card: ModelCard) -> tuple[Dataset, ...]:
    """The widgets; what they say goes to the visitor's state. The chosen sets, () where there are none."""
    found = sets.available()
    _tell_lost(kept, found)
    if not found:
        return ()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        data = _pictures(kept, found)
        _coloured_by(kept, data)
        _compared_by(kept, card)
        _laid_out_by(kept)
        _details(kept)
    return data


def _tell_lost(kept: Atlas, found: Mapping[str, Dataset]) -> None:
    """Until others are chosen: the map must not become one of other pictures without a word."""
    asked = {name: name.partition("/")[2] for name in kept.sources or ()}
    if kept.drawn is not None:
        named = zip(map(sets.name_of, kept.drawn.request.sources), kept.drawn.datasets, strict=True)
        asked |= {name: title for name, title in named if kept.sources is None or name in kept.sources}
    kept.lost = {name: title for name, title in (asked | kept.lost).items() if name not in found}
    if kept.lost:
        gone = as_text(" and ".join(kept.lost.values()))
        now = " The map is of other pictures now." if found else ""
        st.warning(f"Removed from the library meanwhile: {gone}.{now}", icon=":material/report:")


def _pictures(kept: Atlas, found: Mapping[str, Dataset]) -> tuple[Dataset, ...]:
    """One set or several on one map."""
    chosen = sets.chosen(kept, found)
    titles = dict(zip(found, different([each.title for each in found.values()]), strict=True))

    def take(names: list[str]) -> None:
        kept.sources, kept.lost = tuple(names), {}

    st.multiselect(
        "Pictures", list(found), format_func=lambda name: f"{titles[name]} · {len(found[name].items):,}", width=300,
        wrap=False, select_all=False, placeholder="Choose pictures", **bound("map-sources", list(chosen), take),
    )  # fmt: skip
    return tuple(found[name] for name in chosen)


def _coloured_by(kept: Atlas, data: Sequence[Dataset]) -> None:
    """Only by what tells some of these pictures apart; what was chosen before stays in mind for other pictures."""
    ways = colouring.offered(data)

    def take(way: str) -> None:
        kept.colouring = way

    st.selectbox(
        "Coloured by", list(ways), format_func=ways.__getitem__, width=170,
        **bound("map-colouring", colouring.fitting(kept.colouring, data), take),
    )  # fmt: skip


def _compared_by(kept: Atlas, card: ModelCard) -> None:
    """What of a picture is mapped: what a layer makes of it, or where a method points."""
    refused = dict(card.refusals)
    ways = {f"layer/{LAST}": "the last layer"}
    ways |= {f"layer/{name}": name for name, _ in card.bottlenecks}
    ways |= {f"method/{m.key}": f"where {m.title} points" for m in attributed.offered() if m.key not in refused}
    now = f"layer/{kept.layers.get(card.model, LAST)}" if kept.of == ACTIVATIONS else f"method/{kept.of}"

    def take(way: str) -> None:
        if way.startswith("method/"):
            kept.of = way.removeprefix("method/")
        else:
            kept.of, kept.layers[card.model] = ACTIVATIONS, way.removeprefix("layer/")

    if now not in ways:  # another model has no such layer, or the method no meaning for it
        now = f"layer/{LAST}"
        take(now)
    st.selectbox(
        "Compared by", list(ways), format_func=ways.__getitem__, width=210, **bound("map-seen", now, take),
        help="What the model makes of a picture at a layer, or where an explanation points: models that are right for "
        "the wrong reason show in the second.",
    )  # fmt: skip


def _laid_out_by(kept: Atlas) -> None:
    def take(layout: str) -> None:
        kept.settings = replace(kept.settings, layout=layout)

    st.selectbox(
        "Laid out by", list(layouts()), format_func=TITLES.__getitem__, width=110,
        **bound("map-layout", kept.settings.layout, take),
    )  # fmt: skip


def _details(kept: Atlas) -> None:
    fields = offered(kept.settings)
    if not fields:
        return
    with st.popover("Settings", icon=":material/tune:", key="map-settings"):
        # what is kept may be changed from elsewhere, and then the fields are others, which show it
        values = setting_fields.fields(fields, f"map-{hash(kept.settings)}")
        if values != {setting.name: getattr(kept.settings, setting.name) for setting in fields}:
            kept.settings = replace(kept.settings, **values)
            st.rerun()
