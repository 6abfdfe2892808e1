"""A drawing while it runs: the layout so far, for a page to show, and a way to say that it is enough.

The drawing process writes, pages read; the folder goes when the drawing ends, however it ends.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xai_core.library.home import in_words
from xai_core.run_folder import folder_of, fresh_folder

POINTS, ENOUGH = "points.npy", "enough"
KIND = "maps"
log = logging.getLogger("second-look")


def so_far(run: str) -> NDArray[np.float32] | None:
    """(N, 2), in the order of the map's rows; None before the first points, after the end, and for an unknown run.

    ValueError unless `run` is 1 to 64 letters, digits, hyphens and underscores.
    """
    try:
        points: NDArray[np.float32] = np.load(folder_of(KIND, run) / POINTS, allow_pickle=False)
    except FileNotFoundError:
        return None
    return points


def begun(run: str) -> bool:
    """Whether there are points to see, and to keep. ValueError as in `so_far`."""
    return (folder_of(KIND, run) / POINTS).exists()


def packed(points: NDArray[np.float32]) -> bytes:
    """Points (N, 2) as they go to a browser: 2 little-endian int16 each, of the farthest coordinate from the middle.

    What a map shows while it is drawn has neither scale nor place, only shape.
    """
    moved = points.astype(np.float64) - (points.min(axis=0).astype(np.float64) + points.max(axis=0)) / 2
    whole: NDArray[np.int16] = np.rint(moved * (32767 / max(float(np.abs(moved).max()), 1e-30))).astype("<i2")
    return whole.tobytes()


def enough(run: str) -> None:
    """Ask a running drawing to keep the layout so far; nothing happens where none is running.

    LibraryError where the disk has no room even for that.
    """
    folder = folder_of(KIND, run)
    with in_words("The drawing goes on"):
        if folder.is_dir():
            (folder / ENOUGH).touch()


@dataclass
class Underway:
    """The drawing's side; without a folder nobody watches."""

    folder: Path | None
    refused: bool = False  # by the disk, which is said once

    def show(self, points: NDArray[np.float32]) -> None:
        """Put the layout so far, (N, 2), in the place of the one before."""
        if self.folder is not None:
            fresh = self.folder / f"new-{POINTS}"
            try:
                np.save(fresh, points)
                os.replace(fresh, self.folder / POINTS)
            except OSError as error:  # the map itself needs no disk
                if not self.refused:
                    log.warning("a map cannot be shown while it is drawn: %s", error)
                self.refused = True

    @property
    def enough(self) -> bool:
        """Whether somebody said so."""
        return self.folder is not None and (self.folder / ENOUGH).exists()


@contextmanager
def underway(run: str) -> Iterator[Underway]:
    """A fresh folder for this run, gone afterwards; none for "", or where the disk refuses. ValueError as `so_far`."""
    with ExitStack() as until_drawn:
        folder = None
        if run:
            try:
                folder = until_drawn.enter_context(fresh_folder(KIND, run))
            except OSError as error:
                log.warning("a map cannot be shown while it is drawn: %s", error)
        yield Underway(folder)
