"""Pictures that were selected in data sets become a concept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from xai_core.concepts.editing import Edited, create_of
from xai_core.datasets.dataset import Dataset, Item, Shelf
from xai_core.errors import UnusableConcept
from xai_core.progress import Progress, silent
from xai_core.training.source import dataset_of

if TYPE_CHECKING:
    from xai_core.hub import Hub


@dataclass(frozen=True)
class FromDataset:
    """The request: keep pictures of a data set as a concept, their files as they are, with what is known of them.

    All of a class by its `label`, those that `files` names, or both conditions; without either, all there are.
    """

    on_device: ClassVar[bool] = False

    key: str
    revision: int
    title: str
    files: tuple[str, ...] = ()  # as `Item.file`
    label: int | None = None
    shelf: Shelf = "datasets"
    pool: bool = False

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> Edited:
        """UnusableData when the data set has changed since, UnusableConcept when it has no such pictures."""
        return _kept((self,), self.title, self.pool, progress)

    def chosen(self) -> tuple[Dataset, list[Item]]:
        """The pictures that are meant; errors as `answer`."""
        data = dataset_of(self.key, self.revision, self.shelf)
        if not (found := self._chosen(data)):
            raise UnusableConcept(f"0 of the {len(data.items):,} pictures of {data.title} were chosen. Choose some.")
        return data, found

    def _chosen(self, data: Dataset) -> list[Item]:
        named = set(self.files)
        if missing := named - {item.file for item in data.items}:
            words = f"{len(missing):,} of {len(named):,} chosen pictures are not in {data.title}"
            raise UnusableConcept(f"{words} any more. Choose again.")
        labelled = [item for item in data.items if self.label is None or item.label == self.label]
        return [item for item in labelled if not named or item.file in named]


@dataclass(frozen=True)
class FromSeveral:
    """The request: pictures of several data sets as one concept; the titles of the parts do not count."""

    on_device: ClassVar[bool] = False

    parts: tuple[FromDataset, ...]
    title: str

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> Edited:
        """Errors as `FromDataset`, of any of the parts; then nothing is kept."""
        return _kept(self.parts, self.title, False, progress)


def _kept(parts: Sequence[FromDataset], title: str, pool: bool, progress: Progress) -> Edited:
    found = [part.chosen() for part in parts]
    chosen = [(data, item) for data, items in found for item in items]
    origin = ", ".join(dict.fromkeys(data.title for data, _ in found))
    return create_of(title, chosen, f"from {origin}", pool, progress)
