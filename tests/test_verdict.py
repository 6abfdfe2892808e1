"""The stated rule, at its edges, and the words that go with it."""

from __future__ import annotations

import numpy as np
import pytest

from xai_core.cascade import Order
from xai_core.verdict import ABOUT, NOT_ABOUT, judged


def falling(*left: float, rest: float = 0.0, blocks: int = 10) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """1 for the trained network, then `left`, then `rest`."""
    return np.array([1.0, *left, *[rest] * (blocks - len(left))])


@pytest.mark.parametrize(
    ("level", "kind"),
    [
        (0.0, "good"),
        (ABOUT - 0.01, "good"),
        (ABOUT + 0.01, "care"),
        (NOT_ABOUT - 0.01, "care"),
        (NOT_ABOUT + 0.01, "bad"),
    ],
)
def test_the_verdict_follows_the_way_from_chance_to_the_edge_detector(level: float, kind: str) -> None:
    verdict = judged("Map", Order.TOP_DOWN, falling(*[level] * 5), (0.0, 0.0))
    assert verdict.kind == kind
    assert verdict.share == pytest.approx(level)


def test_a_map_that_never_changes_is_as_stubborn_as_an_edge_detector() -> None:
    verdict = judged("Edges", Order.TOP_DOWN, np.ones(11), (0.1, 0.1))
    assert (verdict.kind, verdict.share) == ("bad", 1.0)
    assert "100 % the same" in verdict.sentence


def test_what_unrelated_maps_share_does_not_count() -> None:
    ranks = falling(*[0.6] * 5)
    assert judged("Map", Order.TOP_DOWN, ranks, (0.0, 0.0)).kind == "care"
    assert judged("Map", Order.TOP_DOWN, ranks, (0.5, 0.5)).kind == "good"
    assert judged("Map", Order.TOP_DOWN, ranks, (0.6, 0.6)).share == 0.0


def test_only_the_first_half_of_the_stages_is_judged() -> None:
    assert judged("Map", Order.TOP_DOWN, falling(*[0.0] * 5, rest=1.0), (0.0, 0.0)).kind == "good"
    assert judged("Map", Order.BOTTOM_UP, falling(*[1.0] * 5, rest=0.0), (0.0, 0.0)).kind == "bad"


def test_with_one_block_at_a_time_every_stage_counts() -> None:
    ranks = falling(*[1.0] * 5, rest=0.0)
    assert judged("Map", Order.INDEPENDENT, ranks, (0.0, 0.0)).share == pytest.approx(0.5)
    assert "one block destroyed at a time" in judged("Map", Order.INDEPENDENT, ranks, (0.0, 0.0)).sentence


def test_undefined_stages_are_left_out_and_too_many_of_them_give_no_verdict() -> None:
    some = falling(0.9, np.nan, 0.9, 0.9, np.nan)
    assert judged("Map", Order.TOP_DOWN, some, (0.0, 0.0)).share == pytest.approx(0.9)
    most = falling(np.nan, np.nan, np.nan, 0.9, 0.9)
    verdict = judged("Map", Order.TOP_DOWN, most, (0.0, 0.0))
    assert (verdict.kind, verdict.share) == ("none", None)
    assert "3 of the 5 stages" in verdict.sentence
    assert judged("Map", Order.TOP_DOWN, falling(*[0.5] * 5), (float("nan"), float("nan"))).kind == "none"


def test_the_sentence_names_the_deepest_stage_at_which_the_map_is_still_the_same() -> None:
    verdict = judged("Guided backpropagation", Order.TOP_DOWN, falling(1.0, 0.99, 0.98, 0.92, 0.8), (0.03, 0.03))
    assert verdict.sentence == (
        "Guided backpropagation: after 4 of 10 blocks were destroyed its map is still 92 % the same (unrelated maps "
        "share up to 3 %). It is showing the picture, not the model. Do not use it to justify a decision."
    )
    assert verdict.word == "Not about the model"


def test_almost_the_same_is_not_called_the_same() -> None:
    assert "still 99 % the same" in judged("Map", Order.TOP_DOWN, falling(*[0.9996] * 5), (0.0, 0.0)).sentence


def test_a_reversed_map_is_no_likeness() -> None:
    verdict = judged("Map", Order.TOP_DOWN, falling(*[-0.8] * 5), (-0.1, -0.1))
    assert verdict.share == 0.0
    assert "0 % of its map is left" in verdict.sentence


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_small_networks_have_verdicts_too(blocks: int) -> None:
    assert judged("Map", Order.TOP_DOWN, np.ones(blocks + 1), (0.0, 0.0)).kind == "bad"
