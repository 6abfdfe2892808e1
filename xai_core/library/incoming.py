"""Uploads on their way into the library: written down as they came, under names of our own."""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from xai_core.errors import LibraryError
from xai_core.library.home import home, in_words
from xai_core.limits import UPLOAD_BYTES, UPLOAD_FILES

FOLDER, INDEX = "incoming", "names.json"
ABANDONED = 86400.0  # seconds after which nobody comes back for an upload

_turn = threading.Lock()
_locks: dict[Path, tuple[str, FileLock]] = {}  # held to the end of the process


def stage(files: Iterable[tuple[str, bytes | Path]]) -> str:
    """Keep uploads (name, content) until they are imported; the id to import them by. Names may have folders in them.

    LibraryError when they are too many or too large, or the disk refuses; then nothing is kept.
    """
    room = home() / FOLDER
    with in_words("The upload was not taken in"):
        room.mkdir(exist_ok=True)
        sweep()
        staged = _own(room) + secrets.token_hex(8)
        (room / staged).mkdir()
        try:
            names = _write_down(files, room / staged)
            (room / staged / INDEX).write_text(json.dumps(names), encoding="utf-8")
        except BaseException:
            discard(staged)
            raise
    return staged


def _write_down(files: Iterable[tuple[str, bytes | Path]], folder: Path) -> list[str]:
    names, size = [], 0
    for number, (name, content) in enumerate(files):
        if number >= UPLOAD_FILES:
            raise LibraryError(f"These are more than {UPLOAD_FILES:,} files. Bring them in several parts.")
        size += content.stat().st_size if isinstance(content, Path) else len(content)
        if size > UPLOAD_BYTES:
            raise LibraryError(f"These files are more than {UPLOAD_BYTES / 2**30:g} GB. Bring them in several parts.")
        path = folder / f"{number:05d}"
        if isinstance(content, Path):
            shutil.copyfile(content, path)
        else:
            path.write_bytes(content)
        names.append(name)
    return names


def staged(upload: str) -> tuple[tuple[str, Path], ...]:
    """The names and files of an upload; LibraryError when it is no longer there."""
    folder = _folder(upload)
    try:
        names = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LibraryError("The uploaded files are no longer there. Upload them again.") from error
    return tuple((str(name), folder / f"{number:05d}") for number, name in enumerate(names))


def discard(upload: str) -> None:
    """Forget an upload."""
    shutil.rmtree(_folder(upload), ignore_errors=True)  # what stays is swept tomorrow


def _folder(upload: str) -> Path:
    if not upload.isalnum():
        raise LibraryError("The uploaded files are no longer there. Upload them again.")
    return home() / FOLDER / upload


def _own(room: Path) -> str:
    """How this process's uploads are called at first; a lock of that name tells others that it lives."""
    with _turn:
        if room not in _locks:
            name = secrets.token_hex(8)
            lock = FileLock(room / f"{name}.lock", thread_local=False)
            lock.acquire(timeout=0)
            _locks[room] = name, lock
        return _locks[room][0]


def sweep() -> None:
    """Remove uploads that nobody comes back for: of processes that ended, and any after a day."""
    room = home() / FOLDER
    with suppress(OSError):  # what cannot be removed waits for the next time
        for lock in room.glob("*.lock"):
            if room not in _locks or _locks[room][0] != lock.stem:
                _sweep_dead(lock)
        for left in room.iterdir():
            if left.is_dir() and left.stat().st_mtime < time.time() - ABANDONED:
                shutil.rmtree(left)


def _sweep_dead(lock: Path) -> None:
    with suppress(Timeout), FileLock(lock, timeout=0):
        for left in lock.parent.glob(f"{lock.stem}*/"):
            shutil.rmtree(left)
        lock.unlink()
