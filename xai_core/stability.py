"""Would another seed give the same map? For methods with chance in them: agreement between reseeded runs.

Maps are compared as between methods (`agreement`): on the same grid, by the same measure, so that the two figures
can stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xai_core.agreement import on_grid, reason, spearman, strongest
from xai_core.errors import UnsupportedMethod
from xai_core.explain import Explain, Explanation
from xai_core.knobs import Params, settings
from xai_core.method import methods
from xai_core.progress import Progress, part, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub


@dataclass(frozen=True)
class Stability:
    """The request: the same explanation with `runs` seeds, the asked one first. ValueError when out of bounds."""

    explain: Explain
    runs: int = 3  # 2 to 20

    def __post_init__(self) -> None:
        if not 2 <= self.runs <= 20:
            raise ValueError(f"runs must lie in [2, 20], got {self.runs}")

    @property
    def method(self) -> str:
        return self.explain.method

    def answer(self, hub: Hub, progress: Progress = silent) -> Reseeded:
        """UnsupportedMethod where the method has no seed."""
        title = methods()[self.explain.method].title
        if not has_seed(self.explain.params):
            raise UnsupportedMethod(f"{title} has no chance in it: another run gives the same map.")
        found: list[Explanation] = []
        for run, params in enumerate(reseeded(self.explain.params, self.runs)):
            share = part(progress, run / self.runs, (run + 1) / self.runs)
            found.append(hub.run(replace(self.explain, params=params), _named(share, run, self.runs)))
        grids = [on_grid(explanation) for explanation in found]
        usable = [grid for e, grid in zip(found, grids, strict=True) if not reason(e, grid)]
        rhos = [spearman(a, b) for a, b in combinations(usable, 2)]
        shared = [_common(strongest(a), strongest(b)) for a, b in combinations(usable, 2)]
        return Reseeded(
            request=self,
            title=title,
            agreements=_frozen([rho for rho in rhos if rho is not None]),
            overlaps=_frozen(shared),
            blank=len(found) - len(usable),
        )


@dataclass(frozen=True, eq=False)
class Reseeded:
    """Agreement of every pair of runs; without pairs, all figures are None: undefined, never 0."""

    request: Stability
    title: str  # of the method
    agreements: NDArray[np.float64] = field(repr=False)  # (pairs,) Spearman's rho in [-1, 1]
    overlaps: NDArray[np.float64] = field(repr=False)  # (pairs,) common share of the strongest tenths in [0, 1]
    blank: int  # runs whose map marks nothing

    @property
    def mean(self) -> float | None:
        return float(self.agreements.mean()) if len(self.agreements) else None

    @property
    def range(self) -> tuple[float, float] | None:
        return (float(self.agreements.min()), float(self.agreements.max())) if len(self.agreements) else None

    @property
    def overlap(self) -> float | None:
        """Of two strongest tenths, the common part over the joint one; two independent ones share 0.05."""
        return float(self.overlaps.mean()) if len(self.overlaps) else None

    @property
    def sentence(self) -> str:
        runs = self.request.runs
        if self.mean is None or self.overlap is None:
            return f"Undefined: {self.blank} of {runs} runs of {self.title} marked nothing."
        told = f", and {self.blank} of {runs} runs marked nothing" if self.blank else ""
        return (
            f"Another seed agrees to {_share(self.mean)} (chance: 0 %, the same map: 100 %); the strongest tenths "
            f"share {_share(self.overlap)} of their area (chance: 5 %){told}."
        )


def has_seed(params: Params) -> bool:
    """Whether these settings have a `seed`."""
    return any(setting.name == "seed" for setting in settings(params))


def reseeded(params: Params, runs: int) -> list[Params]:
    """The same settings with `runs` different seeds, their own first, within the seed's bounds."""
    spec = next(setting for setting in settings(params) if setting.name == "seed")
    low = 0 if spec.knob.low is None else int(spec.knob.low)
    room = 2**31 if spec.knob.high is None else int(spec.knob.high) - low + 1
    if room < runs:
        raise ValueError(f"seed has only {room} values, got {runs} runs")
    seeds = [low + (spec.value - low + run) % room for run in range(runs)]
    # Any: that the settings have a seed is known here, and to no type
    seeded: Any = params
    return [replace(seeded, seed=seed) for seed in seeds]


def _share(value: float) -> str:
    return f"{round(100 * value)} %"


def _common(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.minimum(first, second).sum() / np.maximum(first, second).sum())


def _named(progress: Progress, run: int, runs: int) -> Progress:
    def told(fraction: float, note: str = "") -> None:
        progress(fraction, f"run {run + 1} of {runs}: {note}")

    return told


def _frozen(values: list[float]) -> NDArray[np.float64]:
    array = np.array(values, np.float64)
    array.setflags(write=False)
    return array
