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


def test_a_model_that_cannot_be_loaded_says_why_and_can_be_tried_again(hand: ByHand) -> None:
    page = opened()
    hand.jobs[Describe("lite0")].end("failed", "The file of this model is damaged.")
    page.run()
    assert "damaged" in page.error[0].value
    page.button(key="retry-model").click().run()
    assert not page.error
    assert hand.submitted.count(Describe("lite0")) == 2


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
