"""The map while it is being drawn: PCA first, then the layout that was asked for, with Enough and Stop."""

from __future__ import annotations

import secrets
from dataclasses import replace

import streamlit as st

from pages.ui import watching, work
from pages.ui.map.state import Atlas
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.request import DrawMap
from xai_core.embedding.underway import enough
from xai_core.jobs import ENDED, Job
from xai_core.names import as_text

JOB = "map-job"


def follow(kept: Atlas, wanted: DrawMap) -> PictureMap | None:
    """The map of what is wanted, or what is there until then."""
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
        return None
    if job is None:
        kept.enough = False
        job = st.session_state[JOB] = work.ask(replace(wanted, run=secrets.token_hex(8)))
    _progress(kept, job)
    return _meanwhile(kept, wanted)


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


def _meanwhile(kept: Atlas, wanted: DrawMap) -> PictureMap | None:
    """The same pictures by PCA, as soon as they have been looked at."""
    found = work.desk().known(wanted.first())
    if isinstance(found, PictureMap):
        return found
    same = kept.drawn is not None and kept.drawn.request.sources == wanted.sources
    return kept.drawn if same else None


def _progress(kept: Atlas, job: Job) -> None:
    wanted: DrawMap = job.request  # type: ignore[assignment]
    first = work.ask(wanted.first(), urgent=False) if wanted.settings.layout != "pca" else None
    before = first is not None and first.state in ENDED

    def look() -> None:
        work.keep(job)
        if job.state in ENDED or (first is not None and not before and first.state in ENDED):
            st.rerun()
        note, left = job.note or "waiting for the device", job.seconds_left()
        words = note[0].upper() + note[1:] + (f", about {left:.0f} s left" if left and left >= 2 else "")
        st.progress(job.fraction, text=as_text(words))
        with st.container(horizontal=True):
            if st.button("Enough: keep the map so far", key="map-enough", icon=":material/check:"):
                kept.enough = True
                enough(wanted.run)
            if st.button("Stop", key="map-stop", icon=":material/stop_circle:"):
                work.stop(job.request)
                work.retry(job.request)
                kept.refused, st.session_state[JOB] = wanted, None
                st.rerun()

    watching.polled(look, live=True)
