"""The pictures that a test of one concept uses: its own, and those that it is held against. Each content once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from xai_core.datasets.dataset import Dataset
from xai_core.features.located import Located
from xai_core.names import safe_label
from xai_core.tcav.request import Entry
from xai_core.tcav.settings import Settings
from xai_core.tcav.sizes import set_size, too_few
from xai_core.training.source import dataset_of

MOST_POOL = 2000  # counter-examples: more would be looked at for minutes and hardly drawn


@dataclass(frozen=True)
class Sets:
    """Distinct pictures. `refusal` says why there are too few for a test; then `concept` is empty."""

    title: str  # the concept's, safe to show
    concept: tuple[Located, ...] = field(repr=False)
    counters: tuple[Located, ...] = field(repr=False)  # what counter-sets are drawn from: none of the concept's own
    pool: tuple[Located, ...] = field(repr=False)  # what random concepts and their counter-sets are drawn from
    notes: tuple[str, ...]
    refusal: str = ""

    @property
    def all(self) -> tuple[Located, ...]:
        """Every picture once."""
        return distinct([*self.concept, *self.counters, *self.pool])


def sets(concept: Entry, against: tuple[Entry, ...], relative: bool, settings: Settings) -> Sets:
    """LibraryError when an entry is gone, UnusableData when one has been changed since it was chosen."""
    data = dataset_of(*concept, "concepts")
    own, title = distinct(_items(data)), safe_label(data.title)
    pool = drawn(counter_examples(against), MOST_POOL, settings.seed)
    mine = digests(own)
    counters = tuple(each for each in pool if each[1].digest not in mine)
    size = set_size(len(own), len(counters), relative, settings)
    if not size:
        shared = len(pool) - len(counters)
        return Sets(title, (), counters, pool, (), too_few(len(own), len(counters), relative, shared))
    chosen = drawn(own, size, settings.seed)
    notes = _notes(title, len(data.items), len(own), size, len(pool) - len(counters))
    # one concept among others has no pool of its own: random concepts are mixtures of all of them
    return Sets(title, chosen, counters, (*chosen, *counters) if relative else pool, notes)


def counter_examples(against: Sequence[Entry]) -> tuple[Located, ...]:
    """All pictures of some entries."""
    return distinct(located for entry in against for located in _items(dataset_of(*entry, "concepts")))


def distinct(pictures: Iterable[Located]) -> tuple[Located, ...]:
    """The first of those that show the same."""
    found: dict[str, Located] = {}
    for located in pictures:
        found.setdefault(located[1].digest, located)
    return tuple(found.values())


def digests(pictures: Iterable[Located]) -> frozenset[str]:
    return frozenset(item.digest for _, item in pictures)


def drawn(pictures: Sequence[Located], most: int, seed: int) -> tuple[Located, ...]:
    """At most so many, in their order; which, is decided by the seed."""
    if len(pictures) <= most:
        return tuple(pictures)
    rows = np.random.default_rng(seed).choice(len(pictures), most, replace=False)
    return tuple(pictures[row] for row in np.sort(rows))


def _items(data: Dataset) -> list[Located]:
    return [(data, item) for item in data.items]


def _notes(title: str, given: int, own: int, size: int, shared: int) -> tuple[str, ...]:
    notes = []
    if given > own:
        notes.append(f"{given - own} of {title}'s {given} pictures show the same as another one and are not counted.")
    if own > size:
        notes.append(f"{title} has {own} different pictures; {size} of them are used, drawn at random.")
    if shared:
        notes.append(f"{shared} counter-examples are also pictures of {title}, and are never drawn against it.")
    return tuple(notes)
