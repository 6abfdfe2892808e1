"""A folder of its own for something long while it runs: who computes writes, pages read, and at the end it is gone."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from xai_core.library.home import home
from xai_core.library.sweep import sweep_dead

STALE = 7 * 86400.0  # seconds after which what a killed run left behind is swept
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def folder_of(kind: str, run: str) -> Path:
    """Where a run of that kind keeps its files; ValueError for a name that could be a path."""
    if not _RUN.fullmatch(run):
        raise ValueError(f"a run is called by 1 to 64 letters, digits, hyphens and underscores, got {run!r}")
    return home() / kind / run


@contextmanager
def fresh_folder(kind: str, run: str) -> Iterator[Path]:
    """An empty folder for this run, gone afterwards, or swept when the process is killed. ValueError as `folder_of`."""
    folder = folder_of(kind, run)
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep(kind)
    alive = folder.with_suffix(".lock")
    try:
        with FileLock(alive):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)  # somebody may have cleared it away by hand
    finally:
        alive.unlink(missing_ok=True)


def sweep(kind: str) -> None:
    """Remove what killed runs of that kind left behind; what cannot be removed waits for the next time."""
    with suppress(OSError):
        for lock in (home() / kind).glob("*.lock"):
            sweep_dead(lock)
        for left in (home() / kind).iterdir():  # an earlier version of this program held no locks
            unlocked = left.is_dir() and not left.with_suffix(".lock").exists()
            if unlocked and left.stat().st_mtime < time.time() - STALE:
                shutil.rmtree(left)
