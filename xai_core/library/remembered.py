"""A folder of the library is listed once for each run of a page, however many parts of the page ask what is in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Stamp = tuple[int, int]

_held: ContextVar[dict[Path, tuple[Stamp, Any]] | None] = ContextVar("listings of this run", default=None)
_lock = threading.Lock()
_changes = 0


@contextmanager
def once() -> Iterator[None]:
    """Inside, in this thread, `remembered` reads again only what this process has changed, or where entries came or
    went. A change that another process makes to an entry is seen in the next run."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def changed() -> None:
    """This process has written into the library: what is remembered may be old."""
    global _changes
    with _lock:
        _changes += 1


def remembered(place: Path, read: Callable[[], T]) -> T:
    """What `read` finds in a folder, or has found there since `once`."""
    held = _held.get()
    if held is None:
        return read()
    try:
        stamp = _changes, place.stat().st_mtime_ns  # before it is read: what comes meanwhile is read again
    except OSError:
        return read()
    if place not in held or held[place][0] != stamp:
        held[place] = stamp, read()
    found: T = held[place][1]
    return found
