"""Where in the network a concept can be read, and where it is used."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from pages.ui.concepts.bars import FOR, GREY
from pages.ui.wording import markdown
from xai_core.names import as_text
from xai_core.tcav.grid import Grid
from xai_core.tcav.headline import leading
from xai_core.tcav.layers import Path, paths

COLOURS = (FOR, "#D9772B", "#6C63C7", "#C2497F", "#4A8FD6", "#8A8D2B", "#A8563A", "#5C7A78")
WORDS = "Two charts by layer: how well each concept can be read there, and its score. Below, the same in sentences."
SHOWN = 8  # paths; more lines would not be told apart


def tab(told: Grid) -> None:
    """The chart of one class, and a sentence for each concept."""
    if len(told.layers) < 2:
        st.write("Choose two or more places in the network in step 2 to see where a concept can be read and is used.")
        return
    every = paths(told)
    labels = list(dict.fromkeys(path.label for path in every))
    first = leading(told)
    label = labels[0] if first is None else first.cell.label
    if len(labels) > 1:
        label = st.segmented_control(
            "Class", labels, default=label, required=True, key=f"layer-class-{'-'.join(labels)}"
        ) or label  # fmt: skip
    found = [path for path in every if path.label == label]
    if len(found) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(found)} concepts.")
    st.plotly_chart(
        figure(found[:SHOWN], told.layers), key="concept-layer-chart", theme="streamlit", alt=WORDS,
        config={"displayModeBar": False},  # it would lie on the right title
    )  # fmt: skip
    st.caption("A filled circle: told from random concepts there.")
    for path in found[:SHOWN]:
        told_so = path.sentence()
        st.markdown(f"- {markdown(told_so)}")
        if told_so.warning:
            st.caption(as_text(told_so.warning))


def figure(found: Sequence[Path], layers: Sequence[str]) -> go.Figure:
    """Left: how often the direction knows new pictures right. Right: the score, filled where it is significant."""
    made = make_subplots(1, 2, subplot_titles=["Can it be read there?", "Is it used there?"], horizontal_spacing=0.09)
    for path, colour in zip(found, COLOURS, strict=False):
        name, cells = path.title, [step.finding.cell for step in path.steps]
        line = {"color": colour, "width": 2.5}
        made.add_scatter(
            x=[cell.layer for cell in cells], y=[100 * cell.accuracy for cell in cells], name=name, line=line,
            mode="lines+markers", legendgroup=name, hovertemplate="%{y:.0f} % right at %{x}<extra></extra>",
            row=1, col=1,
        )  # fmt: skip
        filled = [colour if step.used else "rgba(0,0,0,0)" for step in path.steps]
        made.add_scatter(
            x=[cell.layer for cell in cells], y=[cell.score for cell in cells], name=name, line=line,
            mode="lines+markers", legendgroup=name, showlegend=False,
            marker={"size": 10, "color": filled, "line": {"color": colour, "width": 2}},
            hovertemplate="%{y:.2f} at %{x}<extra></extra>", row=1, col=2,
        )  # fmt: skip
    made.update_xaxes(categoryorder="array", categoryarray=list(layers))
    made.update_yaxes(range=[40, 103], ticksuffix=" %", row=1, col=1)
    made.update_yaxes(range=[-0.05, 1.05], tickvals=[0, 0.5, 1], ticktext=["against", "0.5", "for"], row=1, col=2)
    for column, level in ((1, 50), (2, 0.5)):
        made.add_hline(level, line={"color": GREY, "dash": "dot", "width": 1}, row=1, col=column)
    made.update_layout(height=340, margin={"l": 8, "r": 8, "t": 36, "b": 8}, legend={"orientation": "h", "y": -0.18})
    return made
