"""The sanity page from the first question to the last answer, without a browser."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sanity_answers import FALLS, GONE, STAYS, run, surveyed
from sanity_desk import Prompt, Seen, begun, by_hand, opened, watched

from pages.ui.components.gallery import Action
from pages.ui.sanity import screen
from pages.ui.sanity.choices import TABS
from xai_core.cascade import Cascade
from xai_core.edges import EdgeMap, Edges
from xai_core.names import as_text
from xai_core.predict import Predict
from xai_core.sanity import Finished
from xai_core.survey import Survey


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Prompt:
    return by_hand(monkeypatch)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    return watched(monkeypatch)


def test_the_question_stands_there_while_the_model_is_loading(hand: Prompt) -> None:
    del hand.knows[Predict]
    page = opened()
    assert page.title[0].value == screen.QUESTION
    assert "This takes a moment" in page.main.get("progress")[0].proto.text
    assert not page.exception
    assert not any(isinstance(each, Survey) for each in hand.submitted)


def test_before_the_first_stage_it_says_what_is_being_done(hand: Prompt, seen: Seen) -> None:
    page = opened()
    assert "Your model itself is not touched" in page.markdown[0].value
    hand.jobs[hand.survey].report(0.3, "building the randomised networks")
    page.run()
    assert page.main.get("progress")[0].proto.text == "Building the randomised networks"
    assert hand.survey.cascade == Cascade("lite0")
    assert not hand.tests
    assert not seen.strips


def test_a_check_that_failed_says_why_and_can_be_tried_again(hand: Prompt, seen: Seen) -> None:
    page = opened()
    hand.jobs[hand.survey].end("failed", "The weights *ended* early.")
    page.run()
    assert page.error[0].value == r"The weights \*ended\* early\."
    page.button(key="sanity-again").click().run()
    assert not page.error
    assert hand.submitted.count(hand.survey) == 2
    hand.survey_ends()
    page.run()
    assert set(seen.states.values()) == {"waiting", "done"}


def test_a_check_that_cannot_be_made_is_not_offered_again(hand: Prompt, seen: Seen) -> None:
    page = opened()
    hand.jobs[hand.survey].end("refused", "This network has no blocks.")
    page.run()
    assert page.error[0].value == "This network has no blocks\\."
    assert "Try again" not in [button.label for button in page.button]


def test_all_of_it_can_be_stopped_before_the_first_stage_and_begun_again(hand: Prompt, seen: Seen) -> None:
    page = opened()
    page.button(key="sanity-stop").click().run()
    page.run()
    assert hand.cancelled == [hand.survey]
    assert not hand.tests
    assert page.info[0].value == "Stopped before the first stage was reached."
    assert not page.error
    page.button(key="sanity-again").click().run()
    hand.survey_ends()
    page.run()
    assert "stopped" not in seen.states.values()


def test_every_method_has_its_column_and_the_edge_detector_comes_last(hand: Prompt, seen: Seen) -> None:
    page = begun(hand)
    assert list(seen.strips) == [*hand.tests, "edges"]
    assert seen.states == {**dict.fromkeys(hand.tests, "waiting"), "edges": "done"}
    assert seen.strips["edges"].numbers == (1.0,) * 5
    assert [frame.name for frame in seen.frames] == [
        "the trained model", "classifier", "blocks.1", "blocks.0", "conv_stem + bn1"
    ]  # fmt: skip
    assert seen.ends == ("output side", "input side")
    assert seen.headline.startswith("The model is being destroyed block by block.")
    assert not page.exception


def test_the_answer_grows_as_methods_finish(hand: Prompt, seen: Seen) -> None:
    page = begun(hand)
    hand.test_ends("guided_backprop", STAYS)
    page.run()
    column = seen.strips["guided_backprop"]
    assert (column.state, column.numbers, column.chance) == ("done", (1.0, *STAYS), (-0.1, 0.1))
    assert column.badge is not None
    assert (column.badge.kind, column.badge.evidence) == ("bad", False)
    assert seen.headline.startswith("Guided backpropagation would not:")
    hand.test_ends("gradient", FALLS)
    hand.test_ends("gradcam", GONE)
    page.run()
    assert seen.headline.endswith("One other changes, as it should. No verdict on Grad-CAM: too few maps to compare.")
    assert seen.strips["gradcam"].numbers == (1.0, None, None, None, None)
    assert seen.strips["gradcam"].notes[1:] == ("There is no map at this stage.",) * 4
    assert page.main.get("progress")


def test_nothing_is_watched_once_everything_has_ended(hand: Prompt, seen: Seen) -> None:
    page = begun(hand)
    for method in hand.tests:
        hand.test_ends(method)
    page.run()
    assert set(seen.states.values()) == {"done"}
    assert not page.main.get("progress")
    assert seen.headline.startswith("All seven maps change as the model forgets espresso (95 % to under 1 %)")


def left_after_stage(hand: Prompt, method: str, stage: int) -> None:
    """The device tells what a stopped test had reached."""
    test = hand.tests[method]
    ranks = tuple(0.5 if at <= stage else float("nan") for at in range(1, 5))
    hand.jobs[Finished(test)].end("done", run(method, ranks, surveyed(request=test.survey), request=test))


@pytest.mark.parametrize("late", [False, True], ids=["told at once", "told later"])
def test_one_method_is_stopped_alone_and_keeps_what_it_had_reached(hand: Prompt, seen: Seen, late: bool) -> None:
    page = begun(hand)
    seen.press = Action("stop", "smoothgrad")
    page.run()
    assert hand.cancelled == [hand.tests["smoothgrad"]]
    for _ in range(2 * late):
        page.run()
    left_after_stage(hand, "smoothgrad", 2)
    page.run()
    column = seen.strips["smoothgrad"]
    assert (column.state, column.reached) == ("stopped", 3)
    assert column.numbers == (1.0, 0.5, 0.5, None, None)
    assert column.url
    assert column.badge is None
    assert "what was finished stays" in column.message
    assert set(seen.states.values()) == {"waiting", "stopped", "done"}
    assert hand.cancelled == [hand.tests["smoothgrad"]]
    assert hand.submitted.count(Finished(hand.tests["smoothgrad"])) == 1


def test_a_method_that_was_stopped_can_be_tried_again(hand: Prompt, seen: Seen) -> None:
    page = begun(hand)
    seen.press = Action("stop", "gradient")
    page.run()
    seen.press = Action("retry", "gradient")
    page.run()
    assert hand.submitted.count(hand.tests["gradient"]) == 2
    assert seen.states["gradient"] == "waiting"
    hand.test_ends("gradient")
    page.run()
    assert seen.states["gradient"] == "done"


def test_stopping_everything_leaves_what_is_finished(hand: Prompt, seen: Seen) -> None:
    page = begun(hand)
    hand.test_ends("gradient")
    hand.jobs[hand.tests["gradcam"]].report(0.4, "Grad-CAM: block 2 of 4")
    page.run()
    assert page.main.get("progress")[0].proto.text == as_text("Grad-CAM: block 2 of 4")
    page.button(key="sanity-stop").click().run()
    for method in set(hand.tests) - {"gradient"}:
        hand.jobs[Finished(hand.tests[method])].end("done", None)
    page.run()
    assert set(hand.cancelled) == {test for key, test in hand.tests.items() if key != "gradient"}
    assert {key for key, state in seen.states.items() if state == "done"} == {"gradient", "edges"}
    assert {state for key, state in seen.states.items() if key not in ("gradient", "edges")} == {"stopped"}
    assert not page.main.get("progress")
    assert seen.headline.startswith("The one map tested so far changes")


def test_a_method_that_failed_says_so_in_its_own_column(hand: Prompt, seen: Seen) -> None:
    page = begun(hand)
    hand.jobs[hand.tests["gradcam"]].end("failed", "Out of memory.")
    page.run()
    assert (seen.states["gradcam"], seen.strips["gradcam"].message) == ("failed", "Out of memory.")
    assert seen.states["gradient"] == "waiting"
    assert not page.error


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_has_something_to_say_before_and_after_the_first_answer(hand: Prompt, seen: Seen, tab: str) -> None:
    page = opened()
    page.session_state["sanity-choices"].tab = TABS.index(tab)
    page.run()
    assert not page.exception
    assert [each.label for each in page.tabs if len(each.children)] == [tab]
    hand.survey_ends()
    page.run()
    hand.test_ends("gradient")
    page.run()
    assert not page.exception
    assert len(next(each for each in page.tabs if each.label == tab).children)


def test_the_page_looks_again_until_the_edge_detector_is_there_too(
    hand: Prompt, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    live: list[bool] = []

    def polled(draw: Callable[[], None], live_now: bool = False, **named: bool) -> None:
        live.append(named.get("live", live_now))
        draw()

    del hand.knows[Edges]
    page = begun(hand)
    for method in hand.tests:
        hand.test_ends(method)
    monkeypatch.setattr(screen.watching, "polled", polled)
    page.run()
    assert "edges" not in seen.strips
    assert any(live)
    (edges,) = (each for each in hand.jobs if isinstance(each, Edges))
    hand.jobs[edges].end("done", EdgeMap(edges, np.ones((32, 32), np.float32), (0.0, 0.0, 32.0, 32.0)))
    live.clear()
    page.run()
    assert seen.states["edges"] == "done"
    assert not any(live)
