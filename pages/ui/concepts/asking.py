"""From what is chosen on the page to requests."""

from __future__ import annotations

from pages.ui.concepts.study import Study
from xai_core.concepts.concept import Concept, Concepts
from xai_core.datasets.dataset import Dataset
from xai_core.describe import ModelCard
from xai_core.evaluation.matching import plain
from xai_core.tcav.asking import asked, examples_of
from xai_core.tcav.request import Tcav


def matching(card: ModelCard, source: Dataset) -> list[str]:
    """Labels of the model that the source has a class for, in the source's order."""
    labels = {plain(label): label for label in reversed(card.labels)}
    return [labels[plain(name)] for name in source.classes if plain(name) in labels]


def usual_classes(card: ModelCard, source: Dataset, target: int | None) -> list[str]:
    """Those in question until some are chosen here: the class that was chosen on another page, or the source's."""
    if target is not None and target < len(card.labels):
        return [card.labels[target]]
    return matching(card, source)[:3]


def chosen_concepts(kept: Study, inside: Concepts) -> list[Concept]:
    """Those in question that are still there, in the order of the cards."""
    return [each for each in inside.concepts if each.key in kept.chosen]


def pool_of(kept: Study, inside: Concepts) -> Concept | None:
    """The counter-examples in question; the largest pool until one is chosen."""
    usual = max(inside.pools, key=lambda pool: len(pool.items), default=None)
    return next((pool for pool in inside.pools if pool.key == kept.pool), usual)


def requests(
    kept: Study, card: ModelCard, chosen: list[Concept], source: Dataset, labels: list[str], layers: list[str],
    pool: Concept | None,
) -> tuple[Tcav, ...]:  # fmt: skip
    """One for each concept; a single one has no others to be held against."""
    relative = kept.relative and len(chosen) > 1
    classes = tuple(examples_of(card.labels.index(label), label, source) for label in labels)
    pools = [pool] if pool else []
    return asked(card.model, chosen, classes, tuple(layers), pools, kept.settings, relative=relative)
