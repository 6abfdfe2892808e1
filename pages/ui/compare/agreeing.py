"""Do the methods agree with one another, and each with itself?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import media
from pages.ui.compare import panels, views
from pages.ui.compare.headline import consensus
from pages.ui.compare.panels import Entry
from pages.ui.components.gallery import PanelView, gallery
from pages.ui.measuring import measure
from pages.ui.shelf import Shelf
from xai_core.agreement import Agreement
from xai_core.describe import ModelCard
from xai_core.explain import Explanation
from xai_core.names import as_text
from xai_core.stability import Reseeded, Stability, has_seed

RUNS = 3


def show(kept: Shelf, shown: Sequence[Entry], card: ModelCard) -> None:
    """The matrix beside the consensus; below, how far chance moves each method."""
    found = panels.finished(shown)
    if len(found) < 2:
        st.write("Two finished maps are needed before they can be compared.")
        return
    result = consensus(tuple(found))
    st.markdown(
        "1 means the same order of places, 0 no relation, −1 the opposite. Close relatives (the CAM family; gradient "
        "and gradient × input) agree by construction, so count them as one witness."
    )
    left, right = st.columns([3, 2])
    left.plotly_chart(matrix(result), key="agreement", theme="streamlit", alt="Rank agreement between the methods")
    with right:
        _consensus(kept, shown[0], result)
    _stability(found)


def matrix(result: Agreement) -> go.Figure:
    """Rank correlations as a heatmap; what is undefined stays empty and says so."""
    values = result.matrix
    words = [["undefined" if np.isnan(v) else f"{v:.2f}" for v in row] for row in values]
    titles = list(result.titles)
    figure = go.Figure(
        go.Heatmap(z=values, x=titles, y=titles, text=words, texttemplate="%{text}", zmin=-1, zmax=1,
                   colorscale=[[0, "#2b6cb0"], [0.5, "#f4f1ea"], [1, "#c4621a"]], showscale=False)
    )  # fmt: skip
    figure.update_layout(height=80 + 44 * len(titles), margin={"l": 8, "r": 8, "t": 16, "b": 8})
    figure.update_yaxes(autorange="reversed")
    return figure


def _consensus(kept: Shelf, entry: Entry, result: Agreement) -> None:
    if result.consensus is None:
        return
    url = media.url("map", result.consensus)
    picture = entry.request.picture
    panel = PanelView(
        views.panel_key("consensus", picture),
        "Where they agree",
        views.photo(picture, entry.box),
        "done",
        "The mean of all maps, each counted by the rank of its values.",
        maps=(views.map_view(result.consensus, False, url),),
        caution="Agreement is no proof: methods that share a weakness also agree.",
    )
    gallery([panel], key="consensus", bar=False, display=kept.display, columns_min_px=320)


def _stability(found: Sequence[Explanation]) -> None:
    chancy = [each for each in found if has_seed(each.request.params)]
    if not chancy:
        return
    titles = ", ".join(each.method.title for each in chancy)
    st.markdown(f"**Chance plays a part in {as_text(titles)}.** How much would another roll of the dice change?")
    requests = [Stability(each.request, RUNS) for each in chancy]
    measure("stability", requests, offer=f"Run them {RUNS} times", icon=":material/casino:", draw=_runs)


def _runs(answers: list[Reseeded]) -> None:
    for each in answers:
        st.markdown(f"- **{as_text(each.title)}**: {as_text(each.sentence)}")
