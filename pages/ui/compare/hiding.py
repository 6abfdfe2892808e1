"""Does hiding what a map marks change the answer? Deletion and insertion, beside a random order."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from pages.ui.compare import panels
from pages.ui.compare.panels import Entry
from pages.ui.measuring import measure
from xai_core.names import as_text
from xai_core.scores import Games, Score, Scored
from xai_core.tenth import MADE

# Okabe and Ito 2008, then Tol's muted set: told apart by colour-blind people too
COLOURS = (
    "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#0072B2", "#CC79A7", "#882255", "#999933",
    "#332288", "#44AA99", "#AA4499", "#117733", "#DDCC77", "#661100", "#6699CC",
)  # fmt: skip


def show(shown: Sequence[Entry]) -> None:
    """First the sentences that are known already, then the curves, on request."""
    if hidden := panels.hidden(shown):
        st.markdown("\n".join(f"- {as_text(each.sentence)}" for each in hidden))
        st.markdown(as_text(MADE))
    found = [each for each in panels.finished(shown) if each.status == "ok"]
    if not found:
        st.write("The maps come first; their scores can be measured as soon as one is there.")
        return
    offer, requests = "Measure {count} maps", [Score(each.request) for each in found]
    measure("scores", requests, offer=offer, icon=":material/show_chart:", draw=_draw)


def _draw(scored: list[Scored]) -> None:
    bare = {"displayModeBar": False}
    st.plotly_chart(curves(scored), key="curves", theme="streamlit", config=bare, alt="Deletion and insertion curves")
    _table(scored)


def curves(scored: Sequence[Scored]) -> go.Figure:
    """Deletion beside insertion, one colour a method, with what chance does as broken lines."""
    titles = ("Hiding the strongest first: falling fast is good", "Showing the strongest first: rising fast is good")
    figure = make_subplots(rows=1, cols=2, subplot_titles=titles, horizontal_spacing=0.09)
    for at, each in enumerate(scored):
        _lines(figure, each.own, each.title, {"color": COLOURS[at % len(COLOURS)], "width": 2.5})
    # the fair comparison is the same map in other places, the customary one single pixels
    _lines(figure, scored[0].moved, f"{scored[0].title}, moved elsewhere", {"dash": "dash", "color": "gray"})
    _lines(figure, scored[0].random, "single pixels at random", {"dash": "dot", "color": "gray"})
    figure.update_xaxes(title="share of the picture, %", range=[0, 100])
    figure.update_yaxes(title=f"probability of {scored[0].label}, %", range=[0, 102], col=1)
    figure.update_yaxes(range=[0, 102], col=2)
    legend = {"orientation": "h", "y": -0.22, "yanchor": "top"}
    figure.update_layout(height=480, margin={"l": 8, "r": 8, "t": 40, "b": 8}, legend=legend)
    return figure


def _lines(figure: go.Figure, games: Games | None, name: str, line: dict[str, object]) -> None:
    if games is None:
        return
    for column, game in enumerate((games.deletion, games.insertion), start=1):
        shown = {"name": name, "legendgroup": name, "showlegend": column == 1}
        figure.add_scatter(x=games.shares * 100, y=game.mean * 100, mode="lines", line=line, row=1, col=column, **shown)


def _table(scored: Sequence[Scored]) -> None:
    rows = [
        {
            "method": each.title,
            "hiding (AUC, lower is better)": each.own.deletion.area if each.own else None,
            "revealing (AUC, higher is better)": each.own.insertion.area if each.own else None,
            "the same map moved: hiding": each.moved.deletion.area if each.moved else None,
            "random order: hiding": each.random.deletion.area if each.random else None,
            "what it means": each.sentence or " ".join(each.reasons),
        }
        for each in scored
    ]
    st.dataframe(
        rows,
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in list(rows[0])[1:5]},
    )
    st.markdown(as_text(scored[0].made))
