"""A picture of the library by what it shows, wherever it lies."""

from __future__ import annotations

from typing import get_args

from xai_core.datasets.dataset import Shelf, datasets
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
