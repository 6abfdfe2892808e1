"""t-SNE by openTSNE, which tells how far it is, can be stopped with what it has, and places new points."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.settings import AUTOMATIC, Settings
from xai_core.progress import Progress

if TYPE_CHECKING:
    from xai_core.embedding.layouts import Watch

BY_FFT = 5000  # rows from which interpolation (Linderman 2019) is faster than a tree (van der Maaten 2014)
EVERY = 10  # iterations between two looks at it
SMALL = 1e-4  # standard deviation of the points before the first step
MOMENTUM = 0.8  # in both phases, as openTSNE itself sets it


def open_tsne(
    rows: NDArray[np.float32], settings: Settings, perplexity: float, watch: Watch, progress: Progress
) -> tuple[NDArray[np.float64], int, bool]:
    """(n, 2) points, how many iterations were made, and whether that is all of them."""
    from openTSNE import TSNEEmbedding

    progress(0.0, "looking for each picture's neighbours")
    near = affinities(rows, perplexity)
    method = "fft" if len(rows) >= BY_FFT else "bh"
    begin = start(rows, settings, near.P)
    embedding: Any = TSNEEmbedding(begin, near, negative_gradient_method=method, n_jobs=threads())
    report = _Report(settings, watch, progress)
    for count, exaggeration in ((settings.early, settings.exaggeration), (settings.iterations, 1.0)):
        if count and not report.enough:
            embedding = embedding.optimize(
                count,
                learning_rate="auto" if settings.learning_rate == AUTOMATIC else settings.learning_rate,
                exaggeration=exaggeration,
                momentum=MOMENTUM,
                callbacks=[report],
                callbacks_every_iters=EVERY,
            )
            report.end_phase(count)
    return np.asarray(embedding), report.made, not report.enough


def affinities(rows: NDArray[np.float32], perplexity: float) -> Any:
    """How close the rows (n, d) are to each other, from exact neighbours."""
    from openTSNE import affinity, nearest_neighbors

    # the library's own choice of a neighbour search imports whatever others are installed, which takes seconds
    index = nearest_neighbors.Sklearn(rows, min(len(rows) - 1, int(3 * perplexity)), n_jobs=threads())
    return affinity.PerplexityBasedNN(knn_index=index, perplexity=perplexity, n_jobs=threads())


def start(rows: NDArray[np.float32], settings: Settings, near: Any) -> NDArray[np.float64]:
    """(n, 2) points before the first step; the first two columns of `rows` are the first two components."""
    from openTSNE import initialization

    if settings.initialisation == "spectral":
        found = initialization.spectral(near, random_state=settings.seed)
    elif settings.initialisation == "random":
        found = initialization.random(len(rows), random_state=settings.seed)
    else:
        found = initialization.rescale(rows[:, :2].astype(np.float64), target_std=SMALL)
        found = initialization.jitter(found, random_state=settings.seed)
    return np.asarray(found, np.float64)


def threads() -> int:
    """Those that the process may use; points do not depend on it."""
    return int(os.environ.get("OMP_NUM_THREADS", "0")) or os.cpu_count() or 1


class _Report:
    """What openTSNE calls after some iterations: tells, shows, and says whether it is enough."""

    def __init__(self, settings: Settings, watch: Watch, progress: Progress) -> None:
        self._early, self._total = settings.early, settings.early + settings.iterations
        self._watch, self._progress = watch, progress
        self._before, self.made, self.enough = 0, 0, False

    def __call__(self, iteration: int, error: float, embedding: NDArray[np.float64]) -> bool:
        self.made = self._before + iteration
        if self._before < self._early:
            words = f"pulling neighbours together, step {self.made:,} of {self._early:,}"
        else:
            words = f"spreading out, step {iteration:,} of {self._total - self._early:,}"
        self._progress(self.made / self._total, words)
        self.enough = self._watch(np.asarray(embedding))
        self.made -= self.enough  # openTSNE looks here before it makes the step
        return self.enough

    def end_phase(self, count: int) -> None:
        """The phase made all of its iterations, also those since the last call, unless it was enough."""
        if not self.enough:
            self._before += count
            self.made = self._before
