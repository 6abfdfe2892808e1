"""The sanity check in plain words: what stands above the player, and what it says at every stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.cascade import Order
from xai_core.predict import UNDECIDED
from xai_core.sanity import SanityRun
from xai_core.sentence import NUMBERS, Headline, Piece, percent
from xai_core.survey import Stage, Surveyed
from xai_core.verdict import STILL

UNSURE = 0.05  # a top probability below this is no answer
SEES = (  # from the input to the output: what layers of that depth respond to (Zeiler 2014, arXiv:1311.2901, figure 2)
    (0.25, "the part that sees edges and colours"),
    (0.5, "the part that sees textures"),
    (0.75, "the part that sees parts of objects"),
    (1.0, "the part that sees whole objects"),
)


def headline(survey: Surveyed, runs: Sequence[SanityRun]) -> Headline:
    """Which explanations would not notice; grows as methods finish."""
    by_kind = {kind: [run for run in runs if run.verdict.kind == kind] for kind in ("bad", "care", "good")}
    if not any(by_kind.values()):
        return Headline(
            (
                Piece("The model is being destroyed block by block. An explanation of "),
                Piece(survey.label, strong=True),
                Piece(" that is about the model has to change with it."),
            )
        )
    pieces: list[Piece] = []
    if bad := by_kind["bad"]:
        pieces += _worst(survey, max(bad, key=lambda run: run.verdict.share or 0.0))
        if others := [run.title for run in bad if run is not max(bad, key=lambda run: run.verdict.share or 0.0)]:
            pieces += [Piece(f" {_listed(others)} would not either.")]
    if care := by_kind["care"]:
        pieces += [Piece(f" {_listed([run.title for run in care])} would notice only in part.")]
    if good := by_kind["good"]:
        pieces += _rest(survey, len(good), alone=len(pieces) == 0)
    if none := [run.title for run in runs if run.verdict.kind == "none"]:
        pieces += [Piece(f" No verdict on {_listed(none)}: too few maps to compare.")]
    return Headline((Piece(pieces[0].text.lstrip(), pieces[0].strong), *pieces[1:]))


def _worst(survey: Surveyed, run: SanityRun) -> list[Piece]:
    """The most stubborn map, at the deepest stage at which it is still the same."""
    order = run.request.cascade.order
    counts = range(1, (survey.blocks if order is Order.INDEPENDENT else (survey.blocks + 1) // 2) + 1)
    defined = [stage for stage in counts if not np.isnan(run.ranks[stage])]
    still = [stage for stage in defined if run.ranks[stage] >= STILL]
    stage = survey.stages[(still or defined)[-1]]
    return [
        Piece(run.title, strong=True),
        Piece(f" would not: {_destroyed(order, stage, survey.blocks)} "),
        *_knows(survey, stage),
        Piece(f"the map is still {_share(float(run.ranks[stage.number]))} the same. It shows the picture, "),
        Piece("not the model."),
    ]


def _knows(survey: Surveyed, stage: Stage) -> list[Piece]:
    """What became of the class, where the trained model gave it."""
    if survey.stages[0].probability < UNDECIDED:
        return []
    verb = "no longer knows" if _forgotten(survey, stage) else "still gives"
    label = Piece(survey.label, strong=True)
    return [Piece(f"the model {verb} "), label, Piece(f" ({_given(stage.probability)}), yet ")]


def _forgotten(survey: Surveyed, stage: Stage) -> bool:
    """Whether the class has lost half of its probability, or the network its answer."""
    return np.isnan(stage.probability) or 2 * stage.probability < survey.stages[0].probability


def _destroyed(order: Order, stage: Stage, blocks: int) -> str:
    if order is Order.INDEPENDENT:
        return f"with {stage.name} alone destroyed"
    return f"with {stage.number} of {blocks} blocks destroyed"


def _rest(survey: Surveyed, good: int, alone: bool) -> list[Piece]:
    if alone:
        first, last = _given(survey.stages[0].probability), _given(survey.stages[-1].probability)
        several = "Both" if good == 2 else f"All {_counted(good)}"
        who = "The one map tested so far changes" if good == 1 else f"{several} maps change"
        if not _forgotten(survey, survey.stages[-1]):
            return [Piece(f"{who} as the model is destroyed, as {'it' if good == 1 else 'they'} should.")]
        return [
            Piece(f"{who} as the model forgets "),
            Piece(survey.label, strong=True),
            Piece(f" ({first} to {last}), as {'it' if good == 1 else 'they'} should."),
        ]
    return [
        Piece(
            " One other changes, as it should."
            if good == 1
            else f" {_counted(good).capitalize()} others change, as they should."
        )
    ]


def stage_words(survey: Surveyed, stage: Stage) -> str:
    """How far the destruction has come, for the line under the slider."""
    order, blocks = survey.request.cascade.order, survey.blocks
    if not stage.number:
        return "The trained model: nothing is destroyed yet"
    place = (blocks - stage.number + 1) / blocks if order is not Order.BOTTOM_UP else stage.number / blocks
    sees = next(words for upto, words in SEES if place <= upto + 1e-9)
    if stage.name in ("classifier", "fc", "heads") or (place == 1.0 and order is not Order.BOTTOM_UP):
        sees = "the part that names the answer"
    count = f"Block {stage.number}" if order is Order.INDEPENDENT else f"{stage.number} of {blocks} blocks destroyed"
    ending = " alone is destroyed" if order is Order.INDEPENDENT else ""
    return f"{count}{ending}, now also {sees}" if stage.number > 1 and not ending else f"{count}{ending}: {sees}"


def stage_says(survey: Surveyed, stage: Stage) -> str:
    """What the network answers at that stage."""
    if stage.dead or np.isnan(stage.top_probability):
        return "It no longer has an answer."
    if stage.top_probability < UNSURE and stage.number:
        return f"It no longer has an answer: its best guess, {stage.top_label}, gets {percent(stage.top_probability)}."
    top = f"{stage.top_label} ({percent(stage.top_probability)})"
    if stage.top == survey.request.target:
        return f"It still says {top}." if stage.number else f"It says {top}."
    says = "It now says" if stage.number else "It says"
    return f"{says} {top}; {survey.label} has {percent(stage.probability)}."


def stage_warning(stage: Stage) -> str:
    return f"The network is dead at this stage: {stage.dead}. That is no verdict." if stage.dead else ""


def numbers(run: SanityRun) -> tuple[float | None, ...]:
    """Rank agreement with the trained network's map for each stage; None where undefined."""
    return tuple(None if np.isnan(value) else float(value) for value in run.ranks)


def _given(probability: float) -> str:
    """A network whose numbers grew beyond all bounds gives a class none."""
    return "no answer" if np.isnan(probability) else percent(probability)


def _share(value: float) -> str:
    return f"{min(99, round(100 * value)) if value < 1 else 100} %"


def _counted(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def _listed(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"
