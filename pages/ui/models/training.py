"""Train a small classifier on a data set, with curves that grow while it learns."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import get_args

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from pages.ui import following, setting_fields
from pages.ui.components.answer import answer
from pages.ui.models import pictures, world
from pages.ui.models.rooms import Room, Rooms
from pages.ui.shelf import Shelf
from pages.ui.watching import POLL
from xai_core.datasets.dataset import Dataset, datasets
from xai_core.errors import XaiError
from xai_core.jobs import ENDED
from xai_core.knobs import changed
from xai_core.library import entries
from xai_core.names import as_text, unique
from xai_core.training.curves import Epoch, finish, log_of
from xai_core.training.recipe import HELP, TITLES, Kind, Recipe, offered, recipe
from xai_core.training.train import Train, Trained

TRAINING = "training"


def room(shelf: Shelf, kept: Rooms) -> None:
    """Choose what to learn from and how; then watch it learn."""
    st.title("Can a model learn to tell your classes apart?", anchor=False)
    done = following.follow(TRAINING, "getting ready") if not _running() else None
    if isinstance(done, Trained):
        st.session_state["trained"] = done
        st.rerun()
    if _running():
        _watch()
        return
    trained: Trained | None = st.session_state.get("trained")
    if trained is not None:
        _result(shelf, kept, trained)
    if world.watch(kept):
        return
    labelled = tuple(each for each in datasets() if len(each.classes) > 1)
    if not labelled:
        pictures.none_yet(kept, "A model learns from pictures in at least two folders, one for each class.")
        return
    chosen = pictures.choose(kept, labelled)
    if chosen is not None:
        _form(kept, chosen)


def _form(kept: Rooms, chosen: Dataset) -> None:
    kinds: tuple[Kind, ...] = get_args(Kind)
    at = kinds.index(kept.training)
    captions = [HELP[each] for each in kinds]
    kind = st.radio("What is trained", kinds, at, TITLES.__getitem__, captions=captions, key=f"train-kind-{kept.moves}")
    kept.training = kind
    usual = recipe(kind)
    with st.expander("Settings", icon=":material/tune:"):
        values = setting_fields.fields(offered(usual), f"train-{kind}")
    taken = {entry.title for entry in entries.listing("models").entries}
    name = unique(f"{chosen.title}: {TITLES[kind].lower()}"[:60], taken)
    title = st.text_input("Name of the model", name, key=f"train-{name}")
    if not st.button(
        "Train", type="primary", icon=":material/play_arrow:", key="train-start", disabled=not title.strip()
    ):
        return
    try:
        wanted = changed(usual, values)
    except ValueError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    assert isinstance(wanted, Recipe)
    st.session_state.pop("trained", None)
    following.begin(TRAINING, Train(chosen.key, chosen.revision, wanted, title.strip(), secrets.token_hex(6)))
    st.rerun()


def _running() -> bool:
    job = following.under_way(TRAINING)
    return job is not None and job.state not in ENDED


def _watch() -> None:
    """Progress and curves, again and again until it has ended."""
    following.follow(TRAINING, "getting ready")
    job = following.under_way(TRAINING)
    if job is None or not isinstance(job.request, Train):
        return
    run = job.request.run

    def curves() -> None:
        epochs = log_of(run)
        if epochs:
            st.plotly_chart(figure(epochs), key="train-curves", theme="streamlit", alt="Loss and accuracy by epoch")
            if st.button("Enough: keep the best so far", icon=":material/flag:", key="train-finish"):
                try:
                    finish(run)
                except XaiError as error:
                    st.error(as_text(str(error)), icon=":material/error:")
        else:
            st.write("The curves begin after the first round through the pictures.")

    st.fragment(curves, run_every=2 * POLL)()


def figure(epochs: Sequence[Epoch]) -> go.Figure:
    """Loss on the left, accuracy on held-out pictures on the right."""
    made = make_subplots(1, 2, subplot_titles=["How wrong it is (loss)", "Right on held-out pictures"])
    at = [epoch.number for epoch in epochs]
    for name, values, dash in (
        ("on what it learns from", [epoch.loss for epoch in epochs], "dot"),
        ("on held-out pictures", [epoch.validation_loss for epoch in epochs], "solid"),
    ):
        made.add_scatter(x=at, y=values, name=name, line={"dash": dash, "color": "#0F766E"}, row=1, col=1)
    right = [100 * epoch.accuracy for epoch in epochs]
    made.add_scatter(x=at, y=right, showlegend=False, line={"color": "#0F766E"}, row=1, col=2)
    made.update_xaxes(title_text="epoch", rangemode="tozero")
    made.update_yaxes(range=[0, 102], ticksuffix=" %", row=1, col=2)
    made.update_yaxes(rangemode="tozero", row=1, col=1)
    made.update_layout(height=320, margin={"l": 8, "r": 8, "t": 40, "b": 8}, legend={"orientation": "h", "y": -0.2})
    return made


def _result(shelf: Shelf, kept: Rooms, trained: Trained) -> None:
    answer(trained.sentence(), key="trained-answer")
    if trained.curves:
        st.plotly_chart(
            figure(trained.curves), key="trained-curves", theme="streamlit", alt="Loss and accuracy by epoch"
        )
    with st.container(horizontal=True):
        if st.button("Where is it wrong?", icon=":material/fact_check:", type="primary", key="trained-evaluate"):
            shelf.use(trained.name)
            kept.go(Room.EVALUATE)
            st.rerun()
        if st.button("Use it on every page", icon=":material/deployed_code:", key="trained-use"):
            shelf.use(trained.name)
            st.rerun()
