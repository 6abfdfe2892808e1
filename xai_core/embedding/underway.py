"""A drawing while it runs: the layout so far, for a page to show, and a way to say that it is enough.

The drawing process writes, pages read; the folder goes when the drawing ends, however it ends.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xai_core.library.home import home

POINTS, ENOUGH = "points.npy", "enough"
STALE = 7 * 86400.0  # seconds after which what a killed drawing left behind is swept
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def so_far(run: str) -> NDArray[np.float32] | None:
    """(N, 2), in the order of the map's rows; None before the first points, after the end, and for an unknown run.

    ValueError unless `run` is 1 to 64 letters, digits, hyphens and underscores.
    """
    try:
        points: NDArray[np.float32] = np.load(_folder(run) / POINTS, allow_pickle=False)
    except FileNotFoundError:
        return None
    return points


def enough(run: str) -> None:
    """Ask a running drawing to keep the layout so far; nothing happens where none is running."""
    folder = _folder(run)
    if folder.is_dir():
        (folder / ENOUGH).touch()


@dataclass(frozen=True)
class Underway:
    """The drawing's side; without a folder nobody watches."""

    folder: Path | None

    def show(self, points: NDArray[np.float32]) -> None:
        """Put the layout so far, (N, 2), in the place of the one before."""
        if self.folder is not None:
            fresh = self.folder / f"new-{POINTS}"
            np.save(fresh, points)
            os.replace(fresh, self.folder / POINTS)

    @property
    def enough(self) -> bool:
        """Whether somebody said so."""
        return self.folder is not None and (self.folder / ENOUGH).exists()


@contextmanager
def underway(run: str) -> Iterator[Underway]:
    """A fresh folder for this run, gone afterwards; no folder for "". ValueError as in `so_far`."""
    if not run:
        yield Underway(None)
        return
    folder = _folder(run)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.iterdir():
        if left.is_dir() and (left == folder or left.stat().st_mtime < time.time() - STALE):
            shutil.rmtree(left)
    folder.mkdir()
    try:
        yield Underway(folder)
    finally:
        shutil.rmtree(folder)


def _folder(run: str) -> Path:
    if not _RUN.fullmatch(run):
        raise ValueError(f"a run is called by 1 to 64 letters, digits, hyphens and underscores, got {run!r}")
    return home() / "maps" / run
