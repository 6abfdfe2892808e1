"""The table of a sanity check, read back by another program's rules."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from sanity_answers import FALLS, FORGETS, STAYS, run, surveyed

from xai_core.cascade import Cascade, Law, Norms, Order
from xai_core.framing import Framing
from xai_core.picture import Picture
from xai_core.sanity import SanityRun
from xai_core.sanity_table import as_csv
from xai_core.similarity import MEASURES, RANKS
from xai_core.survey import Survey

NAN = float("nan")


def read(*runs: SanityRun) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(runs), newline=""), strict=True))


def named(name: str, **changed: bool) -> Survey:
    picture = Picture.of(np.zeros((4, 4, 3), np.uint8), name)
    return Survey(Cascade("lite0"), picture, Framing.WHOLE, 0, **changed)


def test_there_is_a_line_for_each_method_and_stage() -> None:
    lines = read(run("gradient", FALLS), run("gradcam", STAYS))
    assert [(line["method"], line["stage"]) for line in lines] == [
        (method, str(stage)) for method in ("gradient", "gradcam") for stage in range(5)
    ]
    names = [line["block destroyed last"] for line in lines[:5]]
    assert names == ["", "classifier", "blocks.1", "blocks.0", "conv_stem + bn1"]
    assert all(None not in line and None not in line.values() for line in lines)


def test_figures_come_back_as_they_were() -> None:
    tested = run("gradient", (0.123456, -0.5, 1 / 3, 0.0))
    lines = read(tested)
    for at, measure in enumerate(MEASURES):
        read_back = [float(line[measure.key]) for line in lines]
        np.testing.assert_allclose(read_back, tested.similarity[:, at], atol=1e-6)
        band = {
            (float(line[f"{measure.key} by chance, from"]), float(line[f"{measure.key} by chance, to"]))
            for line in lines
        }
        assert band == {(-0.1, 0.1)}
    assert [float(line["probability of the class"]) for line in lines] == list(FORGETS)
    assert {line["agreement with edge detector"] for line in lines} == {"0.300000"}
    assert {line["verdict"] for line in lines} == {"About the model"}
    assert {line["model"] for line in lines} == {"lite0"}


def test_the_smallest_probability_keeps_its_digits() -> None:
    assert (
        float(read(run("gradient", FALLS, surveyed((0.9, 1e-12, 0.1, 0.1, 0.1))))[1]["probability of the class"])
        == 1e-12
    )


def test_what_is_not_defined_is_said_in_a_word() -> None:
    survey = surveyed((0.9, 0.1, 0.1, 0.1, NAN), dead={4: "its numbers grew beyond what the computer can hold"})
    text = as_csv([run("gradient", (0.2, NAN, 0.1, NAN), survey)])
    assert "nan" not in text.lower()
    lines = list(csv.DictReader(io.StringIO(text)))
    for measure in MEASURES:
        assert [line[measure.key] == "undefined" for line in lines] == [False, False, True, False, True]
    assert [line["agreement with edge detector"] for line in lines].count("undefined") == 2
    assert lines[4]["probability of the class"] == lines[4]["its probability"] == "undefined"
    assert [line["dead"] for line in lines] == ["", "", "", "", "its numbers grew beyond what the computer can hold"]


def test_the_recipe_is_there() -> None:
    recipe = Cascade("lite0", Order.BOTTOM_UP, Law.SOURCE, Norms.KEPT, seed=7)
    (line,) = {tuple(line[key] for key in ("order", "new weights", "running statistics", "seed"))
               for line in read(run("gradient", FALLS, surveyed(cascade=recipe)))}  # fmt: skip
    assert line == ("from the input up", "as in the source: one tensor a block, uniform", "kept as trained", "7")


def test_the_class_that_was_explained_is_named_at_every_stage() -> None:
    kept, own = (surveyed(request=named("cup.png", repredict=repredict)) for repredict in (False, True))
    assert {line["class explained"] for line in read(run("gradient", FALLS, kept))} == {"espresso"}
    lines = read(run("gradient", FALLS, own))
    assert [line["class explained"] for line in lines] == ["espresso", *["velvet"] * 4]
    assert [line["probability of the class"] for line in lines] == [line["its probability"] for line in lines]


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "-1.png", "@SUM(A1).png", "\tx.png"])
def test_names_are_never_taken_for_formulas(name: str) -> None:
    for line in read(run("gradient", FALLS, surveyed(request=named(name), label=name))):
        assert line["picture"] == line["class explained"] == f"'{name}"
    assert all(
        line["picture"] == "cup.png" for line in read(run("gradient", FALLS, surveyed(request=named("cup.png"))))
    )


@pytest.mark.parametrize("name", ['a, "quoted" cup', "two\nlines", "cup; saucer", "Tasse à café ☕", "'", ""])
def test_odd_names_come_back_letter_for_letter(name: str) -> None:
    for line in read(run("gradient", FALLS, surveyed(request=named(name), label=name))):
        assert line["picture"] == line["class explained"] == name


def test_a_negative_figure_stays_a_number() -> None:
    key = MEASURES[RANKS].key
    assert float(read(run("gradient", (-0.5, 0, 0, 0)))[1][key]) == -0.5
