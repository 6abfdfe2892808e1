"""A concept as a value: one entry of the library whose pictures show the same thing, or a pool of counter-examples."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.datasets.dataset import Dataset, Item, of_entry
from xai_core.errors import LibraryError
from xai_core.library import entries

POOL, ORIGIN = "pool", "origin"  # what the manifest calls them


@dataclass(frozen=True)
class Concept:
    """One revision of a concept, or of a pool of counter-examples; the pictures' pixels are all different."""

    data: Dataset
    origin: str  # where its pictures come from, in words; "" where nobody knows
    pool: bool

    @property
    def key(self) -> str:
        return self.data.key

    @property
    def title(self) -> str:
        return self.data.title

    @property
    def revision(self) -> int:
        return self.data.revision

    @property
    def items(self) -> tuple[Item, ...]:
        return self.data.items


@dataclass(frozen=True)
class Concepts:
    """All of them by title; sentences about damage; folders that `AdoptFolder` makes concepts of."""

    concepts: tuple[Concept, ...]
    pools: tuple[Concept, ...]
    messages: tuple[str, ...]
    dropped_in: tuple[str, ...]


def concept(key: str) -> Concept:
    """The concept or pool of that key; LibraryError when there is none, or it is damaged or not a single concept."""
    return _of_entry(entries.entry("concepts", key))


def concepts() -> Concepts:
    """All that is kept: what cannot be used is said, and does not hide the rest."""
    found = entries.listing("concepts")
    made, messages = [], list(found.messages)
    for entry in found.entries:
        try:
            made.append(_of_entry(entry))
        except LibraryError as error:
            messages.append(str(error))
    return Concepts(
        concepts=tuple(each for each in made if not each.pool),
        pools=tuple(each for each in made if each.pool),
        messages=tuple(messages),
        dropped_in=found.dropped_in,
    )


def _of_entry(entry: entries.Entry) -> Concept:
    data = of_entry(entry, "concepts")
    if len(data.classes) > 1:
        raise LibraryError(
            f"{data.title} holds {len(data.classes)} concepts in one set, and only one at a time can be tested. "
            "Divide it, or remove it."
        )
    return Concept(data, str(entry.manifest.get(ORIGIN, "")), bool(entry.manifest.get(POOL, False)))
