"""Step 2: about which classes, at which layers, compared with what."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from pages.ui import following
from pages.ui.bound import bound, bound_to
from pages.ui.concepts import asking, making, sources
from pages.ui.concepts.study import BOUNDS, RANDOMS, Study
from pages.ui.shelf import shelf
from xai_core.concepts.concept import Concept, Concepts
from xai_core.datasets.dataset import Dataset
from xai_core.describe import ModelCard
from xai_core.names import as_text
from xai_core.tcav.grid import CORRECTIONS
from xai_core.tcav.request import Tcav
from xai_core.tcav.settings import CLASSIFIERS, POOLINGS, USUAL

MOST_CLASSES = 12
CLASSIFIER_WORDS = {
    "logistic": "Logistic regression (all at once)",
    "ridge": "Least squares (all at once)",
    "sgd": "SGD, as in the sources (slower)",
}
POOLING_WORDS = {"average": "Averaged over the picture", "flatten": "Every place by itself"}


@dataclass(frozen=True)
class Question:
    """What stands on the page; `requests` is empty, and `missing` says why, while something is missing."""

    requests: tuple[Tcav, ...]
    missing: str = ""


def column(kept: Study, card: ModelCard, inside: Concepts) -> Question:
    """The widgets, and what they ask."""
    st.header("2 · Question", anchor=False)
    source = sources.choose("Pictures of the classes come from", kept, key="concept-source")
    labels = _classes(kept, card, source)
    layers = _layers(kept, card)
    chosen = asking.chosen_concepts(kept, inside)
    pool = _against(kept, inside, chosen)
    _details(kept)
    return _question(kept, card, chosen, source, labels, layers, pool)


def _classes(kept: Study, card: ModelCard, source: Dataset | None) -> list[str]:
    known = asking.matching(card, source) if source is not None else []
    usual = [label for label in kept.classes.get(card.model, []) if label in card.labels]
    usual = usual or (asking.usual_classes(card, source, shelf().target) if source is not None else [])
    options = [*known, *(label for label in dict.fromkeys(card.labels) if label not in known)]
    picked = st.multiselect(
        "Does the model use them to say", options, default=usual, max_selections=MOST_CLASSES, wrap=True,
        key=f"concept-classes-{card.model}-{kept.source}-{kept.moves}", placeholder="Choose one class or several",
    )  # fmt: skip
    kept.classes[card.model] = picked
    if source is not None and picked:
        guessed = [label for label in picked if label not in known]
        if guessed:
            st.caption(
                f"Of {as_text(', '.join(guessed))} there is no class in {as_text(source.title)}: "
                "those pictures are used that the model itself takes for it."
            )
    return picked


def _layers(kept: Study, card: ModelCard) -> list[str]:
    words = dict(card.bottlenecks)
    usual = [name for name in kept.layers.get(card.model, []) if name in words] or [card.bottleneck]
    picked = st.multiselect(
        "Where in the network", list(words), default=usual, format_func=words.__getitem__, wrap=True,
        key=f"concept-layers-{card.model}-{kept.moves}",
        help="Early layers see colours and edges, later ones parts and objects. Several give a chart of where a "
        "concept can be read and where it is used.",
    )  # fmt: skip
    kept.layers[card.model] = picked
    order = list(words)
    return sorted(picked, key=order.index)


def _against(kept: Study, inside: Concepts, chosen: list[Concept]) -> Concept | None:
    if len(chosen) > 1:
        st.toggle(
            "Against each other", **bound_to(kept, "relative", "concept-relative"),
            help="Each concept is compared with the other chosen ones, red with the other colours for example, instead "
            "of random pictures.",
        )  # fmt: skip
        if kept.relative:
            return None
    if not inside.pools:
        if not following.under_way(making.READY):
            st.markdown("A concept is compared with **random pictures**; there are none yet.")
            if st.button("Draw random pictures", key="concept-pool-draw", icon=":material/palette:"):
                making.draw_ready_made()
                st.rerun()
        return None
    pool = asking.pool_of(kept, inside)
    assert pool is not None
    keys = [each.key for each in inside.pools]
    titles = {each.key: f"{each.title} · {len(each.items):,}" for each in inside.pools}

    def take(key: str) -> None:
        kept.pool = key

    st.selectbox("Compared with", keys, format_func=titles.__getitem__, **bound("concept-pool-choice", pool.key, take))
    return pool


def _details(kept: Study) -> None:
    now = kept.settings
    with st.popover("How it is tested", icon=":material/tune:", key="concept-details"):
        runs = st.slider("Counter-sets: a direction is trained against each", *BOUNDS["runs"], now.runs, 5)
        randoms = st.select_slider("Random concepts to compare with, at least", RANDOMS, now.random_concepts)
        most = st.slider("Pictures of a concept, at most", *BOUNDS["most"], now.most, 10)
        examples = st.slider("Pictures of a class, at most", *BOUNDS["examples"], now.examples, 10)
        classifier = st.selectbox(
            "How a direction is trained", CLASSIFIERS, CLASSIFIERS.index(now.classifier),
            format_func=CLASSIFIER_WORDS.__getitem__,
        )  # fmt: skip
        pooling = st.selectbox(
            "Activations", POOLINGS, POOLINGS.index(now.pooling), format_func=POOLING_WORDS.__getitem__
        )
        kept.correction = st.segmented_control(
            "Correction for many tests", CORRECTIONS, default=kept.correction, required=True
        ) or kept.correction  # fmt: skip
        seed = int(st.number_input("Seed", *BOUNDS["seed"], now.seed))
        kept.settings = replace(
            now, runs=runs, random_concepts=randoms, most=most, examples=examples, classifier=classifier,
            pooling=pooling, seed=seed,
        )  # fmt: skip
        if kept.settings != USUAL:
            st.caption("Changed from the usual way of testing.")


def _question(
    kept: Study, card: ModelCard, chosen: list[Concept], source: Dataset | None, labels: list[str], layers: list[str],
    pool: Concept | None,
) -> Question:  # fmt: skip
    wanted = (
        (chosen, "Choose a concept in step 1."),
        (source, "Bring pictures of the classes first."),
        (labels, "Choose a class."),
        (layers, "Choose a place in the network."),
        (pool or (kept.relative and len(chosen) > 1), "There is nothing to compare with yet."),
    )
    missing = next((words for value, words in wanted if not value), "")
    if missing or source is None:
        return Question((), missing)
    return Question(asking.requests(kept, card, chosen, source, labels, layers, pool))
