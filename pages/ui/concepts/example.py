"""Worked examples with a known answer: which ideas do the models of the demo world use?"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui import following
from pages.ui.concepts.study import Study
from pages.ui.shelf import Shelf
from xai_core.world.facts import COLOURS, FAMILIES, SIGNED
from xai_core.world.shipped import CHEATER, HONEST
from xai_core.world.world import COUNTER_EXAMPLES, EXAMPLES, BuildWorld, World

DRAWING = "concepts-example"


@dataclass(frozen=True)
class Story:
    """A model, the concepts to ask about, and the part of the demo world with pictures of its classes."""

    model: str
    concepts: tuple[str, ...]
    pictures: str


ON_COLOURS = Story(HONEST, COLOURS, "creatures")
ON_TAGS = Story(CHEATER, SIGNED, "tagged")


def offer() -> None:
    """A button, while nothing has been asked."""
    if following.under_way(DRAWING):
        return
    st.markdown("New here? See how an answer looks: six colours, and a model that tells three creatures apart.")
    if st.button("Show me an example", icon=":material/play_circle:", key="concept-example"):
        begin(ON_COLOURS)
        st.rerun()


def begin(story: Story) -> None:
    """Draw what is needed and is not there yet; the question is asked when it is there."""
    st.session_state["concept-story"] = story
    following.begin(DRAWING, BuildWorld((story.pictures, *EXAMPLES, *COUNTER_EXAMPLES)))


def arriving(shelf: Shelf, kept: Study) -> None:
    """When everything is drawn: the question is set, and asked on the next run."""
    done = following.follow(DRAWING, "drawing creatures and concepts")
    if isinstance(done, World):
        story, keys = st.session_state["concept-story"], dict(done.concepts)
        shelf.use(story.model)
        kept.chosen = [keys[name] for name in story.concepts]
        kept.source = f"datasets/{done.tagged if story == ON_TAGS else done.creatures}"
        kept.pool, kept.relative = done.pool, False
        kept.classes[story.model], kept.layers[story.model] = list(FAMILIES), []
        kept.ask_at_once, kept.moves = True, kept.moves + 1
        st.rerun()
