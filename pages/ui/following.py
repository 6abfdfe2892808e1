"""One long request of the page: progress that moves, Stop, and what to do when it failed."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from pages.ui import watching, work
from xai_core.jobs import ENDED, Job
from xai_core.names import as_text


def begin(name: str, request: Hashable) -> None:
    """Ask for it now; `follow` under the same name watches it. Asking again would do it again."""
    st.session_state[f"following-{name}"] = work.ask(request)


def under_way(name: str) -> Job | None:
    """The job that was begun under this name and whose end nobody has seen yet."""
    job: Job | None = st.session_state.get(f"following-{name}")
    return job


def follow(name: str, doing: str) -> object | None:
    """The answer of what was begun, once; until then its progress, with Stop. None while there is none."""
    if st.session_state.pop(_stopped(name), False):
        _tell_stopped()
    job = under_way(name)
    if job is None:
        return None
    if job.state in ENDED:
        del st.session_state[f"following-{name}"]
        return _ended(job)
    work.keep(job)
    watching.polled(lambda: _progress(name, job, doing), live=True)
    return None


def looked_up(request: Hashable) -> object | None:
    """The answer to a small question about files or lists, asked once a visit; None until it is there, or if it failed.

    The page runs again when it arrives.
    """
    jobs: dict[Hashable, Job] = st.session_state.setdefault("looked-up", {})
    if request not in jobs or jobs[request].state in ("failed", "refused", "stopped"):
        jobs[request] = work.ask(request, urgent=True)
        jobs[request].ended.wait(work.PATIENCE)
    job = jobs[request]
    if job.state not in ENDED:

        def look() -> None:
            work.keep(job)
            if job.state in ENDED:
                st.rerun()

        work.keep(job)
        watching.polled(look, live=True)
    found: object = job.result
    return found


def _progress(name: str, job: Job, doing: str) -> None:
    if job.state in ENDED:
        st.rerun()
    work.keep(job)
    note, left = job.note or doing, job.seconds_left()
    if left is not None and left >= 2 and not note.endswith("left"):  # some tell it themselves, and better
        note += f", about {left:.0f} s left"
    st.progress(job.fraction, text=as_text(note[0].upper() + note[1:]))
    if st.button("Stop", icon=":material/stop_circle:", key=f"stop-{name}", help="Nothing of it is kept."):
        del st.session_state[f"following-{name}"]
        work.stop(job.request)
        work.retry(job.request)  # the same wish may be asked for again
        st.session_state[_stopped(name)] = True
        st.rerun()


def _ended(job: Job) -> object | None:
    if job.state == "done":
        answer: object = job.result
        return answer
    work.retry(job.request)
    if job.state == "stopped":
        _tell_stopped()
    else:
        st.error(as_text(job.message), icon=":material/error:")
    return None


def _stopped(name: str) -> str:
    return f"following-{name}-stopped"


def _tell_stopped() -> None:
    st.info("Stopped; nothing of it was kept.", icon=":material/stop_circle:")
