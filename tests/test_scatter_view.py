"""What Python sends to the map fits its points, and what the map sends back is judged before it is believed."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from pages.ui.components.scatter import _packed, _unpacked
from pages.ui.components.scatter_view import Group, Groups, ScatterView, Shades, Sprites


def test_rows_are_packed_a_bit_each_and_anything_else_is_refused():
    rows = np.flatnonzero(np.random.default_rng(0).random(1003) < 0.3)
    assert _unpacked(_packed(rows, 1003), 1003).tolist() == rows.tolist()  # type: ignore[union-attr]
    assert _unpacked("", 1003).tolist() == []  # type: ignore[union-attr]
    beyond = base64.b64encode(b"\xff" * 126).decode()
    for sent in (None, 7, [1, 2], "no base64!", "AAAA", beyond, "A" * 5000):
        assert _unpacked(sent, 1003) is None


def view(**given: object) -> ScatterView:
    fields: dict[str, object] = {
        "points": np.zeros((2, 2), np.float32),
        "titles": ("a", "b"),
        "names": ("x",),
        "label": np.zeros(2, int),
        "prediction": np.zeros(2, int),
        "confidence": np.ones(2),
        "colour": Shades("Confidence", np.ones(2)),
    }
    return ScatterView(**{**fields, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"points": np.full((2, 2), np.nan, np.float32)}, "finite"),
        ({"titles": ("a",)}, "titles must be one for each of 2 points, got 1"),
        ({"label": np.array([0, 1])}, r"label must lie in \[-1, 1\)"),
        ({"current": 2}, r"current must name rows in \[0, 2\)"),
        ({"selected": np.array([-1])}, "selected must name rows"),
        ({"sprites": Sprites(("sheet",), 8, 10, 1)}, "do not hold 2 pictures"),
    ],
)
def test_a_view_that_does_not_fit_its_points_is_refused(given: dict[str, object], words: str):
    with pytest.raises(ValueError, match=words):
        view(**given)


def test_colours_that_are_none_are_refused():
    with pytest.raises(ValueError, match="#0f6b66"):
        Group("ember", "red;background:url(x)")
    with pytest.raises(ValueError, match="groups must lie"):
        Groups("Label", np.array([0, 1]), (Group("ember"),))
    with pytest.raises(ValueError, match="from less to more"):
        Shades("Confidence", np.ones(2), 1.0, 1.0)
