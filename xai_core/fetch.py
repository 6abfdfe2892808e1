"""Download a model's weights once: resumed after a break, checked before use, stopped at any moment."""

from __future__ import annotations

import errno
import secrets
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit
from urllib.request import Request

from xai_core.errors import MissingWeights
from xai_core.progress import Progress, silent
from xai_core.stream import TICK, Answer, BrokenError, arriving
from xai_core.weights import (
    DAMAGED,
    MEGABYTE,
    TOLERANCE,
    HubFile,
    WheelFile,
    digits,
    locate,
    path_of,
    present,
    remedy,
    verify,
)
from xai_core.zoo import spec

if TYPE_CHECKING:
    from xai_core.hub import Hub

ABANDONED = 120.0  # seconds since the last byte after which nobody is writing a part any more
STALE = 7 * 86400.0  # seconds after which nobody will come back for one

# parts are named by process: two dashboards on one computer must not write into one file
_TOKEN = secrets.token_hex(4)
_turns: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True)
class Fetch:
    """The request: have this model's weights on disk."""

    on_device: ClassVar[bool] = False  # runs beside the device, and is never answered from memory

    model: str

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> Fetched:
        """MissingWeights says why the file did not come, where it belongs, and what works without it."""
        file = spec(self.model).weights
        path = locate(file) if isinstance(file, WheelFile) else download(file, progress)
        return Fetched(path, path.stat().st_size)


@dataclass(frozen=True)
class Fetched:
    """Where the verified file lies."""

    path: Path
    bytes: int


def download(file: HubFile, progress: Progress = silent) -> Path:
    """The file's path once its bytes are there and verified. A stopped or broken download is continued next time."""
    path = path_of(file)
    turn = _turns[path]
    while not turn.acquire(timeout=TICK):
        progress(0.0, "somebody else is downloading this file")
    try:
        if not (present(file) and verify(path, digits(file))):
            _obtain(file, path, progress)
        return path
    except BrokenError as broken:
        raise MissingWeights(f"{file.name} was not downloaded: {broken}. {remedy(file, path)}") from broken
    except OSError as error:
        reason = f"{path.parent} cannot be written ({error.strerror})"
        raise MissingWeights(f"{file.name} was not downloaded: {reason}. {remedy(file, path)}") from error
    finally:
        turn.release()


def _obtain(file: HubFile, path: Path, progress: Progress) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _claim(path)
    missing = file.megabytes - (part.stat().st_size if part.exists() else 0) / MEGABYTE
    if missing < TOLERANCE:  # complete but never approved, or too long: no use
        part.unlink()
        missing = file.megabytes
    free = shutil.disk_usage(path.parent).free / MEGABYTE
    if free < missing:
        raise BrokenError(f"the disk has {free:.0f} MB free and {missing:.0f} MB are needed")
    try:
        _fill(file, part, progress)
        progress(0.99, "checking the file")
        if not verify(part, digits(file)):
            part.unlink()
            raise BrokenError("what the server sent is not the file that was asked for; it was deleted")
        part.replace(path)
    except BrokenError as broken:
        if broken.refused:
            part.unlink(missing_ok=True)  # perhaps it is our unfinished part that the server will not continue
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            part.unlink(missing_ok=True)
            raise BrokenError("the disk is full; the unfinished file was deleted") from error
        raise
    path.with_name(path.name + DAMAGED).unlink(missing_ok=True)


def _claim(path: Path) -> Path:
    """Where to write: our own unfinished part, else the largest that a process now gone has left. Sweeps the rest."""
    own, now = path.with_name(f"{path.name}.{_TOKEN}.part"), time.time()
    for left in path.parent.glob("*.pth.????????.part"):
        if left != own and left.stat().st_mtime < now - STALE:
            left.unlink()
    left_over = [
        left
        for left in path.parent.glob(f"{path.name}.????????.part")
        if left != own and left.stat().st_mtime < now - ABANDONED
    ]
    for left in sorted(left_over, key=lambda left: -left.stat().st_size):
        if own.exists():
            left.unlink()
        else:
            left.rename(own)
    return own


def _fill(file: HubFile, part: Path, progress: Progress) -> None:
    """Append to `part` until the server has no more; BrokenError if that is not the whole file."""
    have = part.stat().st_size if part.exists() else 0
    request = Request(file.url, headers={"Range": f"bytes={have}-"} if have else {})
    with closing(arriving(request)) as items:
        answer = _answer(items, progress, f"asking {urlsplit(file.url).netloc}")
        have = have if answer.continues else 0
        _check(answer, file, have)
        begun, at_first = time.monotonic(), have
        with part.open("ab" if have else "wb") as out:
            for item in items:
                if isinstance(item, bytes):
                    out.write(item)
                    have += len(item)
                if have / MEGABYTE > file.megabytes + TOLERANCE:
                    raise BrokenError(f"the server sends more than the {file.size} that were expected")
                pace = (have - at_first) / (time.monotonic() - begun + 1e-9)
                progress(0.98 * min(have / MEGABYTE / file.megabytes, 1.0), _words(file, have, pace))
    if not file.fits(have):
        so_far = f"{have / MEGABYTE:.1f} of {file.megabytes:.1f} MB"
        raise BrokenError(f"the connection ended after {so_far}; try again, and it goes on from there")


def _answer(items: Iterator[Answer | bytes], progress: Progress, note: str) -> Answer:
    for item in items:
        progress(0.0, note)
        if isinstance(item, Answer):
            return item
    raise BrokenError("the server ended the connection without an answer")


def _check(answer: Answer, file: HubFile, have: int) -> None:
    if answer.kind.startswith("text/"):
        raise BrokenError("a web page came in its place; perhaps this network asks for a login or blocks downloads")
    if answer.length is not None and not file.fits(have + answer.length):
        offered = (have + answer.length) / MEGABYTE
        raise BrokenError(f"the server offers {offered:.1f} MB where {file.megabytes:.1f} MB were expected")


def _words(file: HubFile, have: int, pace: float) -> str:
    """As in "123 of 548 MB, about 40 s left"; `pace` in bytes per second."""
    words = f"{have / MEGABYTE:.0f} of {file.size}"
    left = file.megabytes - have / MEGABYTE
    if pace <= 0 or left <= 0:
        return words
    seconds = left * MEGABYTE / pace
    return f"{words}, about {f'{seconds:.0f} s' if seconds < 100 else f'{seconds / 60:.0f} minutes'} left"
