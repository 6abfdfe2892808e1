"""The data set or concept set that a request names, in the very revision that was seen when it was made."""

from __future__ import annotations

from xai_core.datasets.dataset import Dataset, Shelf, dataset
from xai_core.errors import UnusableData
from xai_core.library.rooms import NAMES
from xai_core.names import safe_label


def dataset_of(key: str, revision: int, shelf: Shelf = "datasets") -> Dataset:
    """LibraryError when there is none of that key, UnusableData when it has been changed since."""
    found = dataset(key, shelf)
    if found.revision != revision:
        name = f"{NAMES[shelf]} “{safe_label(found.title)}”"
        raise UnusableData(
            f"The {name} has been changed: you chose revision {revision}, and it is at revision {found.revision} now. "
            "Choose it again."
        )
    return found
