"""The process-wide desk that pages ask for answers, and who is asking."""

from __future__ import annotations

import gc
import logging
import os
import secrets
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import cache

import streamlit as st

from xai_core import run_folder, zoo
from xai_core.describe import Describe, ModelCard
from xai_core.desk import GONE_AFTER, Desk
from xai_core.embedding import underway
from xai_core.errors import LibraryError
from xai_core.jobs import Job, Worker
from xai_core.library import incoming
from xai_core.training import curves

PATIENCE_WITH_THE_GONE = "SECOND_LOOK_GONE_AFTER"  # seconds, in the environment
PATIENCE = 0.6  # seconds a page waits for a quick answer before it shows that it is waiting


@cache
def _worker() -> Worker:
    return Worker()


@cache
def desk() -> Desk:
    """Everybody's requests, on the one worker process."""
    return Desk(_worker(), float(os.environ.get(PATIENCE_WITH_THE_GONE, GONE_AFTER)))


def warm_up() -> None:
    """Load the default model and make its first passes, so that no visitor waits for them.

    Before that, clear away what servers left behind that were killed.
    """
    try:
        incoming.sweep()
        for kind in (curves.KIND, underway.KIND):
            run_folder.sweep(kind)
    except LibraryError as error:
        logging.getLogger("second-look").warning("%s", error)
    desk().ask(Describe(zoo.DEFAULT), owner="the server itself")


@cache
def settle() -> None:
    """Once, after the first page: take what is loaded for good out of the garbage collector's sight.

    Streamlit collects after every run of a script. With all packages in sight that took longer than the run.
    """
    gc.collect()
    gc.freeze()


def close() -> None:
    """End the worker process."""
    _worker().close()


def _left(owner: str) -> None:
    desk().gone(owner)


@st.cache_resource(scope="session", show_spinner=False, on_release=_left)
def _owner() -> str:
    return secrets.token_hex(8)


def owner() -> str:
    """This visitor's name at the desk."""
    name: str = _owner()
    desk().here(name)
    return name


@contextmanager
def asking(name: str) -> Iterator[None]:
    """Everything asked for inside belongs to `name`: a page, or the frame around all pages."""
    wanted: dict[str, set[Hashable]] = st.session_state.setdefault("wanted", {})
    before, wanted[name] = wanted.get(name, set()), set()
    st.session_state["page"], complete = name, False
    try:
        yield
        complete = True
    finally:
        if not complete:  # a rerun broke in: what the rest would have asked for is wanted still
            wanted[name] |= before


@contextmanager
def page(name: str) -> Iterator[None]:
    """A page's run from top to bottom: what it asked for in its last run and no longer does is dropped.

    Other pages' requests go on: a visitor may look elsewhere while something long is computed.
    """
    with asking(name):
        yield
    desk().keep_only(set().union(*st.session_state["wanted"].values()), owner())


def ask(request: Hashable, urgent: bool = False) -> Job:
    """The job that answers this visitor's request."""
    _want(request)
    return desk().ask(request, owner(), urgent)


def keep(job: Job) -> None:
    """The page still wants this job; unlike `ask`, nothing is begun again when it has ended."""
    _want(job.request)


def _want(request: Hashable) -> None:
    st.session_state.setdefault("wanted", {}).setdefault(st.session_state.get("page", ""), set()).add(request)


def stop(request: Hashable) -> None:
    """This visitor no longer wants it."""
    desk().stop(request, owner())


def retry(request: Hashable) -> None:
    """Let this visitor ask anew for what failed or was stopped."""
    desk().retry(request, owner())


def quickly(request: Hashable) -> Job:
    """The same for a request that takes a moment only: waits a moment, then returns the job as it is."""
    job = ask(request, urgent=True)
    job.ended.wait(PATIENCE)
    return job


def card(model: str) -> ModelCard | None:
    """What the loaded model is, or None while it is not loaded; never waits."""
    job = ask(Describe(model), urgent=True)
    return job.result if isinstance(job.result, ModelCard) else None
