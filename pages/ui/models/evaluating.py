"""How good a model is on a data set, where it is wrong, and the pictures behind every number."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from pages.ui import watching
from pages.ui.components.album import Leaf, album
from pages.ui.components.answer import answer
from pages.ui.components.confusion import confusion
from pages.ui.downloads import download
from pages.ui.models import figures, pictures, world
from pages.ui.models.rooms import Rooms
from pages.ui.shelf import Shelf
from xai_core import catalogue
from xai_core.datasets.dataset import Dataset, datasets
from xai_core.evaluation.evaluate import Evaluate
from xai_core.evaluation.evaluation import Evaluation, Judged
from xai_core.evaluation.selection import WHICH
from xai_core.evaluation.table import as_csv
from xai_core.names import as_text, safe_label
from xai_core.sentence import percent

QUESTION = "How good is the model, and where is it wrong?"
TABLE_CLASSES = 20  # more would not be read, and not fit
SHOWN = 40  # pictures of a cell
MISTAKES = 12


def room(shelf: Shelf, kept: Rooms) -> None:
    """Which model on which pictures, then the answer and what stands behind it."""
    heading = st.container()
    if world.watch(kept):
        heading.title(QUESTION, anchor=False)
        return
    found = tuple(each for each in datasets() if each.classes)
    if not found:
        heading.title(QUESTION, anchor=False)
        pictures.none_yet(
            kept, "To judge a model, bring pictures that you know the answers to: a folder for each class."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _model(shelf)
        chosen = pictures.choose(kept, found)
        which = st.selectbox(
            "Pictures", WHICH, key="evaluate-split", width=180,
            help="Held out: what the model neither learned from nor was chosen by, as far as that is known.",
        )  # fmt: skip
    if chosen is None:
        return
    request = Evaluate(shelf.model, chosen.key, chosen.revision, which)
    with heading:
        st.title(QUESTION, anchor=False)
        judged = watching.answered(request, "evaluation", "waiting for the device")
        if not isinstance(judged, Evaluation):
            return
        called = safe_label(catalogue.offer(shelf.model).title), safe_label(chosen.title)
        if called != (judged.title, judged.dataset):  # renamed since it was judged
            judged = replace(judged, title=called[0], dataset=called[1])
        answer(judged.sentence(), key="evaluation-answer")
    _shown(shelf, kept, chosen, judged)


def _model(shelf: Shelf) -> None:
    """The model of the sidebar, to be changed here too."""
    offered = {each.name: each.title for each in catalogue.offered() if each.ready}
    names = list(offered)
    at = names.index(shelf.model) if shelf.model in offered else 0
    picked = st.selectbox(
        "Model to judge", names, index=at, format_func=offered.__getitem__, key=f"judged-{names[at]}", width=300
    )
    if picked != shelf.model:
        shelf.use(picked)
        st.rerun()


def _shown(shelf: Shelf, kept: Rooms, chosen: Dataset, found: Evaluation) -> None:
    for note in found.notes:
        st.markdown(f":material/info: {as_text(note)}")
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("What it takes for what", anchor=False)
        _table(kept, found)
    with right:
        st.header("Is it as sure as it should be?", anchor=False)
        st.markdown(figures.calibration_words(found))
        st.plotly_chart(figures.calibration(found), key="calibration", theme="streamlit", alt="Calibration")
    if kept.cell is not None:
        _cell(shelf, kept, chosen, found)
    wrong = found.mistakes(MISTAKES)
    if wrong:
        st.header("Wrong, and sure of it", anchor=False)
        _album(shelf, chosen, wrong, "mistakes")
    with st.expander("Precision, recall and F1 for every class", icon=":material/table:"):
        st.dataframe(figures.scores(*found.scores), hide_index=True, width="stretch")
        st.markdown(figures.SCORES_WORDS)
    download(
        "Every picture as a table (CSV)",
        partial(as_csv, found),
        f"evaluation-{chosen.key}-{found.right}-of-{len(found.items)}.csv",
        "text/csv",
    )


def _table(kept: Rooms, found: Evaluation) -> None:
    """The confusion matrix; of many classes, those with the most mistakes."""
    rows = list(range(len(found.classes)))
    if len(rows) > TABLE_CLASSES:
        missed = found.matrix.sum(axis=1) - np.diagonal(found.matrix)
        rows = sorted(np.argsort(-missed, kind="stable")[:TABLE_CLASSES].tolist())
        st.write(f"The {TABLE_CLASSES} classes with the most mistakes, of {len(found.classes)}.")
    columns = rows + list(range(len(found.classes), len(found.columns)))
    current = None
    if kept.cell is not None and kept.cell[0] in rows and kept.cell[1] in columns:
        current = (rows.index(kept.cell[0]), columns.index(kept.cell[1]))
    clicked = confusion(
        found.matrix[np.ix_(rows, columns)],
        [found.classes[row] for row in rows],
        [found.columns[column] for column in columns],
        key="confusion",
        current=current,
    )
    st.markdown("Click a number to see its pictures.")
    if clicked is not None and (rows[clicked[0]], columns[clicked[1]]) != kept.cell:
        kept.cell = rows[clicked[0]], columns[clicked[1]]
        st.rerun()


def _cell(shelf: Shelf, kept: Rooms, chosen: Dataset, found: Evaluation) -> None:
    assert kept.cell is not None
    truth, named = kept.cell
    if truth >= len(found.classes) or named >= len(found.columns):
        kept.cell = None
        return
    inside = found.cell(truth, named)
    count = f"{len(inside):,} {'picture' if len(inside) == 1 else 'pictures'}"
    if truth == named:
        words = f"{count} of {as_text(found.classes[truth])}, recognised"
    else:
        words = f"{count} of {as_text(found.classes[truth])} that it takes for {as_text(found.columns[named])}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(words, anchor=False)
        if st.button("Close", key="close-cell", icon=":material/close:", type="tertiary"):
            kept.cell = None
            st.rerun()
    if len(inside) > SHOWN:
        st.write(f"The {SHOWN} that it is surest of.")
    _album(shelf, chosen, inside[:SHOWN], "cell")


def _album(shelf: Shelf, chosen: Dataset, judged: tuple[Judged, ...], key: str) -> None:
    """Pictures with what the model said; a click opens the comparison page on one."""
    leaves = [_leaf(chosen, each) for each in judged]
    st.markdown("Click a picture to see what the model looked at.")
    picked = album(leaves, "Pictures", key=f"{key}-album")
    for each in judged:
        item = chosen.items[each.item]
        if item.file == picked:
            pictures.explain(shelf, chosen, item)


def _leaf(chosen: Dataset, each: Judged) -> Leaf:
    return pictures.leaf(chosen, chosen.items[each.item], f"{each.label}, {percent(each.probability)}", not each.right)
