"""Below the map: the same pictures laid out otherwise, side by side, to see what of the map can be relied on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from pages.ui import watching, work
from pages.ui.bound import bound
from pages.ui.components.scatter import small_scatter
from pages.ui.components.scatter_view import ScatterView
from pages.ui.map.state import Atlas
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.request import DrawMap
from xai_core.embedding.several import Varied, agreement, aligned, cohesion, map_neighbours, together, variants
from xai_core.embedding.several_words import STARTS, TURNED, agree, called, stay
from xai_core.embedding.words import share
from xai_core.jobs import ENDED, Job
from xai_core.names import as_text

TITLES: dict[Varied, str] = {"seed": "Other random starts", "perplexity": "Other numbers of neighbours"}
HIGH = 260  # pixels
WHY = (
    "A layout is drawn by chance: another start or another number of neighbours gives another map. What is the same on "
    "all of them can be relied on."
)


def section(kept: Atlas, shown: PictureMap, view: ScatterView) -> None:
    """How stable is this map? `view` is what the large one shows: the small ones have its marks and colours."""
    with st.expander(
        "How stable is this map?", icon=":material/compare:", expanded=bool(kept.varied), key="map-stable"
    ):
        if shown.request.settings.layout == "pca":
            st.write("PCA involves no chance: the same pictures always give this very map.")
            return
        st.write(WHY)
        _choice(kept)
        if not kept.varied:
            return
        wanted = _beside(kept, shown)
        if not wanted:
            st.write("There are too few pictures for another number of neighbours.")
            return
        _laid_beside(kept, shown, view, wanted)


def _choice(kept: Atlas) -> None:
    def take(varied: str | None) -> None:
        kept.varied, kept.beside = varied or "", ()

    st.segmented_control(
        "Lay beside it", list(TITLES), format_func=TITLES.__getitem__, label_visibility="collapsed",
        **bound("map-varied", kept.varied or None, take),
    )  # fmt: skip


def _beside(kept: Atlas, shown: PictureMap) -> tuple[DrawMap, ...]:
    """The same ones for as long as the pictures are the same: also when one of them is the large map now."""
    if any(replace(each, settings=shown.request.settings) != shown.request for each in kept.beside):
        kept.beside = ()
    if not kept.beside:
        different = len(np.unique(shown.twins))
        kept.beside = variants(shown.request, kept.varied, different)  # type: ignore[arg-type]
    return tuple(each for each in kept.beside if each != shown.request)


def _laid_beside(kept: Atlas, shown: PictureMap, view: ScatterView, wanted: tuple[DrawMap, ...]) -> None:
    jobs = [work.ask(each) for each in wanted]
    found = [job.result for job in jobs if isinstance(job.result, PictureMap)]
    with st.container():
        _under_way(wanted, jobs)
    if found:
        maps = [shown, *found]
        _say(agree(agreement(maps)))
        if len(kept.rows) > 1 and kept.marks(shown):
            _say(stay(cohesion(maps, kept.rows)))
        else:
            st.write("Lasso a cluster above to see whether it stays together.")
    for place, job in zip(st.columns(len(jobs)), jobs, strict=True):
        with place:
            _one(kept, shown, view, job)
    above = called(shown.request, kept.varied)  # type: ignore[arg-type]
    starts = f" {STARTS}" if kept.varied == "seed" else ""
    st.caption(f"Above: {above[0].lower()}{above[1:]}. {TURNED}{starts} Click one to make it the map above.")


def _say(told: tuple[str, str]) -> None:
    verdict, measured = told
    st.markdown(f"**{verdict}** {measured}")


def _under_way(wanted: tuple[DrawMap, ...], jobs: list[Job]) -> None:
    """What is still being drawn; the page runs again with every map that is finished."""
    stopped = [job for job in jobs if job.state == "stopped"]
    ended = sum(job.state in ENDED for job in jobs)
    if stopped and ended == len(jobs) and st.button("Draw the rest", key="map-several-again"):
        for job in stopped:
            work.retry(job.request)
        st.rerun()
    if ended == len(jobs):
        return

    def look() -> None:
        if sum(work.ask(each).state in ENDED for each in wanted) > ended:
            st.rerun()
        watching.overall(wanted, wanted, "map-several-stop")

    watching.polled(look, live=True)


def _one(kept: Atlas, shown: PictureMap, view: ScatterView, job: Job) -> None:
    wanted: DrawMap = job.request  # type: ignore[assignment]
    words = called(wanted, kept.varied)  # type: ignore[arg-type]
    st.markdown(f"**{words}**")
    if not isinstance(job.result, PictureMap):
        st.caption(as_text(job.message or ("Stopped." if job.state == "stopped" else "Not drawn yet.")))
        return
    found = job.result

    def show() -> None:
        kept.beside = tuple(shown.request if each == found.request else each for each in kept.beside)
        kept.settings = found.request.settings
        kept.show(found)

    other = replace(view, points=aligned(found.points, shown.points), fresh=None, sharper="")
    changed = ("perplexity", "seed", "initialisation", "umap_neighbours")
    key = "-".join(str(getattr(wanted.settings, name)) for name in changed)
    small_scatter(other, key=f"map-small-{key}", words=f"{words}. Enter makes it the map above.",
                  on_open=show, height=HIGH)  # fmt: skip
    st.caption(f"{share(found.quality.kept)} of the neighbours kept{_selected(kept, found)}")


def _selected(kept: Atlas, found: PictureMap) -> str:
    if len(kept.rows) < 2 or not kept.marks(found):
        return ""
    return f" · {share(together(map_neighbours(found.points), kept.rows))} of the selection’s nearest are selected"
