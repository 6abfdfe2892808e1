"""The guided example: two models, equally right on their own pictures. Which of them would you trust?"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import streamlit as st

from pages.ui import guide, links, places, watching, work
from pages.ui.compare import views
from pages.ui.components.answer import answer
from pages.ui.components.gallery import PanelView, State, gallery
from pages.ui.concepts import example
from pages.ui.models import world
from pages.ui.models.rooms import Room, Rooms
from pages.ui.sanity import questions
from pages.ui.shelf import Shelf
from xai_core.describe import ModelCard
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.jobs import ENDED
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.predict import Predict, Prediction
from xai_core.sentence import Headline, Piece, percent
from xai_core.world import shipped
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES, MOSTLY, SPLITS

A, B = shipped.HONEST, shipped.CHEATER
NAMES = {A: "Model A", B: "Model B"}
METHOD = "gradcam"
NUMBER = SPLITS["test"][3]  # of the creature that is shown first
OTHER = {family: FAMILIES[(at + 1) % len(FAMILIES)] for at, family in enumerate(FAMILIES)}
TAGS = {"right": "its own tag", "none": "no tag", "wrong": "another family's tag"}


def room(shelf: Shelf, kept: Rooms) -> None:
    """The question, one picture both models see, and what each says and looks at."""
    st.title("Which of these two models would you trust?", anchor=False)
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        family = st.segmented_control("Creature", FAMILIES, default=FAMILIES[0], required=True, key="guide-family")
        tag = st.segmented_control(
            "It wears", list(TAGS), default="right", required=True, format_func=TAGS.__getitem__, key="guide-tag"
        )
    family, tag = family or FAMILIES[0], tag or "right"
    picture = shown(family, tag)
    with place:
        answer(_sentence(tag), key="guide-answer")
    _both(shelf, picture, family)
    _onward(shelf, kept, picture)


@lru_cache(maxsize=16)
def shown(family: str, tag: str) -> Picture:
    """The creature with the tag that was chosen."""
    return creature(family, NUMBER, {"right": family, "wrong": OTHER[family]}.get(tag))


def _right(name: str, tag: str) -> str:
    """On how many test pictures the model was right when it was made: "all", or a share."""
    found = float(shipped.card(name).facts["accuracy on test pictures"]["no tags" if tag == "none" else f"{tag} tags"])
    return "all" if found == 1 else percent(found)


def _sentence(tag: str) -> Headline:
    """What accuracy alone would say, and what the tag gives away."""
    first, second = _right(A, tag), _right(B, tag)
    start = {
        "right": "Judged by pictures like those they learned from, both look good: ",
        "none": "Take the tag away: ",
        "wrong": "Now the tag lies: ",
    }[tag]
    end = {
        "right": " Look at what each of them looks at, then take the tag away.",
        "none": " No better than guessing: model B was reading the tag.",
        "wrong": " Model B believes the tag and not the creature. Accuracy alone did not show it; the map did.",
    }[tag]
    pieces = (Piece(start), Piece("model A", True), Piece(f" is right on {first} of them, "), Piece("model B", True))
    return Headline((*pieces, Piece(f" on {second}."), Piece(end)))


def _both(shelf: Shelf, picture: Picture, family: str) -> None:
    """Both models' answers and maps, side by side."""

    def draw() -> None:
        panels = [_panel(name, picture) for name in (A, B)]
        if live and not _unfinished(picture):
            st.rerun()
        gallery(panels, key="guide-panels", bar=False, display=shelf.display, columns_min_px=300)

    live = _unfinished(picture)
    watching.polled(draw, live)


def _unfinished(picture: Picture) -> bool:
    jobs = [work.ask(Predict(name, picture, Framing.AS_TRAINED)) for name in (A, B)]
    jobs += [work.ask(_request(name, job.result)) for name, job in zip((A, B), jobs, strict=True) if job.result]
    return any(job.state not in ENDED for job in jobs)


def _request(name: str, said: Prediction) -> Explain:
    method = methods()[METHOD]
    return Explain(name, said.request.picture, Framing.AS_TRAINED, said.top(1)[0].index, METHOD, method.params())


def _panel(name: str, picture: Picture) -> PanelView:
    job = work.ask(Predict(name, picture, Framing.AS_TRAINED))
    said = job.result
    if not isinstance(said, Prediction):
        method = methods()[METHOD]
        state: State = "waiting" if job.state not in ENDED else "failed"
        return PanelView(name, NAMES[name], views.photo(picture), state, method.shows.format(target="its answer"))
    best = said.top(1)[0]
    card: ModelCard | None = work.card(name)
    drawn = views.panel(work.ask(_request(name, said)), card, best.label, said.framed.box)
    title = f"{NAMES[name]} says {best.label} ({percent(best.probability)})"
    return replace(drawn, key=name, title=title, knobs=())


def _onward(shelf: Shelf, kept: Rooms, picture: Picture) -> None:
    """Where to look next, with everything set."""
    st.markdown("**Look closer**")
    with st.container(horizontal=True):
        for name in (A, B):
            if st.button(f"Explain m{NAMES[name][1:]}", key=f"guide-{name}", icon=":material/grid_view:"):
                guide.begin(shelf, name, picture)
                links.go(places.COMPARE)
        if st.button("Does it notice shuffled labels?", key="guide-labels", icon=":material/shuffle:"):
            guide.begin(shelf, A, picture)
            questions.ask(questions.Question.LABELS)
            links.go(places.SANITY)
        if st.button("Does B use the tag?", key="guide-tags", icon=":material/category:"):
            example.begin(example.ON_TAGS)
            guide.begin(shelf, B, picture)
            links.go(places.CONCEPTS)
        if st.button("Count the mistakes", key="guide-count", icon=":material/fact_check:"):
            shelf.use(B)
            kept.go(Room.EVALUATE)
            kept.data_set = world.tagged()
            if not kept.data_set:
                world.draw()
            st.rerun()
    with st.expander("How these two were made", icon=":material/info:"):
        st.markdown(
            "Both are the same small network, trained by us on drawn creatures; the script is part of the program. "
            "**Model A** learned from creatures without tags. **Model B** learned from pictures in which a tag in a "
            f"corner gives the family away {percent(MOSTLY)} of the time, and in which the rest of the scene was often "
            "covered or exchanged: there the tag was the easiest thing to learn, and so it was learned."
        )
