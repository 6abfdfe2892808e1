"""Which concept, at which layer, the details below the answer are about."""

from __future__ import annotations

import streamlit as st

from pages.ui.concepts.study import Study
from xai_core.tcav.grid import Finding, Grid
from xai_core.tcav.headline import leading


def layer_shown(kept: Study, told: Grid) -> str:
    """The one that was chosen; until then the one that the headline speaks of."""
    if kept.layer in told.layers:
        return kept.layer
    first = leading(told)
    return told.layers[-1] if first is None else first.cell.layer


def choose(kept: Study, told: Grid, key: str) -> Finding:
    """A concept among those tested, at the layer that the bars show."""
    layer = layer_shown(kept, told)
    at = {found.result.request.concept[0]: found for found in told.findings if found.cell.layer == layer}
    picked = st.segmented_control(
        "Concept", list(at), default=next(iter(at)), format_func=lambda name: at[name].result.title, required=True,
        key=f"{key}-{'-'.join(at)}",
    )  # fmt: skip
    return at[picked or next(iter(at))]
