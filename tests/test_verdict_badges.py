"""The badge that follows a method to every page: what it says, from which check, and what a click on it does."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import streamlit as st
from known import marked
from sanity_answers import FALLS, GONE, HALF, STAYS, run, surveyed
from sanity_desk import CARD, Prompt

from pages.ui import verdicts, work
from pages.ui.compare import panels, views
from pages.ui.components.gallery import Action
from pages.ui.sanity.choices import USUAL, Choices, choices
from pages.ui.shelf import Shelf
from xai_core.cascade import Cascade, Law, Norms, Order
from xai_core.desk import Desk
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.sanity import SanityRun, SanityTest
from xai_core.survey import Survey
from xai_core.tenth import HiddenTenth, Tenth

MINE = Picture.of(np.full((8, 8, 3), 90, np.uint8), "mine.png")
OTHER = Picture.of(np.full((8, 8, 3), 30, np.uint8), "somebody_elses_secret.png")
SIDES = (0.0, 0.0, 8.0, 8.0)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Prompt:
    hand = Prompt()
    desk = Desk(hand)
    monkeypatch.setattr(work, "desk", lambda: desk)
    monkeypatch.setattr(work, "owner", lambda: "ann")
    monkeypatch.setattr(verdicts, "_latest", {})
    return hand


def panel(method: str = "gradient", picture: Picture = MINE, model: str = "lite0", target: int = 0) -> Explain:
    return Explain(model, picture, Framing.AS_TRAINED, target, method, methods()[method].params())


def checked(request: Explain, ranks: tuple[float, ...], **recipe: object) -> SanityRun:
    """A finished check; `recipe` is what is unusual about its cascade."""
    test = verdicts.test_of(request)
    assert test is not None
    cascade = dataclasses.replace(test.cascade, **recipe)  # type: ignore[arg-type]
    test = dataclasses.replace(test, cascade=cascade)
    return run(request.method, ranks, surveyed(request=test.survey), request=test)


def told(hand: Prompt, answer: SanityRun) -> None:
    """The desk comes to know it."""
    work.desk().ask(answer.request, "ann")
    hand.jobs[answer.request].end("done", answer)


def test_a_method_that_was_never_tested_says_so_and_offers_the_test(hand: Prompt) -> None:
    badge = verdicts.badge(panel())
    assert badge is not None
    assert (badge.text, badge.kind, badge.evidence) == ("Not tested yet", "none", True)
    assert "has not been tested" in badge.why
    assert not hand.submitted


@pytest.mark.parametrize(
    ("ranks", "text", "kind"),
    [
        (FALLS, "About the model", "good"),
        (HALF, "With care", "care"),
        (STAYS, "Not about the model", "bad"),
        (GONE, "No verdict", "none"),
    ],
)
def test_a_pictures_own_check_decides(hand: Prompt, ranks: tuple[float, ...], text: str, kind: str) -> None:
    verdicts.keep(checked(panel(picture=OTHER), HALF))
    answer = checked(panel(), ranks)
    told(hand, answer)
    badge = verdicts.badge(panel())
    assert badge is not None
    assert (badge.text, badge.kind, badge.evidence) == (text, kind, True)
    assert badge.why == answer.verdict.sentence


def test_the_latest_check_speaks_for_other_pictures_and_names_none_of_them(hand: Prompt) -> None:
    verdicts.keep(checked(panel(picture=OTHER), FALLS))
    verdicts.keep(checked(panel(picture=OTHER, target=3), STAYS))
    badge = verdicts.badge(panel())
    assert badge is not None
    assert (badge.text, badge.kind) == ("Not about the model", "bad")
    assert badge.why.startswith("Tested before, with another picture, class or settings. Gradient: ")
    assert "secret" not in badge.why


def test_another_method_or_model_is_not_judged_by_it(hand: Prompt) -> None:
    verdicts.keep(checked(panel(picture=OTHER), STAYS))
    for request in (panel("gradcam"), panel(model="lite1")):
        badge = verdicts.badge(request)
        assert badge is not None
        assert badge.text == verdicts.UNTESTED


@pytest.mark.parametrize(
    "recipe",
    [
        {"order": Order.BOTTOM_UP},
        {"law": Law.SHUFFLED},
        {"norms": Norms.KEPT},
        {"seed": 1},
    ],
    ids=lambda recipe: next(iter(recipe)),
)
def test_only_the_usual_check_speaks_for_a_method(hand: Prompt, recipe: dict[str, object]) -> None:
    verdicts.keep(checked(panel(picture=OTHER), STAYS, **recipe))
    told(hand, checked(panel(), STAYS, **recipe))
    badge = verdicts.badge(panel())
    assert badge is not None
    assert badge.text == verdicts.UNTESTED


def test_neither_a_check_without_verdict_nor_one_of_other_classes_speaks_for_a_method(hand: Prompt) -> None:
    verdicts.keep(checked(panel(picture=OTHER), GONE))
    survey = surveyed(request=Survey(Cascade("lite0"), OTHER, Framing.AS_TRAINED, 0, repredict=True))
    verdicts.keep(run("gradient", STAYS, survey))
    badge = verdicts.badge(panel())
    assert badge is not None
    assert badge.text == verdicts.UNTESTED


def test_a_network_that_is_random_already_has_no_badge(hand: Prompt) -> None:
    already = dataclasses.replace(panel(), model=Cascade("lite0").at(2))
    assert verdicts.test_of(already) is None
    assert verdicts.badge(already) is None


def test_the_check_behind_a_badge_is_the_one_that_the_sanity_page_shows() -> None:
    shelf = Shelf(picture=MINE)
    request = panel()
    assert verdicts.test_of(request) == Choices().test(shelf, 0, "gradient")


def entry(method: str, *, measured: bool = True) -> panels.Entry:
    return panels.Entry(panel(method), "espresso", SIDES, measured=measured)


def map_is_there(hand: Prompt, shown: panels.Entry) -> None:
    shown.jobs()
    hand.jobs[shown.request].end("done", marked(np.eye(7), shown.request))


def tenth_is_there(hand: Prompt, shown: panels.Entry) -> None:
    request = Tenth(shown.request)
    shown.jobs()
    title = methods()[shown.request.method].title
    hand.jobs[request].end("done", HiddenTenth(request, title, "espresso", 0.9, None, None, 0.1, ("Nothing.",), 0.0))


def checks(hand: Prompt) -> list[str]:
    return [each.method for each in hand.submitted if isinstance(each, SanityTest)]


def test_a_quick_method_is_checked_unasked_once_its_panel_is_complete(hand: Prompt) -> None:
    shown = entry("gradient")
    map_is_there(hand, shown)
    shown.jobs()
    assert checks(hand) == []
    tenth_is_there(hand, shown)
    states = [job.state for job in shown.jobs()]
    assert checks(hand) == ["gradient"]
    assert states == ["done", "done", "waiting"]
    assert panels.unfinished([shown])


@pytest.mark.parametrize("shown", [entry("smoothgrad"), entry("gradient", measured=False)], ids=["slow", "elsewhere"])
def test_what_is_slow_or_stands_elsewhere_is_checked_when_asked_for(hand: Prompt, shown: panels.Entry) -> None:
    map_is_there(hand, shown)
    if shown.measured:
        tenth_is_there(hand, shown)
    shown.jobs()
    assert checks(hand) == []
    assert not panels.unfinished([shown])


def test_a_check_that_fails_costs_the_panel_nothing(hand: Prompt) -> None:
    shown = entry("gradient")
    map_is_there(hand, shown)
    tenth_is_there(hand, shown)
    shown.jobs()
    test = verdicts.test_of(shown.request)
    hand.jobs[test].end("failed", "Out of memory.")
    assert not panels.unfinished([shown])
    view = shown.view(CARD)
    assert (view.state, view.message) == ("done", "")
    assert view.badge is not None
    assert view.badge.text == verdicts.UNTESTED


def test_only_a_finished_panel_wears_a_badge(hand: Prompt) -> None:
    shown = entry("gradient")
    assert shown.view(CARD).badge is None
    map_is_there(hand, shown)
    badge = shown.view(CARD).badge
    assert badge is not None
    assert badge.evidence


def test_a_click_on_a_badge_prepares_the_sanity_page(hand: Prompt) -> None:
    st.session_state.clear()
    chosen = choices()
    chosen.order, chosen.law, chosen.norms = Order.BOTTOM_UP, Law.SOURCE, Norms.KEPT
    chosen.seed, chosen.repredict = 7, True
    shelf = Shelf(contrast=2)
    shown = panels.Entry(panel("layercam", target=3), "tripod", SIDES)
    action = Action("evidence", views.panel_key("layercam", MINE))
    panels._obey(shelf, [entry("gradient"), shown], action)
    assert st.session_state.pop(panels.LEAVING) == "sanity"
    assert (shelf.picture, shelf.target, shelf.contrast) == (MINE, 3, None)
    assert chosen == Choices(methods=(*USUAL, "layercam"))
    assert chosen.test(shelf, 3, "layercam") == verdicts.test_of(shown.request)
    panels._obey(shelf, [shown], dataclasses.replace(action, values={"alone": True}))
    assert chosen.methods == (*USUAL, "layercam")
    assert panels.LEAVING not in st.session_state


def test_evidence_keeps_the_methods_that_were_chosen() -> None:
    chosen = Choices(methods=("gradient",), seed=3)
    chosen.show_evidence("gradient")
    assert chosen == Choices(methods=("gradient",))
    chosen.show_evidence("rise")
    assert chosen.methods == ("gradient", "rise")
