"""Several concepts' results judged together: one correction over all of them, and a verdict for each cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from xai_core.tcav.direction import Direction
from xai_core.tcav.result import Cell, TcavResult
from xai_core.tcav.settings import ALPHA, random_concepts
from xai_core.tcav.statistics import bonferroni, holm

Correction = Literal["Holm", "Bonferroni"]
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)
Verdict = Literal["for", "against", "unclear", "untestable"]


@dataclass(frozen=True, eq=False)
class Finding:
    """One cell with its verdict; `p` is corrected, nan where there is no score."""

    result: TcavResult
    cell: Cell
    p: float
    verdict: Verdict
    tests: int  # that the correction counts
    alpha: float
    early: bool = False  # whether the layer lies in the first third of the network

    @property
    def direction(self) -> Direction:
        """Where the concept lies at that layer."""
        asked = self.result.request
        return Direction(asked.model, asked.concept, asked.against, self.cell.layer, asked.relative, asked.settings)

    @property
    def significant(self) -> bool:
        return self.verdict in ("for", "against")

    @property
    def reachable(self) -> bool:
        """Whether the correction leaves room for significance: a rank among M has no p below 1 / (M + 1)."""
        return self.verdict != "untestable" and self.tests / (self.cell.random.size + 1) <= self.alpha


@dataclass(frozen=True, eq=False)
class Grid:
    """All cells of all results shown together, in the order of the results and, within one, of its cells."""

    findings: tuple[Finding, ...]
    correction: Correction
    alpha: float
    tests: int  # cells with a score, and those still to come

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer once, in the order of first appearance."""
        return tuple(dict.fromkeys(found.cell.layer for found in self.findings))

    @property
    def pairs(self) -> tuple[tuple[Finding, ...], ...]:
        """The findings of each concept and class, layer by layer; one class with other pictures is another one."""
        together: dict[tuple[int, int, int], list[Finding]] = {}
        seen: Counter[tuple[int, int, str]] = Counter()
        for found in self.findings:
            result, cell = id(found.result), found.cell
            number = seen[result, cell.target, cell.layer]
            together.setdefault((result, cell.target, number), []).append(found)
            seen[result, cell.target, cell.layer] += 1
        return tuple(tuple(each) for each in together.values())

    @property
    def testable(self) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if found.verdict != "untestable")

    @property
    def needed(self) -> int:
        """Random concepts with which one result can be significant after the correction; 0 where there are enough."""
        return 0 if all(found.reachable for found in self.testable) else random_concepts(self.tests, self.alpha)


def first_third(layers: Sequence[str]) -> frozenset[str]:
    """Of the layers that a model offers, input to output, those that lie early."""
    return frozenset(layers[: len(layers) // 3])


def grid(
    results: Sequence[TcavResult],
    correction: Correction = "Holm",
    alpha: float = ALPHA,
    *,
    pending: int = 0,
    early: Collection[str] = (),
) -> Grid:
    """Findings for all cells, corrected over every one that has a score (Holm 1979; Bonferroni: Dunn 1961).

    A result that is given twice counts once. `pending` cells are still being tested and count as if their p were 1:
    a corrected p then never grows, and a verdict once given never weakens, when they arrive. `early` names the layers
    to be read with care because they lie near the input. ValueError for a correction that there is not, or an alpha
    outside 0 to 1.
    """
    if correction not in CORRECTIONS:
        raise ValueError(f"correction must be one of {', '.join(CORRECTIONS)}, got {correction!r}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha}")
    each = {result.request: result for result in results}
    cells = [(result, cell) for result in each.values() for cell in result.cells]
    raw = [cell.p if _scored(cell) else np.nan for _, cell in cells] + [1.0] * pending
    adjusted = (holm if correction == "Holm" else bonferroni)(raw)[: len(cells)]
    tests = int(np.isfinite(raw).sum())
    findings = (
        Finding(result, cell, float(p), _verdict(cell, float(p), alpha), tests, alpha, cell.layer in early)
        for (result, cell), p in zip(cells, adjusted, strict=True)
    )
    return Grid(tuple(findings), correction, alpha, tests)


def _scored(cell: Cell) -> bool:
    return not cell.refusal and bool(np.isfinite([cell.p, cell.score]).all())


def _verdict(cell: Cell, p: float, alpha: float) -> Verdict:
    if np.isnan(p):
        return "untestable"
    if p > alpha:
        return "unclear"
    return "for" if cell.score > 0.5 else "against"
