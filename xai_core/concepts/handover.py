"""A selection of pictures from a data set becomes a concept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from xai_core.concepts.editing import Edited, create_with
from xai_core.concepts.gathering import Gathering
from xai_core.datasets.dataset import Dataset, Item, Shelf
from xai_core.errors import UnusableConcept
from xai_core.progress import Progress, silent
from xai_core.training.source import dataset_of

if TYPE_CHECKING:
    from xai_core.hub import Hub


@dataclass(frozen=True)
class FromDataset:
    """The request: keep pictures of a data set as a concept, their files as they are.

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
        data = dataset_of(self.key, self.revision, self.shelf)
        chosen = self._chosen(data)
        if not chosen:
            raise UnusableConcept(f"0 of the {len(data.items):,} pictures of {data.title} were chosen. Choose some.")

        def gather(gathering: Gathering) -> None:
            for done, item in enumerate(chosen):
                progress(done / len(chosen), f"{done:,} of {len(chosen):,} pictures")
                gathering.item(data, item)

        return create_with(self.title, gather, f"from {data.title}", self.pool)

    def _chosen(self, data: Dataset) -> list[Item]:
        named = set(self.files)
        if missing := named - {item.file for item in data.items}:
            words = f"{len(missing):,} of {len(named):,} chosen pictures are not in {data.title}"
            raise UnusableConcept(f"{words} any more. Choose again.")
        labelled = [item for item in data.items if self.label is None or item.label == self.label]
        return [item for item in labelled if not named or item.file in named]
