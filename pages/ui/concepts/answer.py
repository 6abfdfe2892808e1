"""Step 3: the test under way, and its bars with a sentence for each."""

from __future__ import annotations

import streamlit as st

from pages.ui import watching, work
from pages.ui.bound import bound
from pages.ui.concepts import bars, directions, example
from pages.ui.concepts.question import Question
from pages.ui.concepts.study import Study
from pages.ui.shelf import Shelf
from pages.ui.wording import markdown
from xai_core.jobs import ENDED
from xai_core.names import as_text
from xai_core.tcav.cautions import cautions
from xai_core.tcav.grid import Finding, Grid, first_third, grid
from xai_core.tcav.request import Tcav
from xai_core.tcav.result import TcavResult
from xai_core.tcav.words import HOW_NOT, details, sentence

MOVED = "concept-layer-moved"
TOLD = 6  # sentences that are read without opening anything
BAR_WORDS = (
    "A bar to the **right**: the concept counts for the class; to the **left**: against it. Grey: where random "
    "concepts fall. Dots: single runs. Pale with *: cannot be told from a random concept."
)


def judged(kept: Study) -> Grid:
    """What is known of what was asked; concepts that are still being tested count in the correction."""
    results, pending = [], 0
    for request in kept.asked:
        found = work.desk().known(request)
        if isinstance(found, TcavResult):
            results.append(found)
        elif work.ask(request).state not in ENDED:
            pending += len(request.classes) * len(request.layers)
    card = work.card(kept.asked[0].model) if kept.asked else None
    early = first_third([name for name, _ in card.bottlenecks]) if card else ()
    return grid(results, kept.correction, pending=pending, early=early)


def column(shelf: Shelf, kept: Study, question: Question) -> None:
    """The button, progress, and what came of it."""
    st.header("3 · Answer", anchor=False)
    example.arriving(shelf, kept)
    _button(kept, question)
    if not kept.asked:
        example.offer()
        return
    live = unfinished(kept.asked)

    def draw() -> None:
        if live and not unfinished(kept.asked):
            st.rerun()
        watching.overall(kept.asked, stops=kept.asked, key="concept-stop")
        _failures(kept.asked)
        _found(kept, judged(kept))

    watching.polled(draw, live)


def unfinished(requests: tuple[Tcav, ...]) -> bool:
    return any(work.ask(request).state not in ENDED for request in requests)


def _button(kept: Study, question: Question) -> None:
    if question.missing:
        st.write(question.missing)
        return
    if question.requests == kept.asked:
        return
    if kept.ask_at_once:
        kept.ask_at_once, kept.asked = False, question.requests
        return
    count = len(question.requests)
    words = f"Test {count} {'concept' if count == 1 else 'concepts'}"
    if kept.asked:
        st.caption("The question has changed since.")
    if st.button(words, type="primary", key="concept-test", icon=":material/science:"):
        for request in question.requests:
            work.retry(request)
        kept.asked = question.requests
        st.rerun()


def _failures(requests: tuple[Tcav, ...]) -> None:
    """What could not be tested at all, with a way to try again where that can help."""
    jobs = [work.ask(request) for request in requests]
    for message in dict.fromkeys(job.message for job in jobs if job.state in ("failed", "refused")):
        st.error(as_text(message), icon=":material/error:")
    if any(job.again for job in jobs):
        if any(job.state == "stopped" for job in jobs):
            st.caption("Stopped. What was finished is shown.")
        if st.button("Go on" if any(job.state == "stopped" for job in jobs) else "Try again", key="concept-again"):
            for job in jobs:
                if job.again:
                    work.retry(job.request)
            st.rerun()


def _found(kept: Study, told: Grid) -> None:
    if not told.findings:
        return
    layers, layer = list(told.layers), directions.layer_shown(kept, told)
    if len(layers) > 1:

        def take(picked: str) -> None:
            kept.layer = picked
            st.session_state[MOVED] = True

        st.segmented_control("Where", layers, required=True, **bound("concept-layer", layer, take))
        if st.session_state.pop(MOVED, False):
            st.rerun()  # the click ran this fragment alone; what stands below and the address follow the layer, too
    shown = [found for found in told.findings if found.cell.layer == layer]
    st.plotly_chart(
        bars.figure(shown), key=f"concept-bars-{layer}", theme="streamlit", alt=bars.in_words(shown),
        config={"displayModeBar": False},
    )  # fmt: skip
    st.caption(BAR_WORDS)
    _sentences(shown)


def _sentences(shown: list[Finding]) -> None:
    """What is clear in words; the rest, and what all of it rests on, can be opened."""
    for text in _warnings(shown):
        st.warning(as_text(text), icon=":material/warning:")
    clear = [found for found in shown if found.significant]
    told = clear if clear else shown if len(shown) <= TOLD else []
    for found in told[:TOLD]:
        st.markdown(f"- {markdown(sentence(found))}")
    with st.expander("Every answer in words, and what it rests on", icon=":material/info:"):
        for found in shown:
            rests = [*details(found), *(caution.text for caution in cautions(found))]
            st.markdown("\n".join([markdown(sentence(found)), "", *(f"- {as_text(text)}" for text in rests)]))
    for note in dict.fromkeys(note for found in shown for note in found.result.notes):
        st.markdown(f":material/info: {as_text(note)}")
    st.caption(as_text(HOW_NOT))


def _warnings(shown: list[Finding]) -> list[str]:
    """Of each kind one: the classes of a layer have much the same."""
    told: dict[str, str] = {}
    for found in shown:
        for caution in cautions(found):
            if caution.kind in ("late", "early"):
                told.setdefault(caution.kind, caution.text)
    return list(told.values())
