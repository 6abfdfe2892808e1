"""UMAP that can be watched: the library's own steps, made here so that its points are at hand while they move."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xai_core.aside import Aside
from xai_core.embedding import checks
from xai_core.embedding.settings import Settings
from xai_core.errors import UnusableData
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.embedding.layouts import Watch

NOTE = "UMAP, too, keeps neighbours rather than distances, and usually fewer of them than t-SNE."
EVERY = 10  # epochs between two looks at it
APPROXIMATE = 4096  # rows from which on the library looks for neighbours approximately, by other functions
TRIAL = (128, 50)  # rows and columns of what has no other use than to be laid out once
WIDE = 10.0  # across, before the first epoch
NEGATIVE = 5.0  # points pushed away for each that is pulled: the library's default
GAMMA = 1.0  # how hard
FIRST_STEP = 1.0
BAR = {"disable": False, "mininterval": 0.0, "miniters": 1, "bar_format": "{n}"}  # of tqdm: a number after every epoch


def umap(
    rows: NDArray[np.float32], settings: Settings, watch: Watch, progress: Progress
) -> tuple[NDArray[np.float64], int, bool]:
    """(n, 2) points, how many epochs were made, and whether that is all that were asked for.

    One thread, without which the same seed does not give the same points. UnusableData where the package is missing.
    """
    if find_spec("umap") is None:
        raise UnusableData(
            "UMAP is not installed here. Install it with “pip install umap-learn” and start the program again, or "
            "choose t-SNE."
        )
    neighbours = checks.umap_neighbours(settings, len(rows))
    _compiled.wait(len(rows) >= APPROXIMATE, progress, "UMAP is getting ready, up to a minute the first time")
    progress(0.0, "looking for each picture's neighbours")
    made = _watched(settings, watch, progress)(
        n_neighbors=neighbours, min_dist=settings.umap_distance, random_state=settings.seed, n_jobs=1
    )
    points = np.asarray(made.fit_transform(rows), np.float64)
    return points, made.epochs, not made.enough or made.epochs == settings.umap_epochs


def _compile(approximate: bool) -> None:
    """Lays something small out: the library's functions become machine code when they are called for the first time,
    which takes longer than most layouts."""
    rows = np.random.default_rng(0).normal(size=TRIAL).astype(np.float32)
    settings = Settings(layout="umap", umap_epochs=EVERY)
    made = _watched(settings, lambda points: False, silent)(
        n_neighbors=5, random_state=settings.seed, n_jobs=1, force_approximation_algorithm=approximate
    )
    made.fit_transform(rows)


# both kinds have functions that run on all processors, and must not do so at the same time
_compiled = Aside(_compile)


def planned(count: int) -> int:
    """Epochs that the library makes for so many rows."""
    return 500 if count <= 10_000 else 200


def _watched(settings: Settings, watch: Watch, progress: Progress) -> type[Any]:
    """umap.UMAP with its optimisation taken apart; the class exists only where the package does."""
    from umap import UMAP, layouts, spectral, umap_

    class Watched(UMAP):  # type: ignore[misc]
        epochs, enough = 0, False

        def _fit_embed_data(self, rows: Any, n_epochs: Any, init: Any, random_state: Any, **kwargs: Any) -> Any:
            """What the library calls for the points, meant to be replaced; the steps are those of
            `umap_.simplicial_set_embedding`."""
            graph, epochs = self.graph_.tocoo(), planned(len(rows))
            graph.sum_duplicates()
            graph.data[graph.data < graph.data.max() / epochs] = 0.0
            graph.eliminate_zeros()
            points = spectral.spectral_layout(rows, graph, 2, random_state)
            points = umap_.noisy_scale_coords(points, random_state, max_coord=WIDE, noise=0.0001)
            state = random_state.randint(umap_.INT32_MIN, umap_.INT32_MAX, 3).astype(np.int64)
            points = WIDE * (points - points.min(axis=0)) / np.ptp(points, axis=0)
            points = np.ascontiguousarray(points, np.float32)
            bar = Bar(points, epochs, settings.umap_epochs, watch, progress, layouts.tqdm.get_lock())
            try:
                layouts.optimize_layout_euclidean(
                    points, points, graph.row, graph.col, epochs, graph.shape[1],
                    umap_.make_epochs_per_sample(graph.data, epochs), self._a, self._b, state, GAMMA, FIRST_STEP,
                    NEGATIVE, tqdm_kwds={**BAR, "file": bar},
                    move_other=True,
                )  # fmt: skip
            except Enough:
                self.enough = True
            self.epochs = bar.made
            return points, {}

    return Watched


class Enough(Exception):
    """Somebody wants the points as they are."""


class Bar:
    """The file that UMAP's progress bar writes to after an epoch; what is raised here ends the optimisation."""

    def __init__(
        self, points: NDArray[np.float32], planned: int, last: int, watch: Watch, progress: Progress, lock: Any
    ) -> None:
        """`lock`: the one that all bars of the process take in turn while they write."""
        self._points, self._planned, self._last = points, planned, last
        self._watch, self._progress, self._lock = watch, progress, lock
        self.made, self._over = 0, False

    def write(self, text: str) -> None:
        """`text` is the number of epochs made, among signs that move the cursor."""
        digits = "".join(filter(str.isdigit, text))
        if self._over or not digits or int(digits) == self.made:
            return  # the bar is closed after what was raised, too
        self.made = int(digits)
        if self.made % EVERY:
            return
        self._over = True
        try:
            self._look()
        except BaseException:
            self._lock.release()  # the bar does not when its file fails, and every other thread's bar would hang
            raise
        self._over = False

    def _look(self) -> None:
        words = f"pulling neighbours together, step {self.made:,} of {self._planned:,}"
        self._progress(self.made / self._planned, words)
        if self.made < self._planned and (self._watch(self._points.astype(np.float64)) or self.made == self._last):
            raise Enough

    def flush(self) -> None:
        """Nothing is kept back."""
