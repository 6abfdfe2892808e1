"""Pictures of a data set as a model's squares, decoded ahead in threads while the network computes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.framing import Framing, Preprocess, frame

if TYPE_CHECKING:
    from xai_core.datasets.dataset import Dataset

AHEAD = 64  # pictures decoded before they are needed: 10 MB at 224 pixels


class Ahead:
    """Squares by position in `numbers`, asked for in rising order (a position may be asked for again at once)."""

    def __init__(self, decode: Callable[[int], NDArray[np.uint8]], numbers: Sequence[int], pool: ThreadPoolExecutor):
        self._decode, self._numbers, self._pool = decode, numbers, pool
        self._held: dict[int, Future[NDArray[np.uint8]]] = {}
        self._begun = 0

    def batch(self, start: int, stop: int) -> NDArray[np.uint8]:
        """(stop - start, S, S, 3) uint8; those before `start` are let go."""
        for position in [position for position in self._held if position < start]:
            del self._held[position]
        for position in range(self._begun, min(stop + AHEAD, len(self._numbers))):
            self._held[position] = self._pool.submit(self._decode, self._numbers[position])
            self._begun = position + 1
        return np.stack([self._held[position].result() for position in range(start, stop)])


@contextmanager
def decoded(decode: Callable[[int], NDArray[np.uint8]], numbers: Sequence[int]) -> Iterator[Ahead]:
    """What `decode` gives for those numbers, on several threads. Reading stops when the block is left."""
    pool = ThreadPoolExecutor(min(8, os.cpu_count() or 1), thread_name_prefix="decode")
    try:
        yield Ahead(decode, numbers, pool)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def squares(data: Dataset, numbers: Sequence[int], preprocess: Preprocess) -> Iterator[Ahead]:
    """The items of those numbers, framed as the model was trained. Reading stops when the block is left."""

    def decode(number: int) -> NDArray[np.uint8]:
        return frame(data.picture(data.items[number]).pixels, preprocess, Framing.AS_TRAINED).square

    with decoded(decode, numbers) as ahead:
        yield ahead
