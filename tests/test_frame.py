"""The sidebar and the page while nothing has been answered yet, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_desk import ByHand

from browser import ROOT
from pages.ui import work
from xai_core.describe import Describe
from xai_core.desk import Desk
from xai_core.fetch import Fetch
from xai_core.jobs import State
from xai_core.library import entries
from xai_core.names import as_text


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ByHand:
    """The desk's executor: nothing is answered unless the test does."""
    hand = ByHand()
    desk = Desk(hand)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(work, "desk", lambda: desk)
    monkeypatch.setattr(work, "owner", lambda: "ann")
    return hand


def opened() -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / "ui" / "router.py"), default_timeout=60).run()


def test_the_page_says_that_the_model_is_loading(hand: ByHand) -> None:
    page = opened()
    assert not page.exception
    assert page.title[0].value == "What did the model look at?"
    hand.jobs[Describe("lite0")].report(0.3, "loading the model")
    page.run()
    assert not page.exception


def test_a_run_of_a_page_lists_each_part_of_the_library_once(hand: ByHand, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    folders = entries._folders
    monkeypatch.setattr(entries, "_folders", lambda place, kind: read.append(kind) or folders(place, kind))  # type: ignore[func-returns-value]
    assert not opened().exception
    assert sorted(read) == ["concepts", "datasets", "models"]


def test_a_model_that_cannot_be_loaded_says_why_and_can_be_tried_again(hand: ByHand) -> None:
    page = opened()
    hand.jobs[Describe("lite0")].end("failed", "The file of this model is damaged.")
    page.run()
    assert "damaged" in page.error[0].value
    page.button(key="retry-model").click().run()
    assert not page.error
    assert hand.submitted.count(Describe("lite0")) == 2


def test_a_model_that_no_second_try_can_load_is_not_offered_one(hand: ByHand) -> None:
    page = opened()
    hand.jobs[Describe("lite0")].end("refused", "There is no such model.")
    page.run()
    assert "no such model" in page.error[0].value
    assert "Try again" not in [button.label for button in page.button]


def question() -> None:
    from pages.ui import watching

    watching.answered("why?", "asked", "looking")


@pytest.mark.parametrize(("state", "offered"), [("failed", True), ("stopped", True), ("refused", False)])
def test_an_answer_that_did_not_come_is_asked_for_again_only_where_that_can_help(
    hand: ByHand, state: State, offered: bool
) -> None:
    page = AppTest.from_function(question, default_timeout=60).run()
    hand.jobs["why?"].end(state, "" if state == "stopped" else "Three pictures are too few")
    page.run()
    assert page.warning[0].value == (r"Stopped\." if state == "stopped" else "Three pictures are too few")
    assert [button.label for button in page.button] == ["Try again"] * offered


def concepts_asked() -> None:
    from pages.ui.concepts import answer

    answer._failures(("why?", "how?"))  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "offered"), [("failed", "Try again"), ("stopped", "Go on"), ("refused", "")])
def test_a_test_of_concepts_is_made_again_only_where_that_can_help(hand: ByHand, state: State, offered: str) -> None:
    page = AppTest.from_function(concepts_asked, default_timeout=60).run()
    hand.jobs["why?"].end(state, "")
    hand.jobs["how?"].end("refused", "Three pictures are too few")
    page.run()
    assert [button.label for button in page.button] == [offered] * bool(offered)
    if offered:
        page.button[0].click().run()
        assert (hand.submitted.count("why?"), hand.submitted.count("how?")) == (2, 1)


def test_a_download_goes_on_while_the_page_is_used(hand: ByHand) -> None:
    page = opened()
    page.sidebar.selectbox[0].select("resnet50").run()
    next(button for button in page.sidebar.button if "Download" in button.label).click().run()
    hand.jobs[Fetch("resnet50")].report(0.4, "40 of 98 MB")
    for _ in range(3):
        page.run()
    assert Fetch("resnet50") not in hand.cancelled
    assert not page.exception
    page.sidebar.button(key="stop-resnet50").click().run()
    assert Fetch("resnet50") in hand.cancelled


def test_a_page_that_fails_says_what_to_do_where_that_is_known_and_never_shows_what_is_for_the_log() -> None:
    def failing() -> None:
        from app import kindly
        from xai_core.errors import LibraryError

        kindly(LibraryError("The library's folder cannot be used: the disk is full. Make room."))
        kindly(KeyError("secret internals"))

    told, surprise = (each.value for each in AppTest.from_function(failing).run().error)
    assert told == as_text("The library's folder cannot be used: the disk is full. Make room.")
    assert "secret" not in surprise
