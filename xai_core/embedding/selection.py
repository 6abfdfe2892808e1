"""Some pictures of a map against all others: which classes, which predictions, how right, and what they look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.looks import COLOURS, GREY, MEASURES, Looks
from xai_core.evaluation.interval import wilson

if TYPE_CHECKING:
    from xai_core.embedding.picture_map import PictureMap

ALPHA = 0.05
CLEAR = 0.5  # of a standard deviation: smaller differences are hardly seen


@dataclass(frozen=True)
class Count:
    """How often something is in a selection, and how surprising that is."""

    name: str
    inside: int
    everywhere: int  # pictures of the whole map
    expected: float  # inside, were the selection drawn blindly
    p: float  # of so many or more in a blind draw (hypergeometric), times the names that there are (Bonferroni)

    @property
    def stands_out(self) -> bool:
        return self.p < ALPHA


@dataclass(frozen=True)
class Difference:
    """A measure inside a selection against the rest."""

    name: str
    inside: float
    outside: float
    effect: float  # difference of the means in pooled standard deviations (Cohen 1988); nan where nothing varies
    p: float  # of such ranks in a blind draw (Mann and Whitney 1947), times the measures (Bonferroni); nan as `effect`

    @property
    def clear(self) -> bool:
        """Large enough to be seen, and more than a blind draw of so few would often come to."""
        return abs(self.effect) >= CLEAR and self.p < ALPHA


@dataclass(frozen=True, eq=False)
class Selected:
    """What can be said of some rows of a map. Counts are the most frequent first."""

    rows: NDArray[np.intp] = field(repr=False)
    labels: tuple[Count, ...]  # classes as the data sets call them
    predictions: tuple[Count, ...]
    colours: tuple[Count, ...]  # the main one of each picture; () where nobody looked
    known: int  # pictures whose class the model knows
    right: int  # of those
    interval: tuple[float, float]  # 95 % of the share that is right (Wilson 1927)
    elsewhere: float  # share that is right among the others; nan where none is known
    differences: tuple[Difference, ...]  # sureness, then the measures of `looks`

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def accuracy(self) -> float:
        """0 to 1; nan where no class is known."""
        return self.right / self.known if self.known else float("nan")


def selected(shown: PictureMap, rows: Sequence[int], looks: Looks | None = None) -> Selected:
    """ValueError for no rows, or rows that the map does not have; `looks` of all its pictures, row by row."""
    chosen = np.unique(np.asarray(rows, np.intp))
    if not len(chosen) or chosen[0] < 0 or chosen[-1] >= len(shown):
        raise ValueError(f"rows must be some of 0 to {len(shown) - 1}, got {len(chosen)} from {rows[:3]!r} on")
    inside = np.zeros(len(shown), bool)
    inside[chosen] = True
    own = np.array([shown.own_label(row) for row in range(len(shown))])
    named = np.array(shown.labels)[shown.predicted]
    colours: tuple[Count, ...] = ()
    values = [("sureness", shown.confidence)]
    if looks is not None:
        colours = counts(np.array((*COLOURS, GREY))[looks.colour], inside)
        values += list(zip(MEASURES, looks.measures.T, strict=True))
    here, there = shown.known & inside, shown.known & ~inside
    return Selected(
        rows=chosen,
        labels=counts(own, inside),
        predictions=counts(named, inside),
        colours=colours,
        known=int(here.sum()),
        right=int(shown.right[here].sum()),
        interval=wilson(int(shown.right[here].sum()), int(here.sum())),
        elsewhere=float(shown.right[there].mean()) if there.any() else float("nan"),
        differences=tuple(_difference(name, each[inside], each[~inside], len(values)) for name, each in values),
    )


def counts(names: NDArray[np.str_], inside: NDArray[np.bool_]) -> tuple[Count, ...]:
    """Of each name but "" that is inside; names (N,), inside (N,).

    Any name of the map might have stood out, also one that is not inside: else a single picture always would.
    """
    from scipy.stats import hypergeom

    tests = len(np.unique(names[names != ""]))
    present, numbers = np.unique(names[inside & (names != "")], return_counts=True)
    found = []
    for name, number in zip(present, numbers, strict=True):
        everywhere = int((names == name).sum())
        p = float(hypergeom.sf(number - 1, len(names), everywhere, int(inside.sum())))
        expected = everywhere * float(inside.mean())
        found.append(Count(str(name), int(number), everywhere, expected, min(1.0, p * tests)))
    return tuple(sorted(found, key=lambda each: (-each.inside, each.name)))


def _difference(name: str, inside: NDArray[np.float32], outside: NDArray[np.float32], tests: int) -> Difference:
    from scipy.stats import mannwhitneyu

    if len(outside) == 0:
        return Difference(name, float(inside.mean()), float("nan"), float("nan"), float("nan"))
    a, b = inside.astype(np.float64), outside.astype(np.float64)
    freedom = len(a) + len(b) - 2
    pooled = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
    apart = a.mean() - b.mean()
    effect = float(apart / np.sqrt(pooled / freedom)) if freedom > 0 and pooled > 0 else float("nan")
    p = float("nan") if np.isnan(effect) else float(mannwhitneyu(a, b, method="asymptotic").pvalue)
    return Difference(name, float(a.mean()), float(b.mean()), effect, min(1.0, p * tests))
