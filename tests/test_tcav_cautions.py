"""What a finding is to be read with care for, each with its cause."""

from __future__ import annotations

import numpy as np
import pytest
from tcav_answers import NAN, cell, only, refused, result

from xai_core.tcav.cautions import cautions
from xai_core.tcav.grid import first_third, grid
from xai_core.tcav.result import Cell
from xai_core.tcav.words import sentence


@pytest.mark.parametrize(
    ("shown", "changed", "kinds"),
    [
        (cell(), {}, []),
        (cell(steady=0.91), {}, ["late"]),
        (cell(steady=0.89, follows=0.75), {}, []),
        (cell(follows=0.5), {}, ["early"]),
        (cell(accuracies=np.array([0.6, 0.7])), {}, ["weak"]),
        (cell(), {"pictures": 12}, ["few"]),
        (cell(examples=8), {}, ["few"]),
        (cell(), {"overlap": 0.6}, ["shared"]),
        (cell(0.6, 0.3), {}, ["sources"]),
        (cell(0.6, 0.3, p_half=0.2), {}, []),
        (cell(0.9, means=np.array([-0.1, -0.2])), {}, ["divided"]),
        (cell(0.1, means=np.array([0.1, 0.2])), {}, ["divided"]),
        (cell(0.6, 0.3, means=np.array([-0.1, -0.2]), p_half=0.2), {}, []),
        (cell(0.8, 0.24, p_score=0.013, p_mean=0.24, p_half=0.2), {}, ["firm"]),
        (cell(examples=30, silent=10), {}, ["few"]),
        (cell(steady=NAN, follows=NAN), {"overlap": NAN}, []),
        (refused(), {"pictures": 6}, []),
        (cell(0.6, 0.3, steady=0.99, follows=0.5, examples=8), {"overlap": 0.6, "pictures": 12},
         ["late", "few", "shared", "sources"]),
    ],
)  # fmt: skip
def test_every_caution_has_its_cause(shown: Cell, changed: dict[str, float], kinds: list[str]) -> None:
    finding = only(result(cells=[shown], **changed))  # type: ignore[arg-type]
    found = cautions(finding)
    assert [each.kind for each in found] == kinds
    assert sentence(finding).warning == (found[0].text if found else "")


def test_an_early_layer_is_to_be_read_with_care_whatever_its_figures() -> None:
    layers = ["stem", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "blocks.4", "blocks.5", "blocks.6"]
    assert first_third(layers) == {"stem", "blocks.0"}
    cells = [cell(layer=layer) for layer in ("blocks.0", "blocks.1")]
    early, later = grid([result(cells=cells)], early=first_third(layers)).findings
    assert [each.kind for each in cautions(early)] == ["early"]
    assert cautions(early)[0].text.startswith("blocks.0 lies early, where a network knows colours, edges")
    assert cautions(later) == ()


def test_only_an_early_layer_is_called_so_where_real_steps_do_not_follow() -> None:
    cells = [cell(layer=layer, follows=0.5) for layer in ("blocks.0", "blocks.5")]
    early, late = grid([result(cells=cells)], early=frozenset({"blocks.0"})).findings
    assert cautions(early)[0].text.startswith("blocks.0 may be too early")
    assert cautions(late)[0].text.startswith("blocks.5 may mislead")


def test_few_pictures_are_said_with_what_they_cost() -> None:
    (few,) = cautions(only(result(cells=[cell(examples=8)], pictures=12)))
    assert few.text == (
        "The concept has 12 pictures; below 20 only strong effects show. "
        "There are 8 pictures of zebra: each one moves a run's score by 0.12."
    )


def test_a_score_and_a_mean_change_that_say_opposite_things_are_said_to() -> None:
    (loses,) = cautions(only(result(cells=[cell(0.9, means=np.array([-0.1, -0.2]))])))
    assert loses.text == (
        "Most pictures of zebra gain by it, yet on average the answer falls: a few lose more than the others gain."
    )
    (gains,) = cautions(only(result(cells=[cell(0.1, means=np.array([0.1, 0.2]))])))
    assert gains.text == (
        "Most pictures of zebra lose by it, yet on average the answer rises: a few gain more than the others lose."
    )


def test_pictures_that_say_nothing_of_any_concept_are_counted() -> None:
    (few,) = cautions(only(result(cells=[cell(examples=30, silent=10)])))
    assert few.text == "10 of the 40 pictures of zebra have no gradient at blocks.5: the score is of the other 30."


def test_few_steps_are_not_told_as_all_pictures() -> None:
    (early,) = cautions(only(result(cells=[cell(follows=0.5)])))
    assert "for only 50 % of the pictures that were tried; guessing" in early.text
