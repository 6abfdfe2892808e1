"""Charts and tables of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from xai_core.evaluation.evaluation import Evaluation
from xai_core.evaluation.measures import ClassScore
from xai_core.sentence import percent

LINE = "#0F766E"
WELL = 0.05  # a calibration error up to here is told as "about as often"
SCORES_WORDS = (
    "**Precision**: of what it names so, how much is so. **Recall**: of what is so, how much it names so. **F1**: both "
    "in one number. **Pictures**: how many there were to judge it by."
)


def calibration_words(found: Evaluation) -> str:
    """What the chart says, in one sentence."""
    sure = float(found.sureness.mean())
    error = percent(found.calibration_error)
    told = f"On average it is {percent(sure)} sure, and right {percent(found.accuracy)} of the time"
    if found.calibration_error <= WELL:
        return f"{told}: about as often as it says (calibration error {error})."
    if found.calibration_error <= found.calibration_luck:
        luck = f"up to {percent(found.calibration_luck)} may be luck with so few pictures"
        return f"{told}: as far as can be told, about as often as it says (calibration error {error}; {luck})."
    if abs(sure - found.accuracy) < found.calibration_error / 2:
        return f"{told}: here surer than it should be, there less sure than it could be (calibration error {error})."
    more = "surer than it should be" if sure > found.accuracy else "less sure than it could be"
    return f"{told}: it is {more} (calibration error {error})."


def calibration(found: Evaluation) -> go.Figure:
    """How often it is right where it is so sure; on the dotted line it would be exactly as often."""
    filled = [each for each in found.bins if each.count]
    made = go.Figure()
    made.add_scatter(x=[0, 100], y=[0, 100], mode="lines", line={"dash": "dot", "color": "gray"}, hoverinfo="skip")
    made.add_scatter(
        x=[100 * each.sureness for each in filled],
        y=[100 * each.accuracy for each in filled],
        mode="markers",
        cliponaxis=False,
        marker={"size": [6 + 18 * each.count / len(found.items) for each in filled], "color": LINE},
        customdata=[each.count for each in filled],
        hovertemplate="sure: %{x:.0f} %<br>right: %{y:.0f} %<br>%{customdata} pictures<extra></extra>",
    )
    made.update_xaxes(title_text="how sure it is", range=[0, 103], ticksuffix=" %")
    made.update_yaxes(title_text="how often it is right", range=[0, 103], ticksuffix=" %")
    made.update_layout(height=300, showlegend=False, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return made


def scores(each: Sequence[ClassScore], plain: ClassScore, weighted: ClassScore) -> dict[str, list[Any]]:
    """One row for each class, then both averages."""
    rows = [*each, plain, weighted]
    return {
        "class": [row.name for row in rows],
        "precision": [_share(row.precision) for row in rows],
        "recall": [_share(row.recall) for row in rows],
        "F1": [_share(row.f1) for row in rows],
        "pictures": [row.support for row in rows],
    }


def _share(value: float) -> str:
    return "undefined" if value != value else f"{100 * value:.1f} %"
