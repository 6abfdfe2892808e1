"""Which pictures, seen from where, laid out how."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import following, setting_fields
from pages.ui.concepts import sources
from pages.ui.map.state import COLOURINGS, Atlas
from xai_core.datasets.dataset import Dataset
from xai_core.describe import ModelCard
from xai_core.embedding import attributed
from xai_core.embedding.request import ACTIVATIONS
from xai_core.embedding.settings import TITLES, layouts, offered
from xai_core.world.world import BuildWorld, World

DRAWING = "map-world"
LAST = ""  # the layer before the answer


def no_pictures(kept: Atlas) -> None:
    """Nothing to map yet: bring pictures, or have the demo world's creatures drawn."""
    done = following.follow(DRAWING, "drawing the creatures")
    if isinstance(done, World):
        kept.source = f"datasets/{done.creatures}"
        st.rerun()
    if following.under_way(DRAWING):
        return
    st.write("A map needs pictures: bring some on the page Models & data, or begin with drawn creatures.")
    if st.button("Map the demo creatures", type="primary", key="map-world", icon=":material/palette:"):
        following.begin(DRAWING, BuildWorld(("creatures",)))
        st.rerun()


def row(kept: Atlas, card: ModelCard) -> Dataset | None:
    """The widgets; what they say goes to the visitor's state."""
    found = sources.available()
    if not found:
        return None
    names = [sources.name_of(each) for each in found]
    titles = {sources.name_of(each): f"{each.title} · {len(each.items):,}" for each in found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = names.index(kept.source) if kept.source in names else 0
        kept.source = st.selectbox(
            "Pictures", names, at, format_func=titles.__getitem__, key=f"map-source-{len(names)}-{names[at]}", width=300
        )
        _seen_from(kept, card)
        available = list(layouts())
        layout = st.segmented_control(
            "Laid out by", available, default=kept.settings.layout, required=True,
            format_func=TITLES.__getitem__, key="map-layout",
        )  # fmt: skip
        if layout is not None and layout != kept.settings.layout:
            kept.settings = replace(kept.settings, layout=layout)
        _details(kept)
        kept.colouring = (
            st.selectbox("Coloured by", COLOURINGS, COLOURINGS.index(kept.colouring), key="map-colouring", width=170)
            or kept.colouring
        )
    return next(each for each in found if sources.name_of(each) == kept.source)


def _seen_from(kept: Atlas, card: ModelCard) -> None:
    """What of a picture is mapped: what a layer makes of it, or where a method points."""
    methods = {method.key: f"where {method.title} points" for method in attributed.offered()}
    layers = {LAST: "the last layer", **{name: words.split(":")[0] for name, words in card.bottlenecks}}
    options = [f"layer/{name}" for name in layers] + [f"method/{key}" for key in methods]
    now = f"method/{kept.of}" if kept.of != ACTIVATIONS else f"layer/{kept.layers.get(card.model, LAST)}"
    picked = st.selectbox(
        "Seen from", options, options.index(now) if now in options else 0,
        format_func=lambda name: methods[name[7:]] if name.startswith("method/") else layers[name[6:]],
        key=f"map-seen-{card.model}", width=240,
        help="What the model makes of a picture at a layer, or where an explanation points: models that are right for "
        "the wrong reason show in the second.",
    )  # fmt: skip
    if picked.startswith("method/"):
        kept.of = picked[7:]
    else:
        kept.of, kept.layers[card.model] = ACTIVATIONS, picked[6:]


def _details(kept: Atlas) -> None:
    fields = offered(kept.settings)
    if not fields:
        return
    with st.popover("Settings", icon=":material/tune:", key="map-settings"):
        values = setting_fields.fields(fields, f"map-{kept.settings.layout}")
        if values != {setting.name: getattr(kept.settings, setting.name) for setting in fields}:
            kept.settings = replace(kept.settings, **values)
