"""Several pictures by one method: what the model says of each and where it looks, for every page that shows such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import watching, work
from pages.ui.compare import panels, plan
from pages.ui.shelf import Shelf
from xai_core.describe import ModelCard
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.jobs import ENDED
from xai_core.method import Method, methods
from xai_core.names import as_text
from xai_core.picture import Picture
from xai_core.predict import Predict, Prediction
from xai_core.sentence import percent

MOST = 10  # pictures in a grid
SMALL, LARGE = 176, 320  # pixels of a panel at least: five in a row on a usual screen; one beside something else


@dataclass(frozen=True)
class Asked:
    """One picture, and what is known of it."""

    picture: Picture
    name: str = ""  # stands before what the model says
    truth: str = ""  # what it is labelled, where somebody knows
    index: int = -1  # that class among the model's; -1: not one of them, so nobody can say right or wrong


@dataclass(frozen=True)
class How:
    """How all of them are explained."""

    model: str
    framing: Framing
    method: Method
    target: int | None = None  # None: for each picture what the model says of it


def offered(card: ModelCard) -> dict[str, str]:
    """What applies to the model, the quick ones first, in words that tell how long the others take."""
    refused, usual = dict(card.refusals), methods()["gradcam"].params().passes()
    return {
        key: method.title + ("" if plan.quick(method.params()) else f" · {_longer(method, usual)}")
        for key, method in methods().items()
        if key not in refused
    }


def _longer(method: Method, usual: float) -> str:
    return f"{round(method.params().passes() / usual, -1):,.0f} × slower"


def said(asked: Sequence[Asked], how: How) -> list[tuple[Asked, Prediction]]:
    """What the model says, as far as it has; words for what is still coming, and for what failed."""
    requests = [Predict(how.model, each.picture, how.framing) for each in asked]
    jobs = [work.ask(request) for request in requests]
    with st.container():  # its place stays when its words go
        for each, job in zip(asked, jobs, strict=True):
            if job.state in ENDED and not isinstance(job.result, Prediction):
                words = f"**{as_text(each.picture.name)}**: {as_text(job.message or 'stopped.')}"
                st.warning(words, icon=":material/info:")
        if waiting := sum(job.state not in ENDED for job in jobs):
            st.write(f"Asking the model about {waiting} more {'picture' if waiting == 1 else 'pictures'}.")
            watching.rerun_when_ended(requests)
    return [(each, job.result) for each, job in zip(asked, jobs, strict=True) if isinstance(job.result, Prediction)]


def grid(shelf: Shelf, card: ModelCard, known: Sequence[tuple[Asked, Prediction]], how: How, key: str) -> None:
    """A panel for each picture, large where it is one; progress and one Stop while a slow method is at work."""
    entries = [_entry(shelf, each, prediction, how) for each, prediction in known]
    if not entries:
        return
    requests = [entry.request for entry in entries]
    with st.container():
        if not plan.quick(requests[0].params):
            _progress(requests, panels.unfinished(entries), key)
    panels.grid(shelf, entries, card, key=key, bar=False, width=SMALL if len(entries) > 1 else LARGE)


def _progress(requests: Sequence[Explain], live: bool, key: str) -> None:
    """How far all of them are, with one Stop; after it a way to go on."""
    if live:
        watching.polled(lambda: watching.overall(requests, requests, f"{key}-stop"), live=True)
        return
    stopped = [request for request in requests if work.ask(request).state == "stopped"]
    words = f"Go on with the other {len(stopped)}"
    if len(stopped) > 1 and st.button(words, key=f"{key}-go-on", icon=":material/play_arrow:"):
        for request in stopped:
            work.retry(request)
        st.rerun()


def _entry(shelf: Shelf, asked: Asked, prediction: Prediction, how: How) -> panels.Entry:
    best = prediction.top(1)[0]
    target = best.index if how.target is None or how.target >= len(prediction.labels) else how.target
    request = Explain(
        how.model, asked.picture, how.framing, target, how.method.key, shelf.settings(how.method.key)
    )  # fmt: skip
    return panels.Entry(
        request, prediction.labels[target], prediction.framed.box, title=title(asked, prediction, target)
    )  # fmt: skip


def title(asked: Asked, prediction: Prediction, target: int) -> str:
    """The model's answer, whether it is right, and how likely another class is to it that was asked about."""
    best = prediction.top(1)[0]
    words = f"{asked.name}: " if asked.name else ""
    words += f"{best.label} {percent(best.probability)}"
    if asked.index >= 0:
        words += ", right" if asked.index == best.index else f", wrong: it is {asked.truth}"
    elif asked.truth:
        words += f", labelled {asked.truth}"
    if target != best.index:
        words += f"; {prediction.labels[target]} {percent(float(prediction.probabilities[target]))}"
    return words
