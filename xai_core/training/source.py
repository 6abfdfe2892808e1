"""The data set that a request names, in the very revision that was seen when it was made."""

from __future__ import annotations

from xai_core.datasets.dataset import Dataset, dataset
from xai_core.errors import UnusableData
from xai_core.names import safe_label


def dataset_of(key: str, revision: int) -> Dataset:
    """LibraryError when there is none of that key, UnusableData when it has been changed since."""
    found = dataset(key)
    if found.revision != revision:
        raise UnusableData(
            f"The data set “{safe_label(found.title)}” has been changed: you chose revision {revision}, and it is at "
            f"revision {found.revision} now. Choose it again."
        )
    return found
