"""What crosses the pipe: values travel pickled, their pictures by digest, each picture sent once per process."""

from __future__ import annotations

import io
import pickle
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from multiprocessing.connection import Connection
from typing import Any

from xai_core.picture import Picture

PICTURE_BYTES = 512 * 2**20  # of pixels, remembered by the worker


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.pictures: dict[str, Picture] = {}

    def persistent_id(self, value: object) -> str | None:
        if isinstance(value, Picture):
            self.pictures[value.digest] = value
            return value.digest
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, picture: Callable[[str], Picture]) -> None:
        super().__init__(io.BytesIO(data))
        self._picture = picture

    def persistent_load(self, digest: str) -> Picture:
        return self._picture(digest)


def pack(value: object) -> tuple[bytes, dict[str, Picture]]:
    """A value pickled with digests in the place of its pictures, and those pictures."""
    pickler = _Pickler(file := io.BytesIO())
    pickler.dump(value)
    return file.getvalue(), pickler.pictures


def unpack(data: bytes, picture: Callable[[str], Picture]) -> Any:
    """Undo `pack`; whatever `picture` raises for an unknown digest comes through."""
    return _Unpickler(data, picture).load()


class Pictures:
    """The worker's pictures by digest; the longest unused go first."""

    def __init__(self, room: int = PICTURE_BYTES) -> None:
        self._held: OrderedDict[str, Picture] = OrderedDict()
        self._room = room

    def get(self, digest: str) -> Picture:
        """KeyError where it is not, or no longer, held."""
        self._held.move_to_end(digest)
        return self._held[digest]

    def keep(self, picture: Picture) -> None:
        self._held[picture.digest] = picture
        while len(self._held) > 1 and sum(held.pixels.nbytes for held in self._held.values()) > self._room:
            self._held.popitem(last=False)


class Sender:
    """The dashboard's outgoing half of a pipe. `send` never waits, so no lock is held while the pipe is full."""

    def __init__(self) -> None:
        self._todo = queue.SimpleQueue[tuple[Any, ...]]()
        self._pictures: dict[int, dict[str, Picture]] = {}  # of requests under way, by job

    def connect(self, connection: Connection[Any, Any]) -> None:
        """What was and will be sent goes here."""
        threading.Thread(target=self._write, args=(connection,), daemon=True).start()

    def run(self, number: int, urgent: bool, request: Hashable) -> None:
        data, self._pictures[number] = pack(request)
        self._todo.put(("run", number, (urgent, data)))

    def cancel(self, number: int) -> None:
        self._todo.put(("cancel", number, None))

    def end(self) -> None:
        """Tell the other side that nobody wants anything any more."""
        self._todo.put(("end", 0, None))

    def picture(self, digest: str) -> None:
        """Send the pixels that the worker asks for."""
        for pictures in list(self._pictures.values()):
            if digest in pictures:
                # bare fields: pickling the Picture itself would send its digest again
                sent = pictures[digest]
                self._todo.put(("picture", 0, (sent.digest, sent.name, sent.pixels, sent.notes)))
                return

    def answer(self, number: int, data: bytes) -> Any:
        """An answer with its request's own pictures put back."""
        return unpack(data, self._pictures.pop(number).__getitem__)

    def forget(self, number: int) -> None:
        self._pictures.pop(number, None)

    def _write(self, connection: Connection[Any, Any]) -> None:
        try:
            while True:
                connection.send(self._todo.get())
        except OSError:
            return  # the process is gone; the reading thread deals with what that means
