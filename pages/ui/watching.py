"""Looking again at what is not finished yet: in a fragment, without running the whole page."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import streamlit as st

from pages.ui import work
from xai_core.jobs import ENDED
from xai_core.names import as_text

POLL = 1.0  # seconds between two looks at unfinished work: more often costs the work itself a part of the processor


def polled(draw: Callable[[], None], live: bool) -> None:
    """Draw in a fragment of its own, again and again while something is live."""
    st.fragment(draw, run_every=POLL if live else None)()


def rerun_when_ended(requests: Sequence[Hashable]) -> None:
    """Run the page again as soon as all of these have ended."""

    def look() -> None:
        if all(work.ask(request).state in ENDED for request in requests):
            st.rerun()

    if not all(work.ask(request).state in ENDED for request in requests):
        polled(look, live=True)


def overall(requests: Sequence[Hashable], stops: Sequence[Hashable], key: str) -> None:
    """How far these are together, with one Stop for everything in `stops`; nothing once they have ended."""
    jobs = [work.ask(request) for request in requests]
    running = [job for job in jobs if job.state not in ENDED]
    if not running:
        return
    current = next((job for job in running if job.state == "running"), running[0])
    done = sum(1.0 if job.state in ENDED else job.fraction for job in jobs) / len(jobs)
    note = current.note or "waiting for the device"
    st.progress(done, text=as_text(note[0].upper() + note[1:]))
    if st.button("Stop", icon=":material/stop_circle:", key=key, help="What is finished stays usable."):
        for request in stops:
            work.stop(request)
        st.rerun()


def answered(request: Hashable, key: str, doing: str) -> object | None:
    """The answer, or None: while it is being computed with progress and Stop, where it failed with what can be done.

    The page runs again when it arrives.
    """
    job = work.ask(request)
    if job.state == "done":
        answer: object = job.result
        return answer
    if job.state in ENDED:
        st.warning(as_text(job.message or "Stopped."), icon=":material/info:")
        if job.again and st.button("Try again", key=f"{key}-again"):
            work.retry(request)
            st.rerun()
        return None

    def look() -> None:
        waited = work.ask(request)
        if waited.state in ENDED:
            st.rerun()
        note = waited.note or doing
        st.progress(waited.fraction, text=as_text(note[0].upper() + note[1:]))
        if st.button("Stop", icon=":material/stop_circle:", key=f"{key}-stop"):
            work.stop(request)
            st.rerun()

    polled(look, live=True)
    return None


def waiting(requests: Sequence[Hashable], question: str) -> None:
    """While the model or its answer is not there yet: say so, and say why if it cannot come."""
    st.title(question, anchor=False)
    failed = [job for job in map(work.ask, requests) if job.state in ("failed", "refused")]
    if failed:
        st.error(as_text(failed[0].message), icon=":material/error:")
        if any(job.again for job in failed) and st.button("Try again", key="retry-model"):
            for job in failed:
                work.retry(job.request)
            st.rerun()
        return

    def look() -> None:
        pending = [job for job in map(work.ask, requests) if job.state not in ENDED]
        if not pending:
            st.rerun()
        job = pending[0]
        st.progress(job.fraction, text=f"{(job.note or 'starting').capitalize()}. This takes a moment.")

    polled(look, live=True)
