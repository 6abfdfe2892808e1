"""Take it along: the paper's figure, something that moves, and the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import work
from pages.ui.downloads import download
from pages.ui.sanity.choices import control
from pages.ui.sanity.screen import finished
from pages.ui.shelf import Shelf
from xai_core.edges import TITLE, EdgeMap
from xai_core.filmstrip import Reel, Row, gif, page, sheet
from xai_core.names import safe_label
from xai_core.render import Display
from xai_core.sanity import SanityRun, SanityTest
from xai_core.sanity_table import as_csv
from xai_core.sanity_words import numbers, stage_says
from xai_core.survey import Survey, Surveyed


def show(kept: Shelf, survey: Survey, tests: Sequence[SanityTest]) -> None:
    """Files are made when they are asked for."""
    runs, surveyed = finished(tests), work.ask(survey).result
    if not runs or not isinstance(surveyed, Surveyed):
        st.write("There is something to export as soon as the first method has been tested at every stage.")
        return
    edges, display = work.ask(control(kept)).result, kept.display
    made = reel(surveyed, runs, edges if isinstance(edges, EdgeMap) else None)
    stem = f"sanity-{safe_label(kept.picture.name)}-{survey.target}"

    def drawn(draw: Callable[[Reel, Display], bytes]) -> Callable[[], bytes]:
        return lambda: draw(made, display)

    with st.container(horizontal=True):
        download("Figure as in the paper (PNG)", drawn(sheet), f"{stem}.png", "image/png")
        download("Animation (GIF)", drawn(gif), f"{stem}.gif", "image/gif")
        download("Slider for any browser (HTML)", drawn(page), f"{stem}.html", "text/html")
        download("Numbers (CSV)", lambda: as_csv(runs).encode(), f"{stem}.csv", "text/csv")


def reel(surveyed: Surveyed, runs: Sequence[SanityRun], edges: EdgeMap | None) -> Reel:
    """What the exports draw: every finished method, the edge detector last."""
    rows = [
        Row(
            run.title,
            tuple(None if found is None else found.values for found in run.maps),
            numbers(run),
            f"{run.verdict.word}. {run.verdict.short}",
        )
        for run in runs
    ]
    if edges is not None:
        stages = len(surveyed.stages)
        rows.append(Row(TITLE, (edges.values,) * stages, (1.0,) * stages, "Knows no model"))
    return Reel(
        picture=surveyed.framed.square,
        stages=tuple(stage.name or "trained" for stage in surveyed.stages),
        says=tuple(stage_says(surveyed, stage) for stage in surveyed.stages),
        rows=tuple(rows),
        title=f"Would the explanation of “{surveyed.label}” notice if the model had learned nothing?",
    )
