"""One picture: where it shows the concept, and what more of it would do to the answer."""

from __future__ import annotations

import streamlit as st

from pages.ui import media, watching, work
from pages.ui.compare import views
from pages.ui.components.answer import answer
from pages.ui.components.gallery import PanelView, gallery
from pages.ui.components.thumbs import Thumb, thumbs
from pages.ui.concepts import directions
from pages.ui.concepts.study import Study
from pages.ui.shelf import Shelf
from xai_core.predict import Predict, Prediction
from xai_core.tcav.direction import Direction
from xai_core.tcav.grid import Grid
from xai_core.tcav.heatmap import ConceptMap, ConceptMapped
from xai_core.tcav.on_picture import ConceptOnPicture, Moved

CAUTION = (
    "Warm places hold more of the concept than places of other pictures usually do, cold ones less. It shows where the "
    "idea is, not whether the answer hangs on it."
)


def tab(shelf: Shelf, kept: Study, told: Grid) -> None:
    """Choose a picture; the map and the sentence follow."""
    found = directions.choose(kept, told, "picture-concept")
    direction = found.direction
    items = [Thumb(each.digest, each.name, media.url("thumb", each)) for each in shelf.all_pictures()]
    picked = thumbs(items, shelf.picture.digest, "Pictures", key="concept-picture-choice")
    for each in shelf.all_pictures():
        if each.digest == picked and picked != shelf.picture.digest:
            shelf.show(each)
            st.rerun()
    left, right = st.columns([2, 3], gap="large")
    with left:
        _map(shelf, direction)
    with right:
        _sentences(shelf, direction, [each.target for each in found.result.request.classes])


def _map(shelf: Shelf, direction: Direction) -> None:
    request = ConceptMap(direction, shelf.picture, shelf.framing)
    found = watching.answered(request, "concept-map", "looking for the concept")
    if isinstance(found, ConceptMapped):
        drawn = views.map_view(found.values, found.signed, media.url("map", found.values))
        panel = PanelView(
            key=f"concept-{shelf.picture.digest[:12]}", title=f"Where it shows {found.title}",
            photo=views.photo(shelf.picture, found.box), state="done", sentence="", maps=(drawn,), caution=CAUTION,
        )  # fmt: skip
        gallery([panel], key="concept-map-panel", bar=False, display=shelf.display, columns_min_px=300)


def _sentences(shelf: Shelf, direction: Direction, targets: list[int]) -> None:
    """What the model says of it, and one sentence for each class in question; the likeliest class first."""
    said = work.quickly(Predict(shelf.model, shelf.picture, shelf.framing)).result
    if isinstance(said, Prediction):
        best = said.top(1)[0].index
        targets = [best, *(target for target in targets if target != best)]
    for target in targets:
        request = ConceptOnPicture(direction, shelf.picture, shelf.framing, target)
        found = watching.answered(request, f"concept-moved-{target}", "trying a step along the concept")
        if isinstance(found, Moved):
            answer(found.headline, key=f"concept-moved-said-{target}")
    st.caption(
        "“More of it” is a step inside the network: one usual difference between pictures along the concept, at every "
        "place. The picture itself is not changed."
    )
