"""The answer as bars: each from the middle to its score, the random concepts behind it, every run as a dot."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xai_core.tcav.grid import Finding
from xai_core.tcav.rounding import score_words

FOR, AGAINST, GREY = "#14958A", "#D9772B", "#8A8F8E"
PALE = 0.35  # opacity of a bar that cannot be told from chance: the sources' habit
ROW, HEAD, FOOT = 40, 34, 30  # pixels
LONG = 24  # letters of a concept's name that fit beside the bars


def figure(findings: Sequence[Finding]) -> go.Figure:
    """One panel for each class, one row for each concept; all findings are of one layer."""
    targets = list(dict.fromkeys(found.cell.target for found in findings))
    panels = [[found for found in findings if found.cell.target == target] for target in targets]
    height = ROW * len(findings) + HEAD * len(panels) + FOOT
    made = make_subplots(
        len(panels), 1, shared_xaxes="all", subplot_titles=[f"<b>{_plain(rows[0].cell.label)}</b>" for rows in panels],
        row_heights=[len(rows) for rows in panels], vertical_spacing=HEAD / (height - HEAD - FOOT),
    )  # fmt: skip
    for number, rows in enumerate(panels, 1):
        for place, found in enumerate(reversed(rows)):
            _row(made, found, place, {"row": number, "col": 1})
        made.add_vline(0.5, line={"color": GREY, "width": 1}, row=number, col=1)
        names = [_plain(_short(found.result.title)) for found in reversed(rows)]
        made.update_yaxes(
            tickvals=list(range(len(rows))), ticktext=names, range=[-0.6, len(rows) - 0.4], showgrid=False,
            zeroline=False, row=number, col=1,
        )  # fmt: skip
    made.update_xaxes(range=[-0.04, 1.27], tickvals=[0, 0.5, 1], showticklabels=False, zeroline=False, showgrid=False)
    made.update_xaxes(
        showticklabels=True, ticktext=["counts against", "no effect", "counts for"], row=len(panels), col=1
    )
    made.update_layout(
        height=height, showlegend=False, barmode="overlay", margin={"l": 8, "r": 8, "t": HEAD, "b": FOOT},
        violingap=0, violinmode="overlay",
    )  # fmt: skip
    return made


def in_words(findings: Sequence[Finding]) -> str:
    """The same for those who cannot see it, class after class."""
    told = ["Scores, from 0 (counts against) to 1 (counts for); * cannot be told from a random concept."]
    for label in dict.fromkeys(found.cell.label for found in findings):
        scores = [f"{found.result.title} {_score(found)}" for found in findings if found.cell.label == label]
        told.append(f"{label}: {', '.join(scores)}.")
    return " ".join(told)


def _score(found: Finding) -> str:
    """What stands beside the bar; more words would not fit."""
    if found.verdict == "untestable":
        return "not testable"
    return f"{found.cell.score:.2f}" + ("" if found.significant else " *")


def _row(made: go.Figure, found: Finding, place: int, where: dict[str, int]) -> None:
    cell = found.cell
    if found.verdict == "untestable":
        made.add_annotation(x=0.52, y=place, text=_score(found), showarrow=False, xanchor="left", **where)
        return
    if cell.random.size > 1 and np.ptp(cell.random) > 0:
        made.add_violin(
            x=cell.random, y=np.full(cell.random.size, place), orientation="h", width=0.86, points=False,
            fillcolor="rgba(138,143,142,0.30)", line={"width": 0}, hoverinfo="skip", spanmode="hard", **where,
        )  # fmt: skip
    colour = FOR if cell.score >= 0.5 else AGAINST
    made.add_bar(
        x=[cell.score - 0.5], base=[0.5], y=[place], orientation="h", width=0.36, marker={"color": colour},
        opacity=1.0 if found.significant else PALE, hovertemplate=_hover(found), **where,
    )  # fmt: skip
    jitter = np.linspace(-0.13, 0.13, cell.scores.size) if cell.scores.size > 1 else np.zeros(1)
    made.add_scatter(
        x=cell.scores, y=place + jitter, mode="markers", hoverinfo="skip",
        marker={"size": 4, "color": colour, "line": {"width": 0.5, "color": "white"}}, **where,
    )  # fmt: skip
    low, high = cell.interval
    made.add_scatter(
        x=[low, high], y=[place, place], mode="lines", line={"color": GREY, "width": 2}, hoverinfo="skip", **where
    )
    made.add_annotation(x=1.03, y=place, text=_score(found), showarrow=False, xanchor="left", **where)


def _hover(found: Finding) -> str:
    low, high = found.cell.interval
    return (
        f"{_plain(found.result.title)}: {score_words(found.cell.score)} ({low:.2f} to {high:.2f})<br>"
        f"grey: {found.cell.random.size:,} random concepts<extra></extra>"
    )


def _short(name: str) -> str:
    return name if len(name) <= LONG else f"{name[: LONG - 1]}…"


def _plain(name: str) -> str:
    """Plotly reads a little HTML."""
    return html.escape(name, quote=False)
