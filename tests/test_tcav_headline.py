"""What the page says first of all tests together: what is clear, how much is not, and what to do."""

from __future__ import annotations

import numpy as np
import pytest
from tcav_answers import SIX, cell, colours, refused, result

from xai_core.tcav.grid import grid
from xai_core.tcav.headline import headline, leading
from xai_core.tcav.result import TcavResult

NOTHING = "No concept has been tested yet. Choose one, and a class to ask about."


def said(*found: TcavResult) -> str:
    return headline(grid(found)).text


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], NOTHING),
        ([result("Stripes")], "Stripes count for zebra (0.90; p = 0.002)."),
        ([result("Stripes"), result("Bubbles", [cell(0.15)])], "Stripes count for zebra (0.90; p = 0.005). Bubbles "
         "count against it (0.15; p = 0.005)."),
        ([result("Stripes"), result("Red", [cell(target=1, label="daisy")])], "Stripes count for zebra (0.90; p = "
         "0.005). Red counts for daisy (0.90; p = 0.005)."),
        ([result("Stripes"), result("Bubbly", [cell(0.43, 0.31)])], "Stripes count for zebra (0.90; p = 0.005). Bubbly "
         "cannot be told from a random concept for it."),
        ([result("Stripes"), result("Dots", [refused()])], "Stripes count for zebra (0.90; p = 0.002). One could not "
         "be tested."),
        ([result("Bubbly", [cell(0.43, 0.31)])], "Bubbly cannot be told from a random concept for zebra (0.43; "
         "p = 0.31)."),
        ([result("Bubbly", [cell(0.43, 0.31)]), result("Dots", [cell(0.6, 0.2)])], "Neither of the two concepts can be "
         "told from random concepts: the strongest has p = 0.40."),
        (colours("Red", "Blue"), "None of the six pairs of concept and class can be told from random concepts: the "
         "strongest has p = 1.00."),
        ([result("Dots", [refused(SIX)])], f"Dots have no score for zebra. {SIX}"),
        ([result("Dots", [refused(SIX), refused(SIX, target=1)])], f"Neither of the two could be tested. {SIX}"),
        ([result(name, [refused(name)]) for name in ("a", "b", "c")], "None of the three could be tested. The reason "
         "stands beside each."),
        (colours("Red", "Blue", "Pink", clear=3), "Red counts for sobbit (0.90; p = 0.002). Red counts against grookin "
         "(0.20; p = 0.002). Blue counts for sobbit (0.90; p = 0.002). Six more are clear."),
        ([*colours("Red", "Blue", clear=2), *colours("Pink")], "Red counts for sobbit (0.90; p = 0.002). Red counts "
         "against grookin (0.20; p = 0.002). Blue counts for sobbit (0.90; p = 0.002). One more is clear; five cannot "
         "be told from random concepts."),
    ],
)  # fmt: skip
def test_the_headline_tells_what_is_clear_and_counts_the_rest(found: list[TcavResult], words: str) -> None:
    assert said(*found) == words


def test_of_several_layers_the_strongest_is_told_and_one_that_says_the_opposite() -> None:
    layers = [cell(0.6, 0.3, layer="blocks.3"), cell(layer="blocks.4"), cell(0.1, 2 / 401, layer="blocks.5")]
    words = "Stripes count for zebra at blocks.4 (0.90; p = 0.007), but against it at blocks.5 (0.10)."
    assert said(result("Stripes", layers)) == words
    first = leading(grid([result("Stripes", layers)]))
    assert first is not None
    assert first.cell.layer == "blocks.4"
    assert leading(grid([result("Dots", [refused()])])) is None
    assert said(result("Stripes", layers[:2])) == "Stripes count for zebra at blocks.4 (0.90; p = 0.005)."
    assert said(result("Bubbly", [refused(), cell(0.6, 0.3, layer="blocks.4")])) == (
        "Bubbly cannot be told from a random concept for zebra at blocks.4 (0.60; p = 0.30)."
    )


def test_what_cannot_be_significant_is_said_with_what_to_do() -> None:
    few = grid(colours("Red", "Blue", "Pink", clear=3, random=100))
    assert headline(few).warning == (
        "100 random concepts are too few for 9 tests: nothing can be significant after correction. Use at least 200."
    )
    assert headline(grid(colours("Red", "Blue", "Pink", clear=3))).warning == ""
    mixed = [result("Dots", [cell(steady=0.99)]), result("Red", [cell(0.6, 0.5, random=19, target=1)])]
    assert headline(grid(mixed)).warning.startswith("19 random concepts are too few for 2 tests")


def test_a_doubtful_layer_of_what_is_told_is_the_headlines_warning() -> None:
    late = grid([result("Stripes"), result("Dots", [cell(1.0, steady=0.991)])])
    assert headline(late).warning == (
        "blocks.5 is too late: all pictures of zebra share nearly one gradient (0.99 alike, 1 is the same), so any "
        "score falls to 0 or 1. Look at an earlier layer."
    )


def test_a_headline_stays_short_however_much_was_tested() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        names = rng.permutation(["Red", "Blue", "Pink", "Green", "Dots", "Checks"])[: int(rng.integers(1, 7))]
        shown = [
            result(
                str(name),
                [cell(float(rng.choice([0.1, 0.6, 0.9])), float(rng.choice([1 / 4001, 0.4])), random=4000, target=n,
                      label=f"animal{n}") if rng.random() > 0.1 else refused(SIX, target=n) for n in range(3)],
            )
            for name in names
        ]  # fmt: skip
        assert len(said(*shown).split()) <= 42
