"""Under the map: how far to trust it, the confusion table that lights pictures up, files."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from pages.ui.components.confusion import confusion
from pages.ui.downloads import download
from pages.ui.map.state import Atlas
from pages.ui.models import figures
from xai_core.embedding import atlas as sheets
from xai_core.embedding import words
from xai_core.embedding.exporting import as_csv
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.standalone import as_html
from xai_core.evaluation.measures import ClassScore, class_scores
from xai_core.names import as_text

MOST_CLASSES = 20  # more would not be read, and not fit


def trust(shown: PictureMap) -> None:
    """The honesty line, and figures for those who want them."""
    st.caption(as_text(f"{words.honesty(shown)} {words.kept(shown.quality)}"))
    for note in shown.notes:
        st.caption(as_text(note))
    with st.expander("How not to read this map", icon=":material/info:"):
        st.markdown("\n".join(f"- {as_text(line)}" for line in words.how_not(shown)))
        st.dataframe(
            [{"figure": each.label, "value": each.value, "meaning": each.meaning} for each in words.figures(shown)],
            hide_index=True, width="stretch",
        )  # fmt: skip


def table(kept: Atlas, shown: PictureMap) -> None:
    """Truth against prediction; a click lights the pictures of a cell up on the map."""
    truths = np.unique(shown.truth[shown.known])
    if not len(truths):
        st.write("The data set has no classes that the model knows, so right and wrong cannot be told.")
        return
    if len(truths) > MOST_CLASSES:
        missed = [int((shown.known & ~shown.right & (shown.truth == each)).sum()) for each in truths]
        truths = np.sort(truths[np.argsort(missed)[::-1][:MOST_CLASSES]])
        st.caption(f"The {MOST_CLASSES} classes with the most mistakes.")
    named = np.unique(np.concatenate([truths, shown.predicted[np.isin(shown.truth, truths)]]))[: 2 * MOST_CLASSES]
    matrix = np.array([[int(((shown.truth == t) & (shown.predicted == p)).sum()) for p in named] for t in truths])
    rows, columns = truths.tolist(), named.tolist()
    current = None
    if kept.cell is not None and kept.cell[0] in rows and kept.cell[1] in columns:
        current = rows.index(kept.cell[0]), columns.index(kept.cell[1])
    clicked = confusion(
        matrix, [shown.labels[t] for t in rows], [shown.labels[p] for p in columns], key="map-confusion",
        current=current,
    )  # fmt: skip
    st.caption("Click a number: its pictures light up on the map.")
    if clicked is not None and (rows[clicked[0]], columns[clicked[1]]) != kept.cell:
        kept.cell = rows[clicked[0]], columns[clicked[1]]
        st.rerun()


def scores(shown: PictureMap) -> None:
    """Precision, recall and F1 of the classes on the map; nothing where right and wrong cannot be told."""
    if shown.known.any():
        st.dataframe(figures.scores(*class_scores_of(shown)), hide_index=True, width="stretch")
        st.caption(figures.SCORES_WORDS)


def class_scores_of(shown: PictureMap) -> tuple[tuple[ClassScore, ...], ClassScore, ClassScore]:
    """Of the classes that pictures on the map have, as the model names those pictures."""
    truths = np.unique(shown.truth[shown.known])
    beyond = len(truths)  # whatever else a picture was named
    named = np.full(len(shown), beyond)
    for place, target in enumerate(truths):
        named[shown.predicted == target] = place
    known = np.searchsorted(truths, shown.truth[shown.known])
    return class_scores(known, named[shown.known], tuple(shown.labels[target] for target in truths))


def files(shown: PictureMap, small: sheets.Atlas | None) -> None:
    """The whole map to take away; the picture of it is in the map's own toolbar."""
    with st.container(horizontal=True):
        download("Coordinates (CSV)", partial(as_csv, shown), "map.csv", "text/csv", "map-csv")
        if small is not None:
            more = f" and {len(shown.datasets) - 2} more" if len(shown.datasets) > 2 else ""
            title = f"{', '.join(shown.datasets[:2])}{more}, {shown.layer}"
            download("Page with pictures (HTML)", partial(as_html, shown, small, title), "map.html", "text/html",
                     "map-html", ":material/html:")  # fmt: skip
