"""Longer measurements of finished maps: offered by a button, with progress that moves, and Stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.ui import watching, work
from xai_core.jobs import ENDED, Job
from xai_core.method import methods
from xai_core.names import as_text
from xai_core.repeats import Repeats
from xai_core.scores import Score
from xai_core.stability import Stability

Measurement = Score | Stability | Repeats


def measure(
    key: str, requests: Sequence[Measurement], *, offer: str, icon: str, draw: Callable[[list[Any]], None]
) -> None:
    """Offer what was not asked for yet, and draw what has been answered; `{count}` in the offer is filled in."""
    asked: set[Measurement] = st.session_state.setdefault(f"asked-{key}", set())
    fresh = [request for request in requests if request not in asked]
    if fresh and st.button(offer.format(count=len(fresh)), icon=icon, type="primary", key=f"measure-{key}"):
        asked.update(fresh)
        st.rerun()
    wanted = [request for request in requests if request in asked]
    if not wanted:
        return
    live = any(work.ask(request).state not in ENDED for request in wanted)

    def look() -> None:
        jobs = [work.ask(request) for request in wanted]
        running = [job for job in jobs if job.state not in ENDED]
        if live and not running:
            st.rerun()
        if running:
            _progress(key, jobs, running, asked)
        for job in jobs:
            if job.message:
                st.error(as_text(job.message), icon=":material/error:")
        if done := [job.result for job in jobs if job.state == "done"]:
            draw(done)

    watching.polled(look, live)


def _progress(key: str, jobs: Sequence[Job], running: Sequence[Job], asked: set[Measurement]) -> None:
    current = next((job for job in running if job.state == "running"), running[0])
    title = methods()[current.request.method].title  # type: ignore[attr-defined]
    st.progress(sum(job.fraction for job in jobs) / len(jobs), text=f"{title}: {current.note or 'waiting'}")
    if st.button("Stop", key=f"stop-{key}"):
        for job in running:
            work.stop(job.request)
            work.retry(job.request)  # stopped by choice: the button offers it again
            asked.discard(job.request)
        st.rerun()
