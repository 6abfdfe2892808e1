"""Grids of panels: ask for every map, draw what has arrived, and follow what visitors press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from pages.ui import links, places, verdicts, watching, work
from pages.ui.compare import plan, views
from pages.ui.components.gallery import Action, PanelView, gallery
from pages.ui.sanity.choices import choices
from pages.ui.shelf import Shelf
from xai_core.describe import ModelCard
from xai_core.explain import Explain, Explanation
from xai_core.framing import Box
from xai_core.jobs import ENDED, Job
from xai_core.knobs import changed
from xai_core.method import Method, methods
from xai_core.predict import Prediction
from xai_core.render import Display
from xai_core.tenth import HiddenTenth, Tenth

LEAVING = "leaving-for"  # a page that a visitor has asked for
SETTLED = "display-settled"  # how maps are drawn was just chosen


@dataclass(frozen=True)
class Entry:
    """One panel: a map of a picture, perhaps beside the map of a second class."""

    request: Explain
    label: str  # the class in words
    box: Box  # what the model sees of the picture
    title: str = ""  # "" is the method's own
    contrast: tuple[Explain, str] | None = None  # the second class's map and its name
    measured: bool = False  # also find out what hiding its strongest tenth does

    def jobs(self) -> list[Job]:
        """Whatever must end before the panel is complete."""
        mine = _ask(self.request)
        found = [mine]
        if self.contrast is not None:
            found.append(_ask(self.contrast[0]))
        if self.measured and isinstance(mine.result, Explanation) and mine.result.status == "ok":
            found.append(work.ask(Tenth(self.request), urgent=True))
            test = verdicts.test_of(self.request)
            # a check costs as many maps as the model has blocks: only what is quick is checked unasked
            if test is not None and plan.quick(self.request.params) and found[-1].state in ENDED:
                found.append(work.ask(test))
        return found

    def view(self, card: ModelCard) -> PanelView:
        """The panel as it stands."""
        job = _ask(self.request)
        score = hidden_words(self.request) if self.measured else ""
        shown = views.panel(job, card, self.label, self.box, title=self.title, score=score)
        if shown.state == "done":
            shown = replace(shown, badge=verdicts.badge(self.request))
        if self.contrast is None:
            return shown
        return views.contrasted(shown, job, _ask(self.contrast[0]), (self.label, self.contrast[1]))


def _ask(request: Explain) -> Job:
    return work.ask(request, urgent=plan.quick(request.params))


def entries(shelf: Shelf, cards: Sequence[Method], prediction: Prediction, target: int) -> list[Entry]:
    """The page's own panels: the picture on it, every method, cheapest first."""
    labels, against = prediction.labels, shelf.contrast

    def entry(method: Method) -> Entry:
        other = None if against is None else (plan.request(shelf, method, against), labels[against])
        request = plan.request(shelf, method, target)
        return Entry(request, labels[target], prediction.framed.box, contrast=other, measured=other is None)

    return [entry(method) for method in cards]


def placeholders(shelf: Shelf, cards: Sequence[Method]) -> None:
    """The grid while the model is loading: every panel in its place, nothing in it."""
    photo, picture = views.photo(shelf.picture), shelf.picture
    empty = [
        PanelView(views.panel_key(m.key, picture), m.title, photo, "waiting", m.shows.format(target="its answer"))
        for m in cards
    ]
    gallery(empty, key="panels", bar=True, display=shelf.display)


def grid(
    shelf: Shelf, shown: Sequence[Entry], card: ModelCard, *, key: str = "panels", bar: bool = True, width: int = 200
) -> None:
    """Draw the panels, none less than `width` pixels wide where there is room; looks again by itself until everything
    has ended, then runs the page once more."""

    def draw() -> None:
        # the rest of the page has been waiting for the maps, and the address says how they are drawn
        if (live and not unfinished(shown)) or st.session_state.pop(SETTLED, False):
            st.rerun()
        reply = gallery(
            [entry.view(card) for entry in shown],
            key=key,
            bar=bar,
            display=shelf.display,
            leave_for=st.session_state.pop(LEAVING, ""),
            columns_min_px=520 if any(entry.contrast for entry in shown) else width,
            on_action=lambda action: _obey(shelf, shown, action),
            on_display=lambda display: _keep(shelf, display),
        )
        if reply.action is not None and reply.action.kind == "evidence":
            if reply.action.values.get("alone"):
                links.go(places.SANITY)
        elif reply.action is not None:
            st.rerun()

    live = unfinished(shown)
    watching.polled(draw, live)


def unfinished(shown: Sequence[Entry]) -> bool:
    """Whether anything behind these panels is still under way; asks for it if nobody has."""
    jobs = [job for entry in shown for job in entry.jobs()]
    return any(job.state not in ENDED for job in jobs)


def finished(shown: Sequence[Entry]) -> list[Explanation]:
    """The maps that are there, blank ones included."""
    found = [work.desk().known(entry.request) for entry in shown]
    return [each for each in found if isinstance(each, Explanation)]


def hidden(shown: Sequence[Entry]) -> list[HiddenTenth]:
    """What hiding the strongest tenth did, for the maps where it is known."""
    found = [work.desk().known(Tenth(entry.request)) for entry in shown if entry.measured]
    return [each for each in found if isinstance(each, HiddenTenth)]


def hidden_words(request: Explain) -> str:
    """The line under a map; "" until it is known."""
    found = work.desk().known(Tenth(request))
    return found.short if isinstance(found, HiddenTenth) else ""


def _keep(shelf: Shelf, display: Display) -> None:
    shelf.display, st.session_state[SETTLED] = display, True


def _obey(shelf: Shelf, shown: Sequence[Entry], action: Action) -> None:
    """Do what a visitor asked of one panel."""
    of_panel = {views.panel_key(entry.request.method, entry.request.picture): entry for entry in shown}
    entry = of_panel[action.panel]
    key = entry.request.method
    requests = [entry.request, *([entry.contrast[0]] if entry.contrast else [])]
    if action.kind == "stop":
        for request in requests:
            work.stop(request)
    elif action.kind == "retry":
        for request in requests:
            work.retry(request)
    elif action.kind == "reset":
        shelf.params.pop(key, None)
    elif action.kind == "evidence":
        shelf.show(entry.request.picture, entry.request.target)
        choices().show_evidence(key)
        if not action.values.get("alone"):
            st.session_state[LEAVING] = places.SANITY
    else:
        try:
            shelf.params[key] = changed(shelf.settings(key), action.values)
        except (ValueError, TypeError) as error:
            st.toast(f"{methods()[key].title} keeps its settings: {error}.", icon=":material/error:")
