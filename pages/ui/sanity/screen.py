"""The sanity page's answer and its player; both look again by themselves until every test has ended."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import verdicts, watching, work
from pages.ui.compare import views
from pages.ui.components.answer import answer
from pages.ui.components.gallery import Action
from pages.ui.components.player import player
from pages.ui.sanity import strips
from pages.ui.sanity.choices import control
from pages.ui.shelf import Shelf
from xai_core.cascade import Order
from xai_core.edges import Edges
from xai_core.jobs import ENDED, Job
from xai_core.names import as_text
from xai_core.predict import Prediction
from xai_core.sanity import SanityRun, SanityTest
from xai_core.sanity_words import headline as words
from xai_core.survey import Survey, Surveyed

STOPPED = "Stopped before the first stage was reached."
QUESTION = "Would this explanation notice if the model had learned nothing?"


def headline(survey: Survey, tests: Sequence[SanityTest]) -> None:
    """The answer as far as it is known."""
    st.title(QUESTION, anchor=False)

    def draw() -> None:
        surveyed = work.ask(survey).result
        if not tests:
            st.write("Choose at least one method to test, under Methods.")
        elif isinstance(surveyed, Surveyed):
            answer(words(surveyed, finished(tests)), key="sanity-answer")
        else:
            st.write("The model is copied and its copy destroyed, block by block. Your model itself is not touched.")

    watching.polled(draw, live=unfinished(survey, tests))


def show(kept: Shelf, survey: Survey, tests: Sequence[SanityTest], prediction: Prediction) -> None:
    """The player, as soon as the randomised networks have answered."""

    def draw() -> None:
        if live and not unfinished(survey, tests):
            st.rerun()  # the rest of the page has been waiting for this
        job = work.ask(survey)
        if job.state in ("failed", "refused", "stopped"):
            _complain(job)
            return
        # one place for each from the first look to the last: else a Stop of the first stage stays beside the second's
        stage, foot = st.container(), st.container()
        if isinstance(job.result, Surveyed):
            with stage:
                _play(kept, job.result, tests, prediction)
        with foot:
            if isinstance(job.result, Surveyed):
                watching.overall(tests, stops=tests, key="sanity-stop")
            else:
                watching.overall([survey], stops=[survey, *tests], key="sanity-stop")

    live = unfinished(survey, tests)
    watching.polled(draw, live)


def _play(kept: Shelf, surveyed: Surveyed, tests: Sequence[SanityTest], prediction: Prediction) -> None:
    order = surveyed.request.cascade.order
    heard = player(
        [*(strips.strip(test) for test in tests), *strips.control(control(kept), len(surveyed.stages))],
        strips.frames(surveyed),
        views.photo(kept.picture, prediction.framed.box),
        key=f"player-{abs(hash(surveyed.request))}",
        display=kept.display,
        ends=("input side", "output side") if order is Order.BOTTOM_UP else ("output side", "input side"),
        alone=order is Order.INDEPENDENT,
        on_action=lambda action: _obey(tests, action),
    )
    if heard.action is not None:
        st.rerun()


def _obey(tests: Sequence[SanityTest], action: Action) -> None:
    for test in tests:
        if test.method == action.panel:
            if action.kind == "stop":
                work.stop(test)
            else:
                strips.forget(test)


def _complain(job: Job) -> None:
    if job.message:
        st.error(as_text(job.message), icon=":material/error:")
    else:
        st.info(STOPPED, icon=":material/stop_circle:")
    if job.again and st.button("Try again", key="sanity-again"):
        work.retry(job.request)
        st.rerun()


def unfinished(survey: Survey, tests: Sequence[SanityTest]) -> bool:
    """Whether anything is still under way; asks for it if nobody has."""
    job = work.ask(survey)
    if not isinstance(job.result, Surveyed):
        return job.state not in ENDED  # without it no test is begun: whoever stopped it wants none
    edges = work.ask(Edges(survey.cascade.model, survey.picture, survey.framing), urgent=True)
    return edges.state not in ENDED or any(work.ask(test).state not in ENDED or strips.looking(test) for test in tests)


def finished(tests: Sequence[SanityTest]) -> list[SanityRun]:
    """The tests that have run to their end."""
    found = [work.desk().known(test) for test in tests]
    runs = [each for each in found if isinstance(each, SanityRun)]
    for run in runs:
        verdicts.keep(run)
    return runs
