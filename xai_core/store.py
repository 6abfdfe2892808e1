"""Finished answers, bounded by the bytes they hold; the longest unused go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any

import numpy as np

from xai_core.picture import Picture


class Store:
    """Thread-safe answers by request. Requests are values that name everything an answer depends on."""

    def __init__(self, room: int) -> None:
        """`room`: bytes of arrays to hold at most."""
        self._room, self._held = room, 0
        self._answers: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, request: Hashable) -> Any | None:
        with self._lock:
            if request not in self._answers:
                return None
            self._answers.move_to_end(request)
            return self._answers[request][0]

    def put(self, request: Hashable, answer: object, size: int | None = None) -> None:
        """Remember it; `size` in bytes where `size_of` would not know."""
        size = size_of(answer) if size is None else size
        with self._lock:
            if request in self._answers:
                self._held -= self._answers.pop(request)[1]
            self._answers[request] = (answer, size)
            self._held += size
            while self._held > self._room and len(self._answers) > 1:
                _, (_, freed) = self._answers.popitem(last=False)
                self._held -= freed


def size_of(value: object) -> int:
    """Bytes of all arrays and byte strings inside a value of dataclasses, tuples and dicts, plus a little for each."""
    if isinstance(value, Picture):
        return 64  # its pixels belong to whoever asked, and one picture has many answers
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, tuple | list):
        return sum(map(size_of, value))
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    if is_dataclass(value):
        return 256 + sum(size_of(getattr(value, item.name)) for item in fields(value))
    return 64
