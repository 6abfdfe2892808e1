"""From what is chosen on the page to requests."""

from __future__ import annotations

from dataclasses import replace

from pages.ui.concepts.study import Study
from xai_core.concepts.concept import Concept, Concepts
from xai_core.datasets.dataset import Dataset
from xai_core.describe import ModelCard
from xai_core.evaluation.matching import plain
from xai_core.tcav.request import Entry, Examples, Tcav
from xai_core.tcav.settings import random_concepts


def examples_of(label: str, card: ModelCard, source: Dataset) -> Examples:
    """The pictures of a class: the source's class of that name; without one, what the model takes for it."""
    target = card.labels.index(label)
    named = {plain(name): number for number, name in enumerate(source.classes)}
    number = named.get(plain(label)) if source.shelf == "datasets" else None
    return Examples(target, source.shelf, source.key, source.revision, number, predicted=number is None)


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
    """One for each concept; as many random concepts as the correction over all of them needs."""
    relative = kept.relative and len(chosen) > 1
    # twice what is needed: else a single random concept of equal effect would decide
    needed = random_concepts(2 * len(chosen) * len(labels) * len(layers))
    settings = replace(kept.settings, random_concepts=max(kept.settings.random_concepts, needed))
    classes = tuple(examples_of(label, card, source) for label in labels)
    made = []
    for each in chosen:
        others = [other for other in chosen if other is not each] if relative else [pool] if pool else []
        against: tuple[Entry, ...] = tuple((other.key, other.revision) for other in others)
        made.append(Tcav(card.model, (each.key, each.revision), against, classes, tuple(layers), relative, settings))
    return tuple(made)
