"""What a test of a concept says in plain words: its figures, one sentence, and what the sentence rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from xai_core.sentence import Headline, Piece
from xai_core.tcav.cautions import cautions
from xai_core.tcav.grid import Finding
from xai_core.tcav.result import Cell, Interval, TcavResult
from xai_core.tcav.rounding import p_words, score_words

HOW_NOT = (
    "How not to read this: a score says for how many pictures of the class a little more of the concept raises the "
    "answer, not how much it matters, so do not rank concepts by it. The concept is all that your examples share, "
    "which may be more than its name says."
)
WITHOUT_WORDS = "The figures did not come out as numbers. Test it again with other pictures."


@dataclass(frozen=True)
class SourceTest:
    """A t-test that the sources use, and how often it calls a random concept significant."""

    field: Literal["p_half", "p_random"]  # of a Cell
    name: str
    against: str
    rejects: float  # share of random concepts at 0.05: measured with the default model, zebra, 20 counter-sets


# 220 concepts of random photographs at `blocks.5`; the rank test rejected 2 %
SOURCES = (
    SourceTest("p_half", "as in Kim et al. 2018", "t-test of the runs against 0.5", 0.48),
    SourceTest("p_random", "as in TF-TCAV", "t-test of the runs against random directions", 0.33),
)


def corrected_words(finding: Finding) -> str:
    """The corrected p; where nothing else is tested there is nothing to correct for."""
    told = p_words(finding.p, finding.alpha) + (" after correction" if finding.tests > 1 else "")
    if finding.verdict == "unclear" and finding.cell.p <= finding.alpha:
        told += f" ({p_words(finding.cell.p, finding.alpha).removeprefix('p = ').removeprefix('p ')} if asked alone)"
    return told


def rank_words(cell: Cell, relative: bool = False) -> str:
    """How many of them it ranks before: "a stronger effect than 398 of 400 random concepts"."""
    what, total = "random mixtures of the concepts" if relative else "random concepts", cell.random.size
    if not cell.beaten:
        return f"no stronger an effect than any of {total:,} {what}"
    count = f"all {total:,}" if cell.beaten == total else f"{cell.beaten:,} of {total:,}"
    return f"a stronger effect than {count} {what}"


def interval_words(interval: Interval, form: str = ".2f") -> str:
    """ "0.85 to 0.96", or "" where there is none."""
    low, high = interval
    return "" if math.isnan(low) or math.isnan(high) else f"{low:{form}} to {high:{form}}"


def concept_pieces(result: TcavResult) -> list[Piece]:
    """The concept's name, and whether it was held against the others."""
    name = [Piece(result.title, strong=True)]
    return [*name, Piece(" (rather than the others)")] if result.request.relative else name


def counts(title: str) -> str:
    """The verb for a name: "stripes count", "yellow counts"."""
    word = title.rstrip().casefold()
    return "count" if word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "ens")) else "counts"


def sentence(finding: Finding, *, where: bool = False) -> Headline:
    """One finding with what it is compared to; `where` names the layer. The warning is its first caution, or ""."""
    cell, result = finding.cell, finding.result
    place = f" at {cell.layer}" if where else ""
    label, name = Piece(cell.label, strong=True), concept_pieces(result)
    warning = next((found.text for found in cautions(finding)), "")
    if finding.verdict == "untestable":
        has = "has" if counts(result.title) == "counts" else "have"
        return Headline(
            (*name, Piece(f" {has} no score for "), label, Piece(f"{place}. {cell.refusal or WITHOUT_WORDS}"))
        )
    if finding.verdict == "unclear":
        verb = "cannot be told from a random concept for"
    else:
        verb = f"{counts(result.title)} {finding.verdict}"
    figures = f"{score_words(cell.score)}, {rank_words(cell, result.request.relative)}; {corrected_words(finding)}"
    return Headline((*name, Piece(f" {verb} "), label, Piece(f"{place}: {figures}.")), warning)


def details(finding: Finding) -> tuple[str, ...]:
    """What the sentence rests on, whole sentences, each number with its comparison."""
    cell, result = finding.cell, finding.result
    told = [
        f"The concept's own pictures: {result.pictures:,}. Pictures of {cell.label}: {cell.examples:,}.",
        f"Counter-examples to draw from: {result.pool:,}.",
    ]
    if not math.isnan(result.overlap):
        told[-1] += f" Two draws share {100 * result.overlap:.0f} % of their pictures on average."
    if not math.isnan(cell.accuracy):
        told.append(
            f"The direction tells new pictures of the concept from others in {100 * cell.accuracy:.0f} % of cases; "
            f"guessing gives 50 % ({p_words(cell.p_accuracy, finding.alpha)})."
        )
    if finding.verdict != "untestable":
        told += _figures(finding)
    return tuple(told)


def _figures(finding: Finding) -> list[str]:
    cell, runs = finding.cell, finding.cell.scores.size
    alone = f"By itself its p would be {p_words(cell.p, finding.alpha).removeprefix('p = ').removeprefix('p ')}"
    told = [f"{alone}; {finding.tests:,} tests are shown together."] if finding.tests > 1 else []
    told += [
        f"Score {score_words(cell.score)} over {runs:,} runs, 95 % interval {interval_words(cell.interval)}; "
        f"random concepts score {cell.random.mean():.2f} on average.",
        f"By its derivative, a step of length 1 along the concept changes the class's logit by {cell.mean:+.3g} "
        f"on average (95 % interval {interval_words(cell.mean_interval, '.3g')}); 0 would be no change.",
        "Both intervals are for these pictures of the concept; how far other examples would move them is not in them.",
    ]
    if not math.isnan(cell.p_score) and not math.isnan(cell.p_mean):
        by_score, by_change = p_words(cell.p_score, finding.alpha), p_words(cell.p_mean, finding.alpha)
        told.append(
            f"Ranked among random concepts by score: {by_score}; by that change along one direction each: {by_change}. "
            "The larger counts, here not corrected."
        )
    for test in SOURCES:
        found = getattr(cell, test.field)
        words = "not defined, as all runs agree" if math.isnan(found) else p_words(found, finding.alpha)
        told.append(
            f"The {test.against}, {test.name}: {words}. "
            f"It called {100 * test.rejects:.0f} % of random concepts significant when we measured it."
        )
    return told
