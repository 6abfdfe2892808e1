"""Do the methods point at the same place? Rank agreement, a consensus map, and where it lies; numpy and scipy alone.

Maps are compared on a common grid of 28 x 28 cells: finer maps are averaged over each cell, coarser ones read smoothly.
A region that two maps share counts, not the speckle inside it. Of a signed map only what speaks for the class counts,
as in the maps without a sign; it is cut before averaging, since neighbouring pixels of opposite sign would cancel where
a map marks most (on photographs integrated gradients then agree with Grad-CAM to 0.1 instead of 0.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from xai_core.explain import Explanation
from xai_core.framing import Box
from xai_core.resample import to_grid
from xai_core.sentence import SCATTERED

Floats = NDArray[np.float32]
Exact = NDArray[np.float64]

GRID = 28  # cells a side: 8 pixels each at 224, finer than the layers that Grad-CAM reads
SHARE = 0.10  # of the cells: the strongest tenth
TOGETHER = 0.30  # of a method's strongest tenth inside the others': three times chance
CHANCE = 0.95  # share of its own shifted copies that a method must beat, so that two large blobs do not meet by luck
SPREAD = 0.60  # spread of the strongest tenth, 1 for one that is everywhere; a disc has 0.31


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far maps of one picture and class agree, in the order they were given."""

    titles: tuple[str, ...]
    undefined: tuple[str, ...]  # for each map: why it cannot be compared, "" where it can
    matrix: Exact = field(repr=False)  # (n, n) Spearman's rho in [-1, 1]; NaN where a map cannot be compared
    consensus: Floats | None = field(repr=False)  # (GRID, GRID) mean rank in [0, 1]; None without any map to compare
    overlaps: tuple[float | None, ...]  # of each strongest tenth, the share inside the other methods'; chance: 0.1
    together: tuple[bool | None, ...]  # whether it points where the others do; None where that is undefined
    place: str  # where the consensus is strongest: "around the middle"; "" without a consensus
    box: Box | None  # the part of the picture that `consensus` covers

    @property
    def average(self) -> float | None:
        """The mean rho over all pairs that can be compared."""
        pairs = self.matrix[np.triu_indices(len(self.titles), 1)]
        return float(np.nanmean(pairs)) if np.isfinite(pairs).any() else None


def agreement(explanations: Sequence[Explanation]) -> Agreement:
    """Compare maps of one picture, framing and class. ValueError where they are of different ones."""
    if len({(e.request.picture, e.request.target, e.box) for e in explanations}) > 1:
        raise ValueError("only maps of one picture, framing and class can be compared")
    grids = [on_grid(explanation) for explanation in explanations]
    undefined = tuple(reason(e, grid) for e, grid in zip(explanations, grids, strict=True))
    defined = [i for i, why in enumerate(undefined) if not why]
    ranks = {i: _ranked(grids[i]) for i in defined}
    matrix = np.full((len(grids), len(grids)), np.nan)
    for i in defined:
        for j in defined:
            matrix[i, j] = 1.0 if i == j else _correlation(ranks[i], ranks[j])
    overlaps, together = _meeting(grids, ranks)
    consensus = _mean_rank(list(ranks.values())) if defined else None
    box = explanations[0].box if explanations else None
    for array in (matrix, consensus):
        if array is not None:
            array.setflags(write=False)
    return Agreement(
        titles=tuple(explanation.method.title for explanation in explanations),
        undefined=undefined,
        matrix=matrix,
        consensus=consensus,
        overlaps=overlaps,
        together=together,
        place="" if consensus is None else place(consensus, explanations[0]),
        box=box,
    )


def on_grid(explanation: Explanation) -> Floats:
    """What speaks for the class in each cell, (GRID, GRID), >= 0."""
    return to_grid(np.maximum(explanation.values, np.float32(0)), (GRID, GRID))


def reason(explanation: Explanation, grid: Floats) -> str:
    """Why a map cannot be ranked, or ""."""
    if explanation.status == "blank":
        return explanation.reasons[0]
    if np.ptp(grid) == 0:
        return f"{explanation.method.title} marks no place that speaks for {explanation.label} more than any other."
    return ""


