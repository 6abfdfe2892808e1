"""Who lies nearest to whom: exact, in pieces, so that memory does not grow with the square of the pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xai_core.progress import Progress, silent

AT_ONCE = 2**22  # distances held
SPARE = 6  # more candidates than wanted: single precision may swap those that are about equally far


def squared(
    rows: NDArray[np.floating], some: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.floating]]]:
    """Pieces of `some` with their squared distances to all rows (n, D), infinite to itself; in the rows' precision.

    By ‖a‖² + ‖b‖² − 2ab, so rows should lie around 0.
    """
    sizes = np.einsum("ij,ij->i", rows, rows)
    step = max(1, AT_ONCE // len(rows))
    for start in range(0, len(some), step):
        piece = some[start : start + step]
        found = rows[piece] @ rows.T
        found *= -2
        found += sizes
        found += sizes[piece, None]
        found[np.arange(len(piece)), piece] = np.inf
        yield piece, found


def nearest(rows: NDArray[np.float32], count: int, progress: Progress = silent) -> NDArray[np.int32]:
    """(n, count): the nearest other rows of each row (n, D), nearest first; of equally near ones the first."""
    kept = min(count + SPARE, len(rows) - 1)
    found = np.empty((len(rows), min(count, len(rows) - 1)), np.int32)
    done = 0
    for piece, distances in squared(rows, np.arange(len(rows))):
        progress(done / len(rows), "looking for each picture's neighbours")
        near = np.argpartition(distances, kept - 1, axis=1)[:, :kept]
        found[piece] = _in_order(rows, piece, np.sort(near, axis=1))[:, : found.shape[1]]
        done += len(piece)
    return found


def _in_order(rows: NDArray[np.float32], piece: NDArray[np.intp], near: NDArray[np.intp]) -> NDArray[np.intp]:
    """Candidates by their exact distances."""
    exact = np.empty(near.shape)
    for place, row in enumerate(piece):
        apart = rows[near[place]].astype(np.float64) - rows[row]
        exact[place] = np.einsum("ij,ij->i", apart, apart)
    return np.take_along_axis(near, np.argsort(exact, axis=1, kind="stable"), axis=1)
