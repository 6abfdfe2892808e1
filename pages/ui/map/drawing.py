"""The map while it is being drawn: PCA first, then the layout that was asked for, with Enough and Stop."""

from __future__ import annotations

import secrets
from dataclasses import replace

import streamlit as st

from pages.ui import media, watching, work
from pages.ui.map.state import Atlas
from xai_core.embedding.layouts import watchable
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.request import DrawMap
from xai_core.embedding.underway import begun, enough
from xai_core.errors import XaiError
from xai_core.jobs import ENDED, Job
from xai_core.names import as_text

JOB = "map-job"


def follow(kept: Atlas, wanted: DrawMap) -> PictureMap | None:
    """The map of what is wanted, or what is there until then."""
    with st.container():  # always one element: what stands below is the same one before, while and after it is drawn
        return _followed(kept, wanted)


def _followed(kept: Atlas, wanted: DrawMap) -> PictureMap | None:
    job: Job | None = st.session_state.get(JOB)
    if job is not None and job.request != wanted:
        work.stop(job.request)
        work.retry(job.request)
        job = st.session_state[JOB] = None
    if job is not None and job.state in ENDED:
        st.session_state[JOB] = None
        _ended(kept, job)
        job = None
    if kept.is_of(wanted):
        return kept.drawn
    if kept.refused == wanted:
        if st.button("Draw the map", type="primary", key="map-draw", icon=":material/scatter_plot:"):
            kept.refused = None
            st.rerun()
        return _meanwhile(kept, wanted)
    first = _first(wanted)
    if job is None:
        kept.enough = False
        job = work.ask(replace(wanted, run=secrets.token_hex(8)))
        if job.state in ENDED:  # somebody had it drawn before
            _ended(kept, job)
            return kept.drawn if kept.is_of(wanted) else _meanwhile(kept, wanted)
        st.session_state[JOB] = job
    shown = _meanwhile(kept, wanted)
    if shown is None:
        _progress(kept, job, first)
    return shown


def _first(wanted: DrawMap) -> Job | None:
    """PCA of the same pictures, asked for before the map itself: it looks at the pictures for both."""
    return work.ask(wanted.first(), urgent=False) if wanted.settings.layout != "pca" else None


def under_way(kept: Atlas) -> bool:
    """Below the map: how far the one is that is being drawn; whether there is one."""
    job: Job | None = st.session_state.get(JOB)
    if job is None or job.state in ENDED:
        return False
    wanted: DrawMap = job.request  # type: ignore[assignment]
    _progress(kept, job, _first(wanted))
    st.caption("How far to trust the map is counted when it is finished.")
    return True


def _ended(kept: Atlas, job: Job) -> None:
    if isinstance(job.result, PictureMap):
        # two visitors may wait for one drawing, and what is enough for one is not for the other, who begins anew
        if job.result.complete or kept.enough:
            kept.show(job.result)
        return
    kept.refused = job.request  # type: ignore[assignment]
    work.retry(job.request)
    if job.message:
        st.error(as_text(job.message), icon=":material/error:")


def live(shown: PictureMap) -> str:
    """The address of the points that are just being laid out, for the scatter that shows the same pictures; or ""."""
    job: Job | None = st.session_state.get(JOB)
    if job is None or job.state in ENDED:
        return ""
    drawing: DrawMap = job.request  # type: ignore[assignment]
    if shown.request.sources != drawing.sources or not watchable(drawing.settings):
        return ""
    return media.url("live", media.Drawing(drawing.run))


def _meanwhile(kept: Atlas, wanted: DrawMap) -> PictureMap | None:
    """What is there of these pictures: the map before other settings, or PCA as soon as they have been looked at."""
    if kept.drawn is not None and replace(kept.drawn.request, settings=wanted.settings) == wanted:
        return kept.drawn
    found = work.desk().known(wanted.first())
    if isinstance(found, PictureMap):
        kept.show(found)  # what is marked on it stays marked on the map that follows
        return found
    same = kept.drawn is not None and kept.drawn.request.sources == wanted.sources
    return kept.drawn if same else None


def _progress(kept: Atlas, job: Job, first: Job | None) -> None:
    wanted: DrawMap = job.request  # type: ignore[assignment]
    before = first is not None and first.state in ENDED

    def look() -> None:
        work.keep(job)
        if job.state in ENDED or (first is not None and not before and first.state in ENDED):
            st.rerun()
        looking = first is not None and first.state == "running"
        watched = first if first is not None and looking else job
        note, left = watched.note or "waiting for the device", watched.seconds_left()
        # where no steps are counted, nothing says how long it will be
        told = f", about {left:.0f} s left" if left and left >= 2 and " step " in note else ""
        words = note[0].upper() + note[1:] + told
        st.progress(min(watched.fraction, 0.5) if looking else job.fraction, text=as_text(words))
        with st.container(horizontal=True):
            if watchable(wanted.settings) and begun(wanted.run):
                _enough(kept, wanted)
            if st.button("Stop", key="map-stop", icon=":material/stop_circle:", help=_stop_help(wanted)):
                work.stop(job.request)
                work.retry(job.request)
                kept.refused, st.session_state[JOB] = wanted, None
                st.rerun()

    watching.polled(look, live=True)


def _enough(kept: Atlas, wanted: DrawMap) -> None:
    words = "Keeping the map so far" if kept.enough else "Enough: keep the map so far"
    if st.button(words, key="map-enough", icon=":material/check:", disabled=kept.enough):
        kept.enough = True
        try:
            enough(wanted.run)
        except XaiError as error:
            kept.enough = False
            st.error(as_text(str(error)), icon=":material/error:")


def _stop_help(wanted: DrawMap) -> str:
    if wanted.settings.layout == "pca" or watchable(wanted.settings):
        return "Nothing of it is kept."
    return (
        "scikit-learn cannot be interrupted: its map is thrown away when it is done, and other work waits until then."
    )
