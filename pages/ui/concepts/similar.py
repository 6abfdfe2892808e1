"""Pictures most like those already in a concept, in the eyes of the model; and those that do not fit."""

from __future__ import annotations

import streamlit as st

from pages.ui import media, watching, work
from pages.ui.components.album import Leaf, album
from pages.ui.concepts import saving, sources
from pages.ui.concepts.study import Study
from pages.ui.shelf import Shelf
from xai_core.concepts.checking import Inspect, Inspected
from xai_core.concepts.concept import Concept
from xai_core.concepts.suggesting import Suggest, Suggested

COUNT = 12
REFUSED = "concept-refused"  # digests by concept


def inspected(shelf: Shelf, inside: Concept) -> Inspected | None:
    """What is odd in the concept, once it is known; the page runs again then."""
    card = work.card(shelf.model)
    if card is None:
        return None
    job = work.ask(Inspect(shelf.model, card.bottleneck, inside.key, inside.revision))
    watching.rerun_when_ended([job.request])
    return job.result if isinstance(job.result, Inspected) else None


def room(shelf: Shelf, kept: Study, inside: Concept) -> None:
    """Suggestions from a data set; a click takes one in, the others can be refused together."""
    source = sources.choose("Look for them in", kept, key="similar-source")
    card = work.card(shelf.model)
    if source is None or card is None:
        return
    refused: dict[str, set[str]] = st.session_state.setdefault(REFUSED, {})
    no = refused.setdefault(inside.key, set())
    request = Suggest(
        shelf.model, card.bottleneck, inside.key, inside.revision, (source.shelf, source.key, source.revision),
        frozenset(no), COUNT,
    )  # fmt: skip
    found = watching.answered(request, "concept-similar", "looking for pictures like these")
    if not isinstance(found, Suggested):
        return
    if not found.items:
        st.write("Nothing is left to suggest from there.")
        return
    st.markdown("**Click** what shows the concept: it goes in. The most alike come first.")
    items = {item.digest: item for item, _ in found.items}
    leaves = [
        Leaf(item.digest, media.small(source, item), item.name.rpartition("/")[2], f"{likeness:+.2f}")
        for item, likeness in found.items
    ]
    picked = album(leaves, "Suggestions", key=f"concept-similar-{inside.key}")
    if picked in items:
        saving.add_of(kept, inside, source, items[picked])
    if st.button("None of these: show others", icon=":material/block:", key="concept-refuse"):
        no.update(items)
        st.rerun()
