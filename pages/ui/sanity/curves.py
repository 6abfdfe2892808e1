"""How much of each map is left at every stage: one small chart per method, with what chance alone would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from pages.ui.sanity.screen import finished
from xai_core.sanity import SanityTest
from xai_core.similarity import MEASURES
from xai_core.survey import Survey

ACROSS = 4  # charts in a row
LINE, BAND, GREY = "#0F766E", "rgba(128,128,128,0.28)", "gray"


@dataclass(frozen=True, eq=False)
class Falling:
    """One chart: values for each stage, NaN where undefined."""

    title: str
    mean: NDArray[np.float64]  # (stages, 4)
    floor: NDArray[np.float64]  # (4, 2)
    spread: NDArray[np.float64] | None = None  # (stages, 4)


def show(survey: Survey, tests: Sequence[SanityTest]) -> None:
    """Of the player's own run."""
    runs = finished(tests)
    if not runs:
        st.write("The curves appear as soon as the first method has been tested at every stage.")
        return
    charts([Falling(run.title, run.similarity, run.floor) for run in runs], key="curves")


def charts(falling: Sequence[Falling], key: str) -> None:
    """Choose the measure, then draw every method."""
    titles = [measure.title for measure in MEASURES]
    title = st.segmented_control(
        "Measure", titles, default=titles[0], required=True, key=f"{key}-measure", label_visibility="collapsed"
    )
    at = titles.index(title or titles[0])
    st.markdown(
        f"{MEASURES[at].meaning} 100 % is the trained model's own map; the grey band is what unrelated maps of "
        "the same kind share by chance. The dotted line is the edge detector, which never changes; a gap: no map."
    )
    st.plotly_chart(figure(falling, at), key=f"{key}-chart-{at}", theme="streamlit", alt="Similarity at every stage")


def figure(falling: Sequence[Falling], at: int) -> go.Figure:
    """A chart per method on common axes."""
    across = min(ACROSS, len(falling))
    rows = -(-len(falling) // across)
    made = make_subplots(
        rows, across, subplot_titles=[each.title for each in falling], shared_xaxes="all", shared_yaxes="all",
        vertical_spacing=0.16 if rows == 2 else 0.1, horizontal_spacing=0.03,
    )  # fmt: skip
    for number, each in enumerate(falling):
        _chart(made, each, at, {"row": number // across + 1, "col": number % across + 1})
    lowest = min(-5.0, *(100 * float(np.nanmin([*each.mean[:, at], *each.floor[at], 0])) for each in falling))
    made.update_yaxes(range=[lowest - 5, 105], ticksuffix=" %", zeroline=True)
    made.update_xaxes(dtick=2, title_text="")
    made.update_xaxes(title_text="blocks destroyed", row=rows)
    made.update_layout(height=60 + 230 * rows, showlegend=False, margin={"l": 8, "r": 8, "t": 40, "b": 8})
    return made


def _chart(made: go.Figure, each: Falling, at: int, place: dict[str, int]) -> None:
    stages = np.arange(len(each.mean))
    low, high = each.floor[at] * 100
    values = each.mean[:, at] * 100
    if each.spread is not None:
        spread = each.spread[:, at] * 100
        known = ~np.isnan(values)
        edge = np.concatenate([values + spread, (values - spread)[::-1]])[np.concatenate([known, known[::-1]])]
        around = np.concatenate([stages, stages[::-1]])[np.concatenate([known, known[::-1]])]
        shade = {"fill": "toself", "fillcolor": "rgba(15,118,110,0.25)", "line": {"width": 0}}
        made.add_scatter(x=around, y=edge, mode="lines", hoverinfo="skip", **shade, **place)
    hover = "%{y:.0f} % left after %{x} blocks<extra></extra>"
    made.add_scatter(
        x=stages, y=values, mode="lines+markers", line={"color": LINE, "width": 2.5}, marker={"size": 6},
        hovertemplate=hover, connectgaps=False, **place,
    )  # fmt: skip
    # shapes need an axis that has something on it
    if not np.isnan(low):
        made.add_hrect(low, high, fillcolor=BAND, line_width=0, layer="below", **place)
    # what an edge detector scores: it never changes
    made.add_hline(100, line={"color": GREY, "dash": "dot", "width": 1}, **place)
