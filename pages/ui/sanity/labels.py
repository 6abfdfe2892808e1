"""Would an explanation notice if the labels had meant nothing? Beside the honest model, one with shuffled labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from pages.ui import media, watching, work
from pages.ui.compare import views
from pages.ui.components.answer import answer
from pages.ui.components.gallery import Badge, MapView, PanelView, gallery
from pages.ui.components.thumbs import Thumb, thumbs
from pages.ui.sanity.choices import choices
from pages.ui.shelf import Shelf
from xai_core.explain import Explanation
from xai_core.framing import Framing
from xai_core.jobs import ENDED
from xai_core.method import Method, methods
from xai_core.picture import Picture
from xai_core.render import own_scale
from xai_core.sentence import percent
from xai_core.shuffled import RULE, LabelRun, LabelTest, headline
from xai_core.similarity import MEASURES
from xai_core.world import shipped
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES, SPLITS
from xai_core.world.shipped import HONEST, SHUFFLED

EACH = 3  # test pictures of every family


@lru_cache(maxsize=1)
def subjects() -> tuple[tuple[Picture, int], ...]:
    """Creatures that neither model has learned from, each with its family's number."""
    numbers = SPLITS["test"][:EACH]
    return tuple((creature(family, number), at) for number in numbers for at, family in enumerate(FAMILIES))


def show(kept: Shelf) -> None:
    """The whole page for this question."""
    heading = st.container()
    pictures, targets = zip(*subjects(), strict=True)
    tests = [
        LabelTest(pictures, targets, Framing.AS_TRAINED, method.key, kept.settings(method.key)) for method in _methods()
    ]
    at = _picture(pictures)

    def draw() -> None:
        if live and not _unfinished(tests):
            st.rerun()
        gallery([_panel(test, at) for test in tests], key="labels-panels", bar=True, display=kept.display)
        watching.overall(tests, stops=tests, key="labels-stop")

    def title() -> None:
        st.title("Would this explanation notice if the labels had meant nothing?", anchor=False)
        answer(headline(_runs(tests)), key="labels-answer")

    live = _unfinished(tests)
    with heading:
        watching.polled(title, live)
        st.markdown(_words())
    watching.polled(draw, live)
    with st.expander("How this is measured", icon=":material/info:"):
        st.markdown(RULE)
        if runs := _runs(tests):
            st.dataframe(_table(runs), hide_index=True, width="stretch")


def _methods() -> list[Method]:
    """Those chosen for the sanity check that have a meaning for this network, cheapest first."""
    card = work.card(HONEST)
    return choices().cards(card) if card else [methods()["gradient"], methods()["gradcam"]]


def _words() -> str:
    facts = shipped.card(SHUFFLED).facts
    trained, tested = facts["accuracy on what it learned"], facts["accuracy on test pictures"]["no tags"]
    return (
        "Both models are the same network and learned from drawn creatures. The second one was given **shuffled "
        f"labels** until it knew them by heart: {percent(trained)} on what it learned, {percent(tested)} on creatures "
        "that are new to it, no better than guessing. It knows nothing about families, so a good map has to differ."
    )


def _picture(pictures: Sequence[Picture]) -> int:
    chosen = st.session_state.get("labels-picture", 0)
    items = [Thumb(str(at), each.name, media.url("thumb", each)) for at, each in enumerate(pictures)]
    clicked = thumbs(items, str(chosen), "Pictures of the test", key="labels-pictures")
    if clicked is not None and int(clicked) != chosen:
        st.session_state["labels-picture"] = int(clicked)
        st.rerun()
    return int(chosen)


def _unfinished(tests: Sequence[LabelTest]) -> bool:
    return any(work.ask(test).state not in ENDED for test in tests)


def _runs(tests: Sequence[LabelTest]) -> list[LabelRun]:
    found = [work.desk().known(test) for test in tests]
    return [each for each in found if isinstance(each, LabelRun)]


def _panel(test: LabelTest, at: int) -> PanelView:
    """One method: its map of the honest model, then of the other."""
    job, method, picture = work.ask(test), methods()[test.method], test.pictures[at]
    empty = PanelView(
        key=test.method,
        title=method.title,
        photo=views.photo(picture),
        state=job.state,
        sentence=method.shows.format(target=FAMILIES[test.targets[at]]),
        slots=2,
        fraction=job.fraction,
        note=job.note.removeprefix(f"{method.title}: "),
        message=job.message,
    )
    run = job.result
    if not isinstance(run, LabelRun):
        return empty
    first, second = run.maps[at]
    if first is None or second is None:
        return replace(empty, state="blank", message=run.reasons[at])
    share, base = run.ranks[at], run.base
    words = "Nothing to compare here"
    if share == share and base == base:
        words = f"{_whole(share)} the same; maps of different pictures: {_whole(base)}"
    return replace(
        empty,
        maps=(_map(first, "true labels"), _map(second, "shuffled labels")),
        score=words,
        badge=Badge(run.verdict.word, run.verdict.kind, run.verdict.sentence),
    )


@lru_cache(maxsize=256)
def _map(found: Explanation, label: str) -> MapView:
    """On a scale of its own: the two models' scores differ in size, and only the pattern is compared."""
    values = (found.values / (own_scale(found.values) or 1.0)).astype(np.float32)
    return views.map_view(values, found.signed, media.url("map", values), label)


def _whole(share: float) -> str:
    return f"{max(round(100 * share), 0)} %"


def _table(runs: Sequence[LabelRun]) -> dict[str, list[Any]]:
    """One row a method: every measure's mean over the pictures, with what chance gives."""
    rows: dict[str, list[Any]] = {"method": [run.title for run in runs]}
    for at, measure in enumerate(MEASURES):
        rows[measure.title] = [_share(run, at) for run in runs]
    rows["verdict"] = [run.verdict.word for run in runs]
    return rows


def _share(run: LabelRun, at: int) -> str:
    known = run.similarity[:, at][~np.isnan(run.similarity[:, at])]
    low, high = run.floor[at]
    return (
        "undefined" if not len(known) else f"{100 * known.mean():.0f} % (chance {100 * low:.0f} to {100 * high:.0f} %)"
    )
