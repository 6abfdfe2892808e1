"""UMAP that can be watched: the library's own steps, made here so that its points are at hand while they move."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding import checks
from xai_core.embedding.settings import Settings
from xai_core.errors import UnusableData
from xai_core.progress import Progress

if TYPE_CHECKING:
    from xai_core.embedding.layouts import Watch

NOTE = "UMAP, too, keeps neighbours rather than distances, and usually fewer of them than t-SNE."
EVERY = 10  # epochs between two looks at it
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
    progress(0.0, "UMAP is getting ready, up to a minute the first time; Stop is heard when points begin to move")
    made = _watched(settings, watch, progress)(
        n_neighbors=neighbours, min_dist=settings.umap_distance, random_state=settings.seed, n_jobs=1
    )
    points = np.asarray(made.fit_transform(rows), np.float64)
    return points, made.epochs, not made.enough or made.epochs == settings.umap_epochs


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
            bar = Bar(points, epochs, settings.umap_epochs, watch, progress)
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

    def __init__(self, points: NDArray[np.float32], planned: int, last: int, watch: Watch, progress: Progress) -> None:
        self._points, self._planned, self._last = points, planned, last
        self._watch, self._progress = watch, progress
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
        self._progress(
            self.made / self._planned, f"pulling neighbours together, step {self.made:,} of {self._planned:,}"
        )
        if self.made < self._planned and (self._watch(self._points.astype(np.float64)) or self.made == self._last):
            raise Enough
        self._over = False

    def flush(self) -> None:
        """Nothing is kept back."""
