"""The whole answer in one sentence or a few: it grows as results arrive and stays short with many."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.sentence import Headline, Piece, counted
from xai_core.tcav.cautions import cautions
from xai_core.tcav.grid import Finding, Grid
from xai_core.tcav.rounding import p_words, score_words
from xai_core.tcav.words import concept_pieces, counts, sentence

TOLD = 3  # pairs of concept and class told by name; the rest is counted
NOTHING = "No concept has been tested yet. Choose one, and a class to ask about."


@dataclass(frozen=True)
class _Pair:
    """One concept and one class at all layers; `lead` is the strongest finding, `other` the strongest against it."""

    lead: Finding
    other: Finding | None

    @property
    def label(self) -> str:
        return self.lead.cell.label


def headline(grid: Grid) -> Headline:
    """The clear pairs by name, strongest first where they are many; how many are not clear, or have no score.

    The warning says when nothing could be significant, else what speaks against the layer of a pair that is told.
    """
    pairs = _pairs(grid)
    clear = [pair for pair in pairs if pair.lead.significant]
    unclear = [pair for pair in pairs if pair.lead.verdict == "unclear"]
    refused = [pair for pair in pairs if pair.lead.verdict == "untestable"]
    if not pairs:
        return Headline((Piece(NOTHING),))
    if clear:
        told = _chosen(clear)
        pieces = [*_clauses(told, grid), *_rest(len(clear) - len(told), unclear, len(refused), told[-1].label)]
        return Headline(tuple(pieces), too_few_words(grid) or _caution(told))
    if unclear:
        pieces = [*_unclear(unclear, grid), *_rest(0, [], len(refused), "")]
        return Headline(tuple(pieces), too_few_words(grid))
    return _refused(refused, grid)


def leading(grid: Grid) -> Finding | None:
    """The strongest finding, which the headline tells; None where nothing could be tested."""
    found = min((pair.lead for pair in _pairs(grid)), key=_strength, default=None)
    return None if found is None or found.verdict == "untestable" else found


def too_few_words(grid: Grid) -> str:
    """When the random concepts are too few for any p to be significant after correction; "" where they are enough."""
    if not grid.needed:
        return ""
    least = min(found.cell.random.size for found in grid.testable if not found.reachable)
    return (
        f"{least:,} random concepts are too few for {grid.tests} tests: nothing can be significant after correction. "
        f"Use at least {grid.needed:,}."
    )


def _pairs(grid: Grid) -> list[_Pair]:
    pairs = []
    for each in grid.pairs:
        lead = min(each, key=_strength)
        opposite = {"for": "against", "against": "for"}.get(lead.verdict)
        pairs.append(_Pair(lead, min((o for o in each if o.verdict == opposite), key=_strength, default=None)))
    return pairs


def _strength(found: Finding) -> tuple[bool, float, float, float]:
    """Strongest first: by p, by distance from one half, by mean derivative; without a score last."""
    if found.verdict == "untestable":
        return True, 1.0, 0.0, 0.0
    return False, found.p, -abs(found.cell.score - 0.5), -abs(found.cell.mean)


def _chosen(clear: list[_Pair]) -> list[_Pair]:
    """Those told by name, in the order of the grid; of many the strongest, of which one may count against."""
    if len(clear) <= TOLD:
        return clear
    ranked = sorted(clear, key=lambda pair: _strength(pair.lead))
    count_for = [pair for pair in ranked if pair.lead.verdict == "for"]
    against = [pair for pair in ranked if pair.lead.verdict == "against"]
    first_against = against[: max(1, TOLD - len(count_for))]
    told = [*count_for[: TOLD - len(first_against)], *first_against]
    return [pair for pair in clear if pair in told]


def _clauses(told: list[_Pair], grid: Grid) -> list[Piece]:
    pieces: list[Piece] = []
    before = None
    for pair in told:
        lead, again = pair.lead, pair.label == before
        name = concept_pieces(lead.result)
        label = Piece("it") if again else Piece(pair.label, strong=True)
        pieces += [Piece(" ")] if pieces else []
        pieces += [*name, Piece(f" {counts(lead.result.title)} {lead.verdict} "), label]
        pieces += [Piece(f"{_place(lead, grid)} {_figures(lead)}")]
        if pair.other is not None:
            score = score_words(pair.other.cell.score)
            pieces += [Piece(f", but {pair.other.verdict} it{_place(pair.other, grid)} ({score})")]
        pieces += [Piece(".")]
        before = pair.label
    return pieces


def _place(found: Finding, grid: Grid) -> str:
    return f" at {found.cell.layer}" if len(grid.layers) > 1 else ""


def _figures(found: Finding) -> str:
    return f"({score_words(found.cell.score)}; {p_words(found.p, found.alpha)})"


def _rest(more: int, unclear: list[_Pair], refused: int, label: str) -> list[Piece]:
    """What is not told by name."""
    clauses: list[list[Piece]] = []
    if more:
        clauses.append([Piece(f"{counted(more)} more {'is' if more == 1 else 'are'} clear")])
    if len(unclear) == 1 and not more:
        named = Piece("it") if unclear[0].label == label else Piece(unclear[0].label, strong=True)
        name = concept_pieces(unclear[0].lead.result)
        clauses.append([*name, Piece(" cannot be told from a random concept for "), named])
    elif unclear:
        besides = "" if more else " others"
        clauses.append([Piece(f"{counted(len(unclear))}{besides} cannot be told from random concepts")])
    if refused:
        clauses.append([Piece(f"{counted(refused)} could not be tested")])
    pieces: list[Piece] = []
    for number, clause in enumerate(clauses):
        first, *others = clause
        text = first.text if number or first.strong else first.text[:1].upper() + first.text[1:]
        pieces += [Piece("; " if number else " "), Piece(text, first.strong), *others]
    return [*pieces, Piece(".")] if pieces else []


def _unclear(unclear: list[_Pair], grid: Grid) -> list[Piece]:
    best = min((pair.lead for pair in unclear), key=_strength)
    if len(unclear) == 1:
        name, label = concept_pieces(best.result), Piece(best.cell.label, strong=True)
        ending = f"{_place(best, grid)} {_figures(best)}."
        return [*name, Piece(" cannot be told from a random concept for "), label, Piece(ending)]
    who = "Neither of the two" if len(unclear) == 2 else f"None of the {counted(len(unclear))}"
    what = "concepts" if len({pair.label for pair in unclear}) == 1 else "pairs of concept and class"
    ending = f"the strongest has {p_words(best.p, best.alpha)}"
    return [Piece(f"{who} {what} can be told from random concepts: {ending}.")]


def _refused(refused: list[_Pair], grid: Grid) -> Headline:
    if len(refused) == 1:
        return sentence(refused[0].lead)
    reasons = {found.cell.refusal for found in grid.findings}
    who = "Neither of the two" if len(refused) == 2 else f"None of the {counted(len(refused))}"
    reason = reasons.pop() if len(reasons) == 1 else "The reason stands beside each."
    return Headline((Piece(f"{who} could be tested. {reason}"),))


def _caution(told: list[_Pair]) -> str:
    """The first about a layer that makes a told score mean little."""
    found = (each for pair in told for each in cautions(pair.lead) if each.kind in ("late", "early"))
    return next((each.text for each in found), "")
