"""From tests under way and finished to the columns and stages of the player."""

from __future__ import annotations

import streamlit as st

from pages.ui import media, work
from pages.ui.components.gallery import Badge
from pages.ui.components.player import Frame, Strip
from xai_core.edges import TITLE, EdgeMap, Edges
from xai_core.frames import stacked
from xai_core.jobs import ENDED, Job
from xai_core.method import methods
from xai_core.sanity import Finished, SanityRun, SanityTest
from xai_core.sanity_words import numbers, stage_says, stage_warning, stage_words
from xai_core.similarity import RANKS
from xai_core.survey import Surveyed

LONG = {"backpropagation": "back\u00adpropagation"}  # where a word may be broken that is wider than a column


def frames(survey: Surveyed) -> list[Frame]:
    """One for each stage."""
    return [
        Frame(
            stage.name or "the trained model",
            stage_words(survey, stage),
            stage_says(survey, stage),
            stage_warning(stage),
        )
        for stage in survey.stages
    ]


def strip(test: SanityTest) -> Strip:
    """One method's column, whatever state its test is in."""
    job, title = work.ask(test), methods()[test.method].title
    if isinstance(job.result, SanityRun):
        return finished(job.result)
    if job.state == "stopped" and (left := kept(test)) is not None:
        return finished(left, reached=1 + max(at for at, found in enumerate(left.maps) if found is not None))
    return Strip(
        test.method, _breakable(title), job.state, fraction=job.fraction, note=_note(job, title), message=job.message
    )


def kept(test: SanityTest) -> SanityRun | None:
    """What a stopped test had reached; None where that is nothing, or not known yet."""
    left: dict[SanityTest, Job] = st.session_state.setdefault("sanity-left", {})
    if test not in left or left[test].state not in ENDED:
        left[test] = work.quickly(Finished(test))
    found = left[test].result
    return found if isinstance(found, SanityRun) else None


def looking(test: SanityTest) -> bool:
    """Whether it was stopped, and what it had reached is still being looked up."""
    job = st.session_state.get("sanity-left", {}).get(test)
    return work.ask(test).state == "stopped" and (job is None or job.state not in ENDED)


def forget(test: SanityTest) -> None:
    """It begins anew."""
    st.session_state.get("sanity-left", {}).pop(test, None)
    work.retry(test)


def _breakable(title: str) -> str:
    for word, parts in LONG.items():
        title = title.replace(word, parts)
    return title


def _note(job: Job, title: str) -> str:
    left = job.seconds_left()
    note = job.note.removeprefix(f"{title}: ")
    return note if left is None or left < 1 else f"{note}, about {left:.0f} s left"


def finished(run: SanityRun, reached: int = 0) -> Strip:
    """A column with its maps; `reached`: how many stages, where it was stopped."""
    low, high = run.floor[RANKS]
    first = run.maps[0]
    assert first is not None
    height, width = first.values.shape
    return Strip(
        key=run.request.method,
        title=_breakable(run.title),
        state="stopped" if reached else "done",
        url=media.url("frames", run),
        height=height,
        width=width,
        numbers=numbers(run),
        notes=run.reasons,
        chance=None if low != low else (float(low), float(high)),
        badge=None if reached else Badge(run.verdict.word, run.verdict.kind, run.verdict.sentence),
        verdict="" if reached else run.verdict.short,
        message="Stopped; what was finished stays." if reached else "",
        reached=reached,
    )


def control(request: Edges, stages: int) -> list[Strip]:
    """The edge detector's column, once it is there: it takes no time, and nobody need stop it."""
    job = work.ask(request, urgent=True)
    if not isinstance(job.result, EdgeMap):
        return []
    values = job.result.values
    shown = Strip(
        key="edges",
        title=TITLE,
        state="done",
        url=media.url("frames", stacked([values] * stages)),
        height=values.shape[0],
        width=values.shape[1],
        numbers=(1.0,) * stages,
        notes=("",) * stages,
        badge=Badge("Knows no model", "none"),
        verdict="It draws the picture's edges and never asks the model. A map that lives on like it says as little.",
    )
    return [shown]
