"""Small requests that the worker's tests send: the worker imports them by name."""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass
from pathlib import Path

from xai_core import hooks
from xai_core.errors import OutOfMemory, UnsupportedMethod, XaiError
from xai_core.hub import Hub
from xai_core.picture import Picture
from xai_core.progress import Cancelled, Progress


@dataclass(frozen=True)
class Size:
    """A picture's size and name, as they arrive on the other side."""

    picture: Picture
    number: int = 0

    def answer(self, hub: Hub, progress: Progress) -> tuple[int, int, Picture]:
        return self.picture.width, self.picture.height, self.picture


@dataclass(frozen=True)
class Order:
    """Appends its name to a file at its end, after as many batches as it is told to take."""

    name: str
    file: Path
    batches: int = 0
    wait_for: Path | None = None  # reports progress until this file exists
    hooked: bool = False  # keeps a hook open meanwhile
    cleared: Path | None = None  # where it tells that it cleared up when it was stopped

    def answer(self, hub: Hub, progress: Progress) -> str:
        if self.hooked:
            with hooks.guided_relu():
                self._work(progress)
        else:
            try:
                self._work(progress)
            except Cancelled:
                if self.cleared is not None:
                    with self.cleared.open("a") as file:
                        file.write(f"{self.name} cleared up ")
                raise
        with self.file.open("a") as file:
            file.write(f"{self.name} ")
        return self.name

    def _work(self, progress: Progress) -> None:
        pause = threading.Event()
        while self.wait_for is not None and not self.wait_for.exists():
            progress(0.5, "waiting for the test")
            pause.wait(0.02)
        for batch in range(self.batches):
            progress(batch / self.batches, f"batch {batch}")
            pause.wait(0.02)


@dataclass(frozen=True)
class Crash:
    """Ends the process the hard way; only the first time if `once` is a file that does not exist yet."""

    once: Path | None = None

    def answer(self, hub: Hub, progress: Progress) -> str:
        if self.once is None or not self.once.exists():
            if self.once is not None:
                self.once.touch()
            ctypes.string_at(0)
        return "survived"


@dataclass(frozen=True)
class Fail:
    """Fails in one of four ways."""

    how: str

    def answer(self, hub: Hub, progress: Progress) -> None:
        if self.how == "refused":
            raise UnsupportedMethod("this method has no meaning here")
        if self.how == "kindly":
            raise XaiError("cat.png is a dog")
        if self.how == "full":
            raise OutOfMemory("no room for one picture")
        raise RuntimeError("secret internals")
