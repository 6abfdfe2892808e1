"""Points for rows: by PCA, by t-SNE (two libraries) or by UMAP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding import checks, others, tsne, umap_layout
from xai_core.embedding.settings import Settings
from xai_core.progress import Progress, silent

Watch = Callable[[NDArray[np.float64]], bool]  # sees the points so far, and says whether that is enough


@dataclass(frozen=True, eq=False)
class LaidOut:
    """Points, and how they came about."""

    points: NDArray[np.float32] = field(repr=False)  # (n, 2)
    perplexity: float = 0.0
    iterations: int = 0
    complete: bool = True
    notes: tuple[str, ...] = ()


def never(points: NDArray[np.float64]) -> bool:
    """Nobody watches: it is never enough."""
    return False


def watchable(settings: Settings) -> bool:
    """Whether the points can be seen while they are being laid out, and kept when it is enough."""
    return settings.layout == "umap" or (settings.layout == "tsne" and settings.library == "openTSNE")


def lay_out(
    rows: NDArray[np.float32], settings: Settings, watch: Watch = never, progress: Progress = silent
) -> LaidOut:
    """Rows (n, d) that all differ, as `checks.distinct` makes them -> the same points for the same seed and machine.

    UnusableData for settings that do not fit so many rows, and where nothing finite comes out.
    """
    if settings.layout == "pca":
        return LaidOut(checks.checked(rows[:, :2].astype(np.float64), settings))
    if settings.layout == "umap":
        points, made, complete = umap_layout.umap(rows, settings, watch, progress)
        notes = (umap_layout.NOTE, "" if complete else _cut(made, umap_layout.planned(len(rows))))
        return LaidOut(checks.checked(points, settings), 0.0, made, complete, tuple(filter(None, notes)))
    perplexity, note = checks.perplexity(settings, len(rows))
    if settings.library == "scikit-learn":
        points, made = others.scikit_learn(rows, settings, perplexity, progress)
        notes, complete = (note, others.SCIKIT_NOTE), True
    else:
        points, made, complete = tsne.open_tsne(rows, settings, perplexity, watch, progress)
        planned = settings.early + settings.iterations
        early = ", still exaggerated" if made < settings.early else ""
        notes = (note, "" if complete else _cut(made, planned, early))
    return LaidOut(checks.checked(points, settings), perplexity, made, complete, tuple(filter(None, notes)))


def _cut(made: int, planned: int, how: str = "") -> str:
    return f"You stopped this layout after {made:,} of {planned:,} iterations{how}; more would move points on."
