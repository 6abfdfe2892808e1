"""What interrupted or damaged work left behind: swept when it is nobody's, set aside when it is somebody's."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from xai_core.library import manifests
from xai_core.library.manifests import BACKUP, MANIFEST, TEMPORARY, DamageError

STAGING, REMOVED, LOCK = ".staging", ".removed", ".lock"
KEPT = timedelta(days=7)  # how long a removed entry can be brought back
STAMP = "%Y%m%dT%H%M%SZ"

_SET_ASIDE = re.compile(r"(?P<name>.+)\.corrupt-\d{8}T\d{6}Z(-\d+)?$", re.DOTALL)


def sweep(room: Path) -> None:
    """Remove abandoned stagings, half-written manifests and entries removed long ago from the folder of a kind.

    What a living process is filling or writing is locked, and stays. What cannot be removed waits for the next time.
    """
    with suppress(OSError):
        for lock in (room / STAGING).glob("*.lock"):
            sweep_dead(lock)
        with FileLock(room / LOCK, timeout=0):  # under it nobody is writing a manifest
            for left in room.glob(f"[!.]*/{TEMPORARY}"):
                left.unlink()
        oldest = f"{manifests.now() - KEPT:{STAMP}}"
        for removed in (room / REMOVED).glob("*"):
            if removed.name < oldest:
                shutil.rmtree(removed)


def sweep_dead(lock: Path) -> None:
    """Remove the folder that belongs to a lock, and the lock, unless a living process holds it."""
    with suppress(Timeout), FileLock(lock, timeout=0):
        shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
        lock.unlink()


def set_aside(room: Path, name: str) -> str:
    """Put a damaged entry out of the way, under the lock; its name there, "" when nothing is damaged any more.

    Only its manifest goes where the one before it is whole and takes its place; else the entry with all its files.
    """
    entry, aside = room / name, _free(room, f"{name}.corrupt-{manifests.now():{STAMP}}")
    try:
        manifests.read(entry / MANIFEST)
        return ""
    except FileNotFoundError:
        return ""
    except DamageError as damage:
        backup = None if damage.newer else _backup(entry)  # an old one would hide what the newer program did
    if backup is None:
        entry.rename(aside)
    else:
        (entry / MANIFEST).rename(aside)
        manifests.replace(entry / MANIFEST, backup)
    manifests.settle(room)
    return aside.name


def _backup(entry: Path) -> bytes | None:
    """The manifest before the last one, if it is whole."""
    try:
        manifests.read(entry / BACKUP)
        return (entry / BACKUP).read_bytes()
    except (DamageError, OSError):
        return None


def _free(room: Path, name: str) -> Path:
    path, number = room / name, 1
    while os.path.lexists(path):
        number += 1
        path = room / f"{name}-{number}"
    return path


def about(room: Path, name: str) -> str:
    """The sentence about something that was set aside under this name; "" for any other name."""
    if (found := _SET_ASIDE.match(name)) is None:
        return ""
    whole = (room / name / MANIFEST).exists()
    try:
        manifests.read(room / name / MANIFEST if whole else room / name)
        words = "could not be read"
    except DamageError as damage:
        words = str(damage)
    except OSError as error:
        words = f"could not be read ({error.strerror})"
    if whole:
        then = "Take out of that folder what you need, then delete it."
        return f"{found['name']}: its manifest {words}. It was set aside with all its files as {name}. {then}"
    return f"{found['name']}: its manifest {words}. It was set aside as {name}, and the one before it is in use."
