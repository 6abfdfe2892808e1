"""A table of what pictures show against what the model said; a click on a cell asks for its pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.components.scripts import script, style

_component = st.components.v2.component(
    "second_look_confusion",
    html='<div class="scroll"><table></table></div>',
    css=style("confusion/confusion"),
    js=script("shared/refill", "confusion/confusion"),
)
Cell = tuple[int, int]  # row and column of the table


def confusion(
    counts: NDArray[np.int64], rows: Sequence[str], columns: Sequence[str], key: str, current: Cell | None
) -> Cell | None:
    """Draw `counts` (R, C) with `current` marked; the cell that was just clicked, or None.

    Rows are what the pictures show, columns what the model said. A cell's shade is its share of its row.
    ValueError when the words do not fit the table.
    """
    if counts.shape != (len(rows), len(columns)):
        raise ValueError(f"{len(rows)} rows and {len(columns)} columns of words for counts of shape {counts.shape}")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    data = {
        "counts": counts.tolist(),
        "shares": shares.round(4).tolist(),
        "rows": list(rows),
        "columns": list(columns),
        "current": current,
    }
    chosen = _component(key=key, data=data, on_chosen_change=lambda: None).chosen
    if not isinstance(chosen, list) or len(chosen) != 2:
        return None
    row, column = chosen
    inside = isinstance(row, int) and isinstance(column, int) and row < len(rows) and column < len(columns)
    return (row, column) if inside and min(row, column) >= 0 else None
