"""Many picture files read on all cores: in order, a few at a time, so that memory does not grow with their number."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from xai_core.datasets.archive import UnusableArchive
from xai_core.datasets.pictures import shrunk
from xai_core.datasets.sources import Source
from xai_core.errors import UnreadablePicture
from xai_core.intake import read_both
from xai_core.intake_kind import kind_of
from xai_core.intake_outline import Outline, outline
from xai_core.limits import PICTURE_PIXELS
from xai_core.names import safe_label

CORES = min(os.cpu_count() or 1, 32)
AHEAD = 3  # files for each thread on their way

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Reading:
    """What became of one file: its bytes, the digest of its pixels and its thumbnail, or why it is refused."""

    source: Source
    data: bytes = field(default=b"", repr=False)
    digest: str = ""
    small: bytes = field(default=b"", repr=False)
    refusal: str = ""


def readings(sources: Iterable[Source]) -> Iterator[Reading]:
    """Each source read, in their order."""
    return in_order(_read, sources)


def _read(source: Source) -> Reading:
    """Decode and shrink; a file that is no picture is an answer, not an error."""
    label = safe_label(source.path[-1])
    try:
        data = source.read()
        with _budget.taken(_pixels(data)):
            picture, image = read_both(data, label)
            return Reading(source, data, picture.digest, shrunk(image))
    except (UnreadablePicture, UnusableArchive) as error:
        return Reading(source, refusal=str(error).removeprefix(f"{label} "))


def _pixels(data: bytes) -> int:
    """What the header claims; 0 where nothing will be decoded."""
    kind = kind_of(data, "")
    found = outline(data, kind.name) if kind.name else Outline(b"")
    return min(found.width * found.height, PICTURE_PIXELS)


class Budget:
    """Lets pictures be decoded at the same time as long as they are not too large together."""

    def __init__(self, room: int) -> None:
        self._room, self._changed = room, threading.Condition()

    @contextmanager
    def taken(self, pixels: int) -> Iterator[None]:
        """Wait for room for so many pixels, at most all there is, and keep it inside."""
        with self._changed:
            self._changed.wait_for(lambda: self._room >= pixels)
            self._room -= pixels
        try:
            yield
        finally:
            with self._changed:
                self._room += pixels
                self._changed.notify_all()


_budget = Budget(2 * PICTURE_PIXELS)


def in_order(work: Callable[[T], R], things: Iterable[T], threads: int = CORES) -> Generator[R, None, None]:
    """`work` of each thing on all cores (it must let go of the interpreter), the results in the things' order."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for thing in things:
                waiting.append(pool.submit(work, thing))
                if len(waiting) >= AHEAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()
