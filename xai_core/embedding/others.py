"""The layout of a library that cannot be watched: scikit-learn's t-SNE."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.settings import AUTOMATIC, EXPLORATION, Settings
from xai_core.embedding.tsne import affinities, start, threads
from xai_core.progress import Progress

SCIKIT_NOTE = "scikit-learn does not say how far it is, and cannot be stopped before it is done."


def scikit_learn(
    rows: NDArray[np.float32], settings: Settings, perplexity: float, progress: Progress
) -> tuple[NDArray[np.float64], int]:
    """(n, 2) points and the iterations made; the tree of Barnes and Hut, angle 0.5."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    progress(0.0, "scikit-learn is laying out the pictures; it does not say how far it is")
    made = TSNE(
        perplexity=perplexity,
        early_exaggeration=settings.exaggeration,
        learning_rate="auto" if settings.learning_rate == AUTOMATIC else settings.learning_rate,
        max_iter=EXPLORATION + settings.iterations,
        init=_start(rows, settings, perplexity).astype(np.float32),
        random_state=settings.seed,
        n_jobs=threads(),
    )
    with threadpool_limits(threads(), "openmp"):  # its tree asks nobody how many it may use
        points = made.fit_transform(rows)
    return np.asarray(points, np.float64), int(made.n_iter_) + 1


def _start(rows: NDArray[np.float32], settings: Settings, perplexity: float) -> NDArray[np.float64]:
    if settings.initialisation != "spectral":
        return start(rows, settings, None)
    return start(rows, settings, affinities(rows, perplexity).P)
