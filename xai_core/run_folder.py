"""A folder of its own for something long while it runs: who computes writes, pages read, and at the end it is gone."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xai_core.library.home import home

STALE = 7 * 86400.0  # seconds after which what a killed run left behind is swept
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def folder_of(kind: str, run: str) -> Path:
    """Where a run of that kind keeps its files; ValueError for a name that could be a path."""
    if not _RUN.fullmatch(run):
        raise ValueError(f"a run is called by 1 to 64 letters, digits, hyphens and underscores, got {run!r}")
    return home() / kind / run


@contextmanager
def fresh_folder(kind: str, run: str) -> Iterator[Path]:
    """An empty folder for this run, gone afterwards. ValueError as in `folder_of`."""
    folder = folder_of(kind, run)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.iterdir():
        if left.is_dir() and (left == folder or left.stat().st_mtime < time.time() - STALE):
            shutil.rmtree(left)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
