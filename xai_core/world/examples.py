"""Which pictures of creatures make up a split, and which tag each of them carries."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.picture import Picture
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES, MOSTLY, SPLITS, Split, Tags


@dataclass(frozen=True)
class Example:
    """One picture of the demo world that has not been drawn yet."""

    family: str
    number: int
    tag: str | None  # the family whose sign it carries

    @property
    def label(self) -> int:
        """The family's index."""
        return FAMILIES.index(self.family)

    @property
    def picture(self) -> Picture:
        """Drawn at every call, in about 10 ms."""
        return creature(self.family, self.number, self.tag)


def examples(split: Split, tags: Tags = "none") -> tuple[Example, ...]:
    """All pictures of a split, family by family: (families × numbers,)."""
    return tuple(Example(family, number, tag(family, number, tags)) for family in FAMILIES for number in SPLITS[split])


def tag(family: str, number: int, tags: Tags) -> str | None:
    """The family whose sign a picture carries; one in twenty of those "mostly right" carries a wrong one."""
    if tags == "none":
        return None
    every = round(1 / (1 - MOSTLY))
    if tags == "right" or (tags == "mostly right" and number % every):
        return family
    turn = number // every if tags == "mostly right" else number
    return FAMILIES[(FAMILIES.index(family) + 1 + turn % 2) % len(FAMILIES)]