def spearman(first: Floats, second: Floats) -> float | None:
    """Rank correlation in [-1, 1], ties sharing their mean rank; None where a map is constant."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return _correlation(_ranked(first), _ranked(second))


def strongest(grid: Floats, share: float = SHARE) -> Exact:
    """How far each cell belongs to the strongest `share`, in [0, 1]; cells tied at its edge share what is left.

    Cells of 0 never belong, so the whole may be smaller than asked for.
    """
    level, wanted = grid.ravel(), share * grid.size
    positive = int((level > 0).sum())
    wanted = min(wanted, positive)
    if wanted == 0:
        return np.zeros(grid.shape)
    edge = np.sort(level)[::-1][int(np.ceil(wanted)) - 1]
    above, tied = level > edge, level == edge
    member = above + tied * (wanted - above.sum()) / tied.sum()
    return np.asarray(member, np.float64).reshape(grid.shape)


def place(consensus: Floats, explanation: Explanation) -> str:
    """Where in the whole picture a map's strongest tenth lies, in words."""
    weights = strongest(consensus)
    left, top, right, bottom = explanation.box
    picture = explanation.request.picture
    cells = (np.arange(len(weights)) + 0.5) / len(weights)
    across, down = weights.sum(axis=0) / weights.sum(), weights.sum(axis=1) / weights.sum()
    x, y = float(across @ cells), float(down @ cells)
    spread = np.sqrt(across @ (cells - x) ** 2 + down @ (cells - y) ** 2)
    if spread > SPREAD * np.sqrt(2 / 12):  # a square filled evenly has a variance of 1/12 on each side
        return SCATTERED
    return _words((left + x * (right - left)) / picture.width, (top + y * (bottom - top)) / picture.height)


def _words(x: float, y: float) -> str:
    """A point of the picture, (0, 0) top left to (1, 1) bottom right."""
    column = "left" if x < 0.4 else "right" if x > 0.6 else ""
    row = "top" if y < 0.4 else "bottom" if y > 0.6 else ""
    if column and row:
        return f"towards the {row} {column}"
    if column:
        return f"{column} of the middle"
    if row:
        return "above the middle" if row == "top" else "below the middle"
    return "around the middle"


def _ranked(grid: Floats) -> Exact:
    """Ranks of all cells, ties sharing their mean rank."""
    # scipy.stats takes a second to import, and the first page must not wait for it
    from scipy.stats import rankdata

    ranks: Exact = rankdata(grid)
    return ranks


def _correlation(first: Exact, second: Exact) -> float:
    """Pearson's r of ranks."""
    a, b = first - first.mean(), second - second.mean()
    r = float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
    return min(1.0, max(-1.0, r))


def _mean_rank(ranks: Sequence[Exact]) -> Floats:
    """(GRID, GRID) in [0, 1]: each map's ranks stretched from 0, all that it leaves unmarked, to 1, then averaged."""
    stretched = [(rank - rank.min()) / np.ptp(rank) for rank in ranks]
    return np.asarray(np.mean(stretched, axis=0).reshape(GRID, GRID), np.float32)


def _meeting(
    grids: Sequence[Floats], ranks: dict[int, Exact]
) -> tuple[tuple[float | None, ...], tuple[bool | None, ...]]:
    """Each method against the consensus of the others: against one that holds itself, two would always agree."""
    overlaps: list[float | None] = [None] * len(grids)
    together: list[bool | None] = [None] * len(grids)
    for i in ranks if len(ranks) > 1 else ():
        own = strongest(grids[i])
        others = strongest(_mean_rank([rank for j, rank in ranks.items() if j != i]))
        overlap = _inside(own, others)
        beaten = np.mean(overlap > _shifted(own, others))
        overlaps[i], together[i] = overlap, bool(overlap >= TOGETHER and beaten >= CHANCE)
    return tuple(overlaps), tuple(together)


def _inside(own: Exact, others: Exact) -> float:
    """The share of one strongest tenth that lies in another."""
    return float(np.minimum(own, others).sum() / own.sum())


def _shifted(own: Exact, others: Exact) -> Exact:
    """The same for every shift of `own` with opposite edges joined: what a blob of this shape meets by luck."""
    shifts = sliding_window_view(np.tile(own, (2, 2)), own.shape)[: len(own), : len(own)]
    overlaps = np.minimum(shifts, others).sum(axis=(2, 3)) / own.sum()
    return np.asarray(overlaps.ravel()[1:], np.float64)  # the first is no shift at all
