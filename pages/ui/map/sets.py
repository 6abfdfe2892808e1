"""The pictures that can be mapped, and those that are."""

from __future__ import annotations

from collections.abc import Mapping

from pages.ui.concepts import sources
from pages.ui.map.state import Atlas
from xai_core.concepts.concept import concepts
from xai_core.datasets.dataset import Dataset
from xai_core.embedding.request import Source


def available() -> dict[str, Dataset]:
    """Data sets, pools of counter-examples, concepts; by the names that `Atlas.sources` holds."""
    found = (*sources.available(), *(each.data for each in concepts().concepts))
    return {sources.name_of(each): each for each in found}


def name_of(source: Source) -> str:
    """How `Atlas.sources` calls what is drawn."""
    return f"{source.shelf}/{source.key}"


def chosen(kept: Atlas, found: Mapping[str, Dataset]) -> tuple[str, ...]:
    """One set or several, in the order in which they were chosen; those that are gone meanwhile are left out."""
    names = tuple(name for name in kept.sources or () if name in found)
    # what was chosen may all be gone, and then it is as if nobody had chosen; nothing at all may be chosen too
    if not names and kept.sources != () and found:
        return (next(iter(found)),)
    return names
