"""The answer in one sentence, made of measured numbers; it grows as results arrive and reads well at every stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.predict import UNDECIDED, Guess, Prediction

if TYPE_CHECKING:
    from xai_core.agreement import Agreement
    from xai_core.explain import Explanation
    from xai_core.tenth import HiddenTenth

SURE = 0.9  # a top probability from here on is "sure", from UNDECIDED on "fairly sure"
CLOSE = 0.5  # an undecided model's second class is "close behind" from this share of the first on

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SCATTERED = "in several places"  # what `agreement` says where the strongest tenth has no one place
CARE = "The model is undecided here, so read these maps with care: they explain an answer it hardly gives."


@dataclass(frozen=True)
class Piece:
    """Plain text, never Markdown; class names are `strong`, and may hold any characters."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Headline:
    """What stands above the maps, and a warning beside it or ""."""

    pieces: tuple[Piece, ...]
    warning: str = ""

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def headline(
    prediction: Prediction,
    explanations: Sequence[Explanation] = (),
    tenths: Sequence[HiddenTenth] = (),
    agreement: Agreement | None = None,
    *,
    target: int | None = None,
    rival: int | None = None,
) -> Headline:
    """What is known so far; `target` (None: the likeliest) is the class asked about, `rival` the one held against it.

    All maps are of the target. Of `tenths` the first that has a figure is told, whatever it says: a caller that
    keeps the order of its panels cannot pick the best.
    """
    top = prediction.top(1)[0]
    asked = top if target is None else _guess(prediction, target)
    pieces = _verdict(prediction)
    if rival is not None:
        pieces += _contrast(asked, _guess(prediction, rival))
    elif asked.index != top.index:
        pieces += [Piece(" You asked about "), *_named(asked), Piece(".")]
    pieces += _found(explanations, agreement, _told(tenths), asked)
    return Headline(tuple(pieces), CARE if prediction.undecided else "")


def percent(share: float) -> str:
    """A probability for people: whole percents, but never 0 % or 100 % for what is not."""
    if share > 0.99:
        return "over 99 %"
    return "under 1 %" if share < 0.01 else f"{round(100 * share)} %"


def moves(before: float, after: float) -> str:
    """What happens to a probability, as a verb; "leaves" where both are the same in words."""
    if percent(before) == percent(after):
        return "leaves"
    return "drops" if after < before else "raises"


def counted(number: int) -> str:
    """Small numbers as words."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def _guess(prediction: Prediction, index: int) -> Guess:
    return Guess(index, prediction.labels[index], float(prediction.probabilities[index]))


def _named(guess: Guess) -> list[Piece]:
    """The class and how likely it is."""
    return [Piece(guess.label, strong=True), Piece(f" ({percent(guess.probability)})")]


def _verdict(prediction: Prediction) -> list[Piece]:
    first, *rest = prediction.top(2)
    if first.probability < UNDECIDED:
        leaning = [Piece("It leans to "), *_named(first)]
        if not rest:
            return [*leaning, Piece(".")]
        near = rest[0].probability >= CLOSE * first.probability
        before, after = (", with ", " close behind.") if near else (", ahead of ", ".")
        return [*leaning, Piece(before), *_named(rest[0]), Piece(after)]
    word = "is sure" if first.probability >= SURE else "is fairly sure"
    name, share = _named(first)
    return [Piece("It says "), name, Piece(f" and {word}{share.text}.")]


def _contrast(asked: Guess, rival: Guess) -> list[Piece]:
    return [Piece(" You asked why "), *_named(asked), Piece(" and not "), *_named(rival), Piece(".")]


def _told(tenths: Sequence[HiddenTenth]) -> HiddenTenth | None:
    return next((tenth for tenth in tenths if tenth.after is not None), None)


def _found(
    explanations: Sequence[Explanation], agreement: Agreement | None, tenth: HiddenTenth | None, asked: Guess
) -> list[Piece]:
    """Where the maps point and what hiding it does; nothing for what is not known yet."""
    blank = [explanation.method.title for explanation in explanations if explanation.status == "blank"]
    if blank and len(blank) == len(explanations):
        return [Piece(f" {_nobody(blank)}")]
    clauses: list[list[Piece]] = []
    if agreement is not None and (where := _where(agreement)):
        clauses.append([Piece(where)])
    if blank:
        who = blank[0] if len(blank) == 1 else f"{counted(len(blank))} methods"
        clauses.append([Piece(f"{who} found nothing")])
    if tenth is not None:
        clauses.append(_hiding(tenth, asked))
    pieces: list[Piece] = []
    for number, clause in enumerate(clauses):
        first, *others = clause
        text = first.text if number else _capital(first.text)
        pieces += [Piece("; " if number else " "), Piece(text), *others]
    return [*pieces, Piece(".")] if pieces else []


def _nobody(titles: Sequence[str]) -> str:
    if len(titles) == 1:
        return f"{titles[0]} found nothing to point at."
    return f"None of the {counted(len(titles))} methods found anything to point at."


def _where(agreement: Agreement) -> str:
    """Who points where, or "" without any map to compare."""
    compared = [together for together in agreement.together if together is not None]
    if not agreement.place:
        return ""
    if not compared:
        only = next(t for t, why in zip(agreement.titles, agreement.undefined, strict=True) if not why)
        return f"{only} points {agreement.place}"
    agreed, total = sum(compared), len(compared)
    if agreed <= 1:
        return f"the {counted(total)} methods point at different places"
    if agreed == total:
        who = "both methods" if total == 2 else f"all {counted(total)} methods"
    else:
        who = f"{'only ' if 2 * agreed <= total else ''}{counted(agreed)} of {counted(total)} methods"
    if agreement.place == SCATTERED:
        return f"{who} point at the same few places"
    return f"{who} point at the same place, {agreement.place}"


def _hiding(tenth: HiddenTenth, asked: Guess) -> list[Piece]:
    """Against the same shape in random places; every number has its comparison."""
    assert tenth.after is not None
    assert tenth.typical is not None
    verb, name = moves(tenth.before, tenth.after), tenth.part.removeprefix("the ")
    ending = "" if tenth.matters else ", so it matters no more than chance"
    return [
        Piece(f"hiding the {name} that {tenth.title} marks {verb} "),
        Piece(asked.label, strong=True),
        Piece(f" {'at' if verb == 'leaves' else 'to'} {percent(tenth.after)}"),
        Piece(f", hiding a random {name} leaves {percent(tenth.typical)}{ending}"),
    ]


def _capital(text: str) -> str:
    """Only the first letter: a title inside keeps its own."""
    return text[:1].upper() + text[1:]
