"""What the learning part reads of every picture: computed once, kept in a file, so that memory stays flat."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from xai_core.batches import batch_size, in_batches
from xai_core.errors import UnusableData
from xai_core.progress import Progress
from xai_core.training.course import in_words
from xai_core.training.network import Network
from xai_core.training.reading import squares
from xai_core.training.recipe import Recipe
from xai_core.training.views import altered, draws

if TYPE_CHECKING:
    from xai_core.datasets.dataset import Dataset

SPARE = 200 * 2**20  # bytes of disk to leave free


class Inputs:
    """Rows in the order of `numbers`; what each holds is the trunk's output, or the picture where there is none."""

    def __init__(self, network: Network, recipe: Recipe, device: torch.device, file: Path) -> None:
        self._network, self._recipe, self._device, self._file = network, recipe, device, file
        self._held: Any = None  # (rows, views, ...): float32 from the trunk, uint8 squares (S, S, 3) without one

    @property
    def view_count(self) -> int:
        """Kept versions of each picture."""
        return 1 if self._network.trunk is None else self._recipe.view_count

    def read(self, data: Dataset, numbers: Sequence[int], progress: Progress) -> None:
        """Fill the file, view by view of each batch. UnusableData when it would not fit on the disk."""
        begun = time.monotonic()
        views = self.view_count
        changes = [draws(len(numbers), self._recipe.seed, -view) for view in range(views)]
        with squares(data, numbers, self._network.preprocess) as ahead:

            def work(start: int, stop: int) -> None:
                pictures = ahead.batch(start, stop)
                for view in range(views):
                    found = self._seen(pictures, changes[view][start:stop] if view else None)
                    self._room(len(numbers), views, found)[start:stop, view] = found

            def report(fraction: float, note: str) -> None:
                spent = time.monotonic() - begun
                progress(fraction, note + (in_words(spent / fraction - spent) if fraction > 0.02 else ""))

            in_batches(len(numbers), batch_size(self._device, gradients=False), work, report, "looking at pictures,")

    def plain(self, rows: Tensor) -> Tensor:
        """What the learning part reads of these pictures as they are, on the device."""
        return self._read(rows, None)

    def varied(self, rows: Tensor, epoch: int) -> Tensor:
        """The same of a version of each picture that changes from epoch to epoch, where the recipe wants that."""
        return self._read(rows, epoch if self._recipe.augmentation else None)

    def views(self, rows: Tensor) -> Tensor:
        """All kept versions: (rows × views, ...), versions of one picture together."""
        return torch.from_numpy(self._held[rows.numpy()]).flatten(0, 1).to(self._device)

    def _read(self, rows: Tensor, epoch: int | None) -> Tensor:
        rounds = 0 if epoch is None else epoch
        if self._network.trunk is None:
            x = self._pixels(self._held[rows.numpy(), 0])
            if epoch is not None:
                x = altered(x, draws(len(self._held), self._recipe.seed, rounds)[rows])
            return self._normalised(x)
        views = self._held.shape[1]
        chosen = np.zeros(len(rows), np.int64)
        if epoch is not None:
            generator = torch.Generator().manual_seed(self._recipe.seed * 1_000_003 + rounds)
            chosen = torch.randint(views, (len(self._held),), generator=generator)[rows].numpy()
        return torch.from_numpy(self._held[rows.numpy(), chosen]).to(self._device)

    def _seen(self, pictures: np.ndarray[Any, Any], how: Tensor | None) -> np.ndarray[Any, Any]:
        if self._network.trunk is None:
            return pictures
        x = self._pixels(pictures)
        found = self._network.trunk(self._normalised(x if how is None else altered(x, how)))
        return found.float().cpu().numpy()

    def _pixels(self, pictures: np.ndarray[Any, Any]) -> Tensor:
        return torch.from_numpy(pictures).to(self._device).permute(0, 3, 1, 2).float() / 255

    def _normalised(self, x: Tensor) -> Tensor:
        shape = self._network.preprocess
        mean, std = (torch.tensor(v, device=x.device).view(3, 1, 1) for v in (shape.mean, shape.std))
        return ((x - mean) / std).contiguous(memory_format=torch.channels_last)

    def _room(self, rows: int, views: int, example: np.ndarray[Any, Any]) -> Any:
        if self._held is None:
            shape = (rows, views, *example.shape[1:])
            needed = int(np.prod(shape)) * example.itemsize
            free = shutil.disk_usage(self._file.parent).free
            if free < needed + SPARE:
                raise UnusableData(
                    f"Training on {rows:,} pictures needs {(needed + SPARE) / 2**30:.1f} GB of disk for a while, and "
                    f"{free / 2**30:.1f} GB are free. Free some space, or train on fewer pictures or copies of them."
                )
            self._held = np.memmap(self._file, example.dtype, "w+", shape=shape)
            if hasattr(os, "posix_fallocate"):  # else a disk that runs full later would end the process
                with self._file.open("r+b") as file:
                    os.posix_fallocate(file.fileno(), 0, needed)
        return self._held
