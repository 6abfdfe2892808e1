"""The folder of each kind of entry: swept when first used, locked for one writer, with a place for unfinished work."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from xai_core.errors import LibraryError
from xai_core.library import remembered
from xai_core.library.home import home, in_words
from xai_core.library.sweep import LOCK, STAGING, sweep
from xai_core.progress import Progress, silent

Kind = Literal["datasets", "concepts", "models", "runs"]
NAMES: dict[Kind, str] = {"datasets": "data set", "concepts": "concept set", "models": "model", "runs": "kept test"}
PATIENCE = 60.0  # seconds to wait for another writer; each holds the lock for a fraction of one
POLL = 0.01  # seconds
LOOK = 0.2  # seconds between two reports of one who waits

_swept: set[Path] = set()


def room(kind: Kind) -> Path:
    """The folder of all entries of a kind; swept when this process comes to it for the first time."""
    found = home() / kind
    if found not in _swept:
        with in_words(f"The folder of {NAMES[kind]}s cannot be used"):
            found.mkdir(exist_ok=True)
        _swept.add(found)
        sweep(found)
    return found


@contextmanager
def locked(kind: Kind) -> Iterator[Path]:
    """The folder of a kind while no other thread or process writes in it."""
    found = room(kind)
    try:
        with FileLock(found / LOCK, timeout=PATIENCE, poll_interval=POLL):
            yield found
    except Timeout as error:
        raise LibraryError("Another program has kept the library busy for a minute. Try again.") from error
    finally:
        remembered.changed()


@contextmanager
def alone(name: str, progress: Progress = silent, note: str = "") -> Iterator[None]:
    """While no other thread or process is inside under this name; `progress` hears `note` for as long as one is.

    LibraryError where the disk refuses. Who is killed inside is out.
    """
    with ExitStack() as until_done:
        with in_words("The library cannot be written"):
            turn = FileLock(home() / f".{name}.lock")
            while True:
                try:
                    until_done.enter_context(turn.acquire(timeout=LOOK, poll_interval=POLL))
                    break
                except Timeout:
                    progress(0.0, note)
        yield


@contextmanager
def staging(inside: Path) -> Iterator[Path]:
    """A new hidden folder on the same disk, marked as alive for as long as it is being filled."""
    (inside / STAGING).mkdir(exist_ok=True)
    folder = inside / STAGING / secrets.token_hex(8)
    alive = folder.with_suffix(".lock")
    try:
        with FileLock(alive):
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)  # gone already when all went well
    finally:
        alive.unlink(missing_ok=True)
