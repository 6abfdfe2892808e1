"""Which points of a map are selected, as text in an address: short, exact, and safe to read from strangers."""

from __future__ import annotations

import base64
import tracemalloc
import zlib
from collections.abc import Sequence
from urllib.parse import quote_plus

import numpy as np
import pytest

from pages.ui import links, places
from pages.ui.map import marks
from pages.ui.map.state import atlas
from xai_core.datasets.dataset import Dataset

pytest_plugins = ["fixtures_links"]
pytestmark = pytest.mark.usefixtures("fresh_visitor")
SCATTERED = np.flatnonzero(np.random.default_rng(0).random(20_000) < 0.5)


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([], 10),
        ([0], 1),
        ([5, 3, 4, 9], 10),
        (range(500), 10_000),
        ([2, 4, 6], 7),
        (range(0, 10_000, 2), 10_000),
        (SCATTERED[SCATTERED < 9_999], 9_999),
        (SCATTERED, 20_000),
    ],
    ids=["none", "one", "runs", "one run", "few", "every second", "scattered", "as many as fit"],
)
def test_a_selection_survives_as_text(rows: Sequence[int], count: int) -> None:
    text = marks.to_text(np.array(rows, np.intp), count)
    assert quote_plus(text) == text  # nothing in it grows in an address
    if len(rows):
        assert marks.from_text(text, count).tolist() == sorted(rows)


def test_a_selection_is_told_in_whichever_way_is_shorter_and_left_out_where_none_is_short_enough() -> None:
    assert marks.to_text(np.array([17, 3, 4, 5]), 10_000) == "3-5.17"
    half = SCATTERED[SCATTERED < 10_000]
    assert 1600 < len(marks.to_text(half, 10_000)) < 1700  # what 10,000 tosses of a coin cannot be told in less than
    assert marks.to_text(np.concatenate([SCATTERED, 40_000 - SCATTERED]), 40_001) == ""
    assert marks.to_text(np.arange(40_000), 40_000) == "0-39999"


def test_rows_of_a_larger_map_are_left_out() -> None:
    assert marks.to_text(np.array([3, 12]), 10) == "3"
    assert marks.from_text("3.12-99", 10).tolist() == [3]


def packed(data: bytes) -> str:
    return "_" + base64.urlsafe_b64encode(data).decode().rstrip("=")


NO_SELECTIONS = {
    "words": "a",
    "minus": "-3",
    "two hyphens": "1--2",
    "long number": "99999999",
    "other digits": "²",
    "many letters": "1." * 2000 + "1",
    "nothing packed": "_",
    "no base64": "_****",
    "cut base64": "_A",
    "not deflated": packed(b"nothing"),
    "cut short": packed(zlib.compress(b"\x80")[:-3]),
    "a byte too few": packed(zlib.compress(b"")),
    "a byte too many": packed(zlib.compress(b"\x80\x00")),
    "more after it": packed(zlib.compress(b"\x80") + b"x"),
    "a row too many": packed(zlib.compress(b"\x08")),
    "a bomb": packed(zlib.compress(bytes(2_500_000), 9)),
}


@pytest.mark.parametrize("text", NO_SELECTIONS.values(), ids=NO_SELECTIONS)
def test_what_is_no_selection_is_told_and_nothing_is_selected(text: str, creatures: Dataset) -> None:
    told = {"pictures": f"datasets/{creatures.key}", "selected": text, "revisions": str(creatures.revision)}
    notices = links.read(places.MAP, told)
    assert len(notices) == 1
    assert "The link's selected" in notices[0]
    assert not len(atlas().rows)


def test_a_packed_bomb_is_given_no_more_room_than_the_pictures_need() -> None:
    bomb = NO_SELECTIONS["a bomb"]
    assert len(bomb) < marks.LONGEST
    tracemalloc.start()
    with pytest.raises(ValueError, match="a bit for each of 4 rows"):
        marks.from_text(bomb, 4)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 200_000
