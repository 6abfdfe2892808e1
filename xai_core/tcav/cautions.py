"""What speaks against trusting one cell: where the layer lies, how weak the direction is, how few the pictures are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xai_core.tcav.grid import Finding
from xai_core.tcav.result import Cell, TcavResult
from xai_core.tcav.rounding import p_words
from xai_core.tcav.settings import ENOUGH

CautionKind = Literal["late", "early", "divided", "firm", "weak", "few", "shared", "sources"]

LATE = 0.9  # `steady` from here on; photographs at Lite0's last block 0.95 to 0.96, at the one before 0.83 to 0.86
EARLY = 0.75  # `follows` below this: the derivative says little about a step of real size
WEAK = 0.7  # held-out accuracy below this: better than chance, but hardly a direction
FEW_EXAMPLES = 20  # pictures of the class: fewer, and one picture moves the score by more than 0.05
SHARED = 0.5  # of two counter-sets' pictures: from here on the runs repeat each other


@dataclass(frozen=True)
class Caution:
    """`kind` for icons and filters; `text` is one or two whole sentences."""

    kind: CautionKind
    text: str


def cautions(finding: Finding) -> tuple[Caution, ...]:
    """The gravest first; none where there is no score to be careful with."""
    if finding.verdict == "untestable":
        return ()
    cell, result = finding.cell, finding.result
    found = (
        Caution("late", _late(cell)),
        Caution("early", _early(finding)),
        Caution("divided", _divided(finding)),
        Caution("firm", _firm(finding)),
        Caution("weak", _weak(cell)),
        Caution("few", _few(result, cell)),
        Caution("shared", _shared(result)),
        Caution("sources", _sources(finding)),
    )
    return tuple(each for each in found if each.text)


def _late(cell: Cell) -> str:
    if not cell.steady >= LATE:
        return ""
    return (
        f"{cell.layer} is too late: all pictures of {cell.label} share nearly one gradient ({cell.steady:.2f} alike, "
        "1 is the same), so any score falls to 0 or 1. Look at an earlier layer."
    )


def _early(finding: Finding) -> str:
    cell = finding.cell
    if _late(cell):
        return ""  # where all pictures share a gradient, a weak effect of a real step does not come of an early layer
    if cell.follows < EARLY:
        # seen late in a network, too; to call a layer early that the page calls late would only confuse
        trouble = "may be too early" if finding.early else "may mislead"
        return (
            f"{cell.layer} {trouble}: a real step along the concept moves the answer as predicted for only "
            f"{100 * cell.follows:.0f} % of the pictures that were tried; guessing gives 50 %. "
            "Look at a later layer too."
        )
    if not finding.early:
        return ""
    return (
        f"{cell.layer} lies early, where a network knows colours, edges and simple textures: what it says there of "
        "anything else misleads. Look at a later layer too."
    )


def _divided(finding: Finding) -> str:
    """Where most pictures say one thing, and the mean of all the other."""
    cell = finding.cell
    if not finding.significant or not (cell.score - 0.5) * cell.mean < 0:
        return ""
    most, answer, few = ("gain", "falls", "lose") if finding.verdict == "for" else ("lose", "rises", "gain")
    return (
        f"Most pictures of {cell.label} {most} by it, yet on average the answer {answer}: a few {few} more than the "
        f"others {most}."
    )


def _firm(finding: Finding) -> str:
    """Where the score alone would have been called clear."""
    cell = finding.cell
    if not cell.p_score <= finding.alpha < cell.p_mean:
        return ""
    return (
        f"By its score alone it would look clearer ({p_words(cell.p_score, finding.alpha)} if asked alone). But the "
        "runs of random concepts disagree, which keeps their scores near 0.5; along one direction each, "
        f"{100 * cell.p_mean:.0f} % of them move the answer as much."
    )


def _weak(cell: Cell) -> str:
    if not cell.accuracy < WEAK:
        return ""
    share = f"{100 * cell.accuracy:.0f} %"
    return f"The direction is weak: it knows {share} of new pictures right, guessing gives 50 %. Add clearer examples."


def _few(result: TcavResult, cell: Cell) -> str:
    told = []
    if result.pictures < ENOUGH:
        told.append(f"The concept has {result.pictures} pictures; below {ENOUGH} only strong effects show.")
    if cell.examples < FEW_EXAMPLES:
        step = f"{1 / cell.examples:.2f}"
        told.append(f"There are {cell.examples} pictures of {cell.label}: each one moves a run's score by {step}.")
    if cell.silent:
        have = "has" if cell.silent == 1 else "have"
        given = cell.silent + cell.examples
        told.append(
            f"{cell.silent} of the {given} pictures of {cell.label} {have} no gradient at {cell.layer}: the score is "
            f"of the other {cell.examples}."
        )
    return " ".join(told)


def _shared(result: TcavResult) -> str:
    if not result.overlap >= SHARED:
        return ""
    return (
        f"Two draws of counter-examples share {100 * result.overlap:.0f} % of their pictures, so the runs repeat each "
        "other. Choose a larger pool."
    )


def _sources(finding: Finding) -> str:
    """Where the sources would have found something, and the rank does not."""
    cell = finding.cell
    if finding.verdict != "unclear" or not cell.p_half <= finding.alpha:
        return ""
    return (
        "The t-test of Kim et al. 2018 would call this significant, but it called 48 % of random concepts so, too, "
        "when we measured it."
    )
