"""The pictures of a request, row by row, and which of the model's classes each is truly of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets.dataset import Dataset
from xai_core.embedding.checks import enough
from xai_core.embedding.picture_map import UNKNOWN
from xai_core.errors import UnusableData
from xai_core.evaluation.matching import match
from xai_core.features.located import Located
from xai_core.names import safe_label
from xai_core.training.source import dataset_of

if TYPE_CHECKING:
    from xai_core.embedding.request import Source


@dataclass(frozen=True, eq=False)
class Pictures:
    """N pictures of some data sets."""

    sources: tuple[Dataset, ...]
    located: tuple[Located, ...] = field(repr=False)  # N
    source: NDArray[np.int32] = field(repr=False)  # (N,)
    items: NDArray[np.int32] = field(repr=False)  # (N,) numbers of the source's items
    label: NDArray[np.int32] = field(repr=False)  # (N,) of the source's classes, -1: none

    def truth(self, labels: Sequence[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """(N,) of the model's classes, -1 where it has none of that name; and a sentence for each source with such."""
        found, notes = np.full(len(self.items), UNKNOWN, np.int32), []
        for number, data in enumerate(self.sources):
            here = (self.source == number) & (self.label != UNKNOWN)
            if not here.any():
                continue
            try:
                matched = match(data.classes, labels)
            except UnusableData as error:
                notes.append(f"Right and wrong cannot be told in “{safe_label(data.title)}”. {error}")
                continue
            of = np.array([UNKNOWN if each is None else each for each in matched.label_of], np.int32)
            found[here] = of[self.label[here]]
            if matched.note:
                notes.append(matched.note.replace("are left out", "count as neither right nor wrong"))
        return found, tuple(notes)


def pictures(sources: Sequence[Source]) -> Pictures:
    """UnusableData for too few pictures, a source that was changed since it was chosen, or an item that is not there;
    LibraryError for a source that is gone."""
    opened: list[Dataset] = []
    located: list[Located] = []
    which: list[int] = []
    items: list[int] = []
    for number, source in enumerate(sources):
        data = dataset_of(source.key, source.revision, source.shelf)
        wanted = source.items or tuple(range(len(data.items)))
        if wrong := [item for item in wanted if not 0 <= item < len(data.items)]:
            raise UnusableData(
                f"“{safe_label(data.title)}” has {len(data.items):,} pictures, and no number {wrong[0]}. Choose again."
            )
        opened.append(data)
        located += [(data, data.items[item]) for item in wanted]
        which += [number] * len(wanted)
        items += wanted
    enough(len(located))
    label = [UNKNOWN if item.label is None else item.label for _, item in located]
    source_of, item_of, label_of = (np.array(each, np.int32) for each in (which, items, label))
    return Pictures(tuple(opened), tuple(located), source_of, item_of, label_of)
