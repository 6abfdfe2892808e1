"""From concepts, classes and layers that were chosen to requests, whoever chose them: a page, or a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xai_core.concepts.concept import Concept
from xai_core.datasets.dataset import Dataset
from xai_core.evaluation.matching import plain
from xai_core.tcav.request import Entry, Examples, Tcav
from xai_core.tcav.settings import Settings, random_concepts


def examples_of(target: int, label: str, source: Dataset) -> Examples:
    """The pictures of a model's class: the source's class of that name; without one, what the model takes for it."""
    named = {plain(name): number for number, name in enumerate(source.classes)}
    number = named.get(plain(label)) if source.shelf == "datasets" else None
    return Examples(target, source.shelf, source.key, source.revision, number, predicted=number is None)


def asked(
    model: str,
    concepts: Sequence[Concept],
    classes: tuple[Examples, ...],
    layers: tuple[str, ...],
    pools: Sequence[Concept],
    settings: Settings,
    *,
    relative: bool = False,
) -> tuple[Tcav, ...]:
    """One for each concept; as many random concepts as the correction over all of them needs.

    `relative`: each against the others instead of the pools.
    """
    # twice what is needed: else a single random concept of equal effect would decide
    needed = random_concepts(2 * len(concepts) * len(classes) * len(layers))
    enough = replace(settings, random_concepts=max(settings.random_concepts, needed))
    made = []
    for each in concepts:
        others = [other for other in concepts if other is not each] if relative else pools
        against: tuple[Entry, ...] = tuple((other.key, other.revision) for other in others)
        made.append(Tcav(model, (each.key, each.revision), against, classes, layers, relative, enough))
    return tuple(made)
