"""What is chosen on the sanity page, and what is asked for then; without a browser."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from sanity_desk import REFUSED, Prompt, Seen, begun, by_hand, opened, watched

from pages.ui.sanity.choices import USUAL
from xai_core.cascade import Cascade, Law, Norms, Order
from xai_core.framing import Framing


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Prompt:
    return by_hand(monkeypatch)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    return watched(monkeypatch)


@pytest.mark.parametrize(
    ("order", "ends", "alone"),
    [
        (Order.BOTTOM_UP, ("input side", "output side"), False),
        (Order.INDEPENDENT, ("output side", "input side"), True),
    ],
)
def test_another_order_asks_for_another_cascade_and_drops_the_old_one(
    hand: Prompt, seen: Seen, order: Order, ends: tuple[str, str], alone: bool
) -> None:
    page = begun(hand)
    old = set(hand.tests.values())
    page.selectbox(key="sanity-order").select(order).run()
    assert hand.survey.cascade == Cascade("lite0", order)
    assert set(hand.cancelled) == old
    hand.survey_ends()
    page.run()
    assert set(hand.tests) == set(USUAL)
    assert (seen.ends, seen.alone) == (ends, alone)


def test_a_survey_that_nobody_waits_for_any_more_is_dropped(hand: Prompt, seen: Seen) -> None:
    page = opened()
    old = hand.survey
    page.number_input(key="sanity-seed").set_value(41).run()
    assert hand.survey.cascade == Cascade("lite0", seed=41)
    assert hand.cancelled == [old]


def test_the_networks_own_answer_can_be_explained(hand: Prompt, seen: Seen) -> None:
    page = opened()
    page.toggle(key="sanity-repredict").set_value(True).run()
    assert hand.survey.repredict
    hand.survey_ends()
    page.run()
    assert set(hand.tests) == set(USUAL)
    assert all(test.repredict for test in hand.tests.values())


def test_the_sources_law_keeps_the_running_statistics(hand: Prompt, seen: Seen) -> None:
    page = opened()
    assert len(page.selectbox(key="sanity-norms").options) == len(Norms)
    page.selectbox(key="sanity-law").select(Law.SOURCE).run()
    assert not page.exception
    assert hand.survey.cascade == Cascade("lite0", law=Law.SOURCE, norms=Norms.KEPT)
    assert page.selectbox(key="sanity-norms-source").options == ["Kept as trained"]
    page.selectbox(key="sanity-law").select(Law.UNIFORM).run()
    assert not page.exception
    assert hand.survey.cascade.law is Law.UNIFORM


def test_estimated_statistics_are_those_of_the_picture_on_the_page(hand: Prompt, seen: Seen) -> None:
    page = opened()
    page.session_state["shelf"].framing = Framing.WHOLE
    page.selectbox(key="sanity-norms").select(Norms.ESTIMATED).run()
    asked = hand.survey
    assert asked.cascade.norms is Norms.ESTIMATED
    assert asked.cascade.pictures == (page.session_state["shelf"].picture,) == (asked.picture,)
    assert asked.cascade.framing is Framing.WHOLE
    page.selectbox(key="sanity-norms").select(Norms.KEPT).run()
    assert hand.survey.cascade.pictures == ()


def test_another_class_is_asked_about(hand: Prompt, seen: Seen) -> None:
    page = opened()
    page.selectbox[0].select(2).run()
    assert hand.survey.target == 2
    hand.survey_ends()
    page.run()
    assert {test.target for test in hand.tests.values()} == {2}


def test_a_method_that_the_model_refuses_is_told_and_not_tested(hand: Prompt, seen: Seen) -> None:
    page = opened()
    page.session_state["sanity-choices"].methods = ("gradient", "rollout")
    page.session_state["shelf"].use("lite1")  # the methods on offer are the model's
    page.run()
    hand.survey_ends()
    page.run()
    assert list(hand.tests) == ["gradient"]
    assert hand.survey.cascade.model == "lite1"
    assert any(REFUSED.removesuffix(".") in each.value for each in page.markdown)
    assert page.session_state["sanity-choices"].methods == ("gradient", "rollout")


def test_methods_can_be_left_out_and_all_brought_back(hand: Prompt, seen: Seen) -> None:
    page = begun(hand)
    page.multiselect(key="sanity-methods").unselect("smoothgrad").unselect("integrated_gradients").run()
    assert set(hand.cancelled) == {hand.tests[key] for key in ("smoothgrad", "integrated_gradients")}
    assert set(seen.strips) == {*USUAL, "edges"} - {"smoothgrad", "integrated_gradients"}
    page.button(key="sanity-usual").click().run()
    assert set(seen.strips) == {*USUAL, "edges"}


def test_without_any_method_the_edge_detector_stands_alone(hand: Prompt, seen: Seen) -> None:
    page = opened()
    page.multiselect(key="sanity-methods").set_value([]).run()
    hand.survey_ends()
    page.run()
    assert not page.exception
    assert set(seen.strips) == {"edges"}


def test_bad_files_are_told_by_name_outside_of_what_they_closed(hand: Prompt, seen: Seen) -> None:
    page = opened()
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(good := io.BytesIO(), "PNG")
    files = [("notes.png", b"just some text", "image/png"), ("cup.png", good.getvalue(), "image/png")]
    page.file_uploader[0].set_value(files).run()
    assert not page.exception
    assert len(page.error) == 1
    assert "notes" in page.error[0].value
    assert any("1 in the basket" in each.value for each in page.markdown)
    assert hand.survey.picture.name == "cup.png"
