"""Pictures of the library by what they show, wherever they lie."""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from xai_core.datasets.dataset import Dataset, Item, Shelf, datasets
from xai_core.errors import XaiError
from xai_core.picture import Picture


def with_digest(beginning: str) -> Picture | None:
    """The first picture whose digest begins so and whose file can be read, in data sets, then in concepts."""
    for shelf in get_args(Shelf):
        for data in datasets(shelf):
            for item in data.items:
                if item.digest.startswith(beginning):
                    try:
                        return data.picture(item)
                    except XaiError:
                        continue  # the same picture may lie in another set too
    return None


def located(digests: Collection[str]) -> dict[str, tuple[Dataset, Item]]:
    """Where those that are in the library lie, by digest: of several places the first where most is known of it."""
    found: dict[str, tuple[Dataset, Item]] = {}
    for shelf in get_args(Shelf):
        for data in datasets(shelf):
            for item in data.items:
                if item.digest in digests and (item.digest not in found or _told(item) > _told(found[item.digest][1])):
                    found[item.digest] = data, item
    return found


def _told(item: Item) -> int:
    """How much is known of it."""
    return sum(map(bool, item.facts))
