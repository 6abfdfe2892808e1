"""What a test of a concept says, sentence by sentence, and what it never says."""

from __future__ import annotations

import re

import numpy as np
import pytest
from tcav_answers import NAN, SIX, cell, colours, only, refused, result

from xai_core.sentence import Headline
from xai_core.tcav.cautions import cautions
from xai_core.tcav.grid import Grid, grid
from xai_core.tcav.headline import headline
from xai_core.tcav.layers import paths
from xai_core.tcav.result import Cell
from xai_core.tcav.rounding import p_words, score_words
from xai_core.tcav.words import HOW_NOT, details, rank_words, sentence


def one(title: str = "Yellow", *cells: Cell, **changed: object) -> str:
    return sentence(only(result(title, cells, **changed))).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "shown", "words"),
    [
        ("Yellow", cell(0.93, 3 / 401, label="sobbit"), "Yellow counts for sobbit: 0.93, a stronger effect than 398 of "
         "400 random concepts; p = 0.007."),
        ("Stripes", cell(0.9), "Stripes count for zebra: 0.90, a stronger effect than all 400 random concepts; p = "
         "0.002."),
        ("Bubbles", cell(0.07, 0.02, random=399, nearer=392), "Bubbles count against zebra: 0.07, a stronger effect "
         "than 392 of 399 random concepts; p = 0.020."),
        ("Bubbly", cell(0.43, 0.31, random=400, nearer=277), "Bubbly cannot be told from a random concept for zebra: "
         "0.43, a stronger effect than 277 of 400 random concepts; p = 0.31."),
        ("Grass", cell(0.5, 1.0), "Grass cannot be told from a random concept for zebra: 0.50, no stronger an effect "
         "than any of 400 random concepts; p = 1.00."),
        ("Bubbly", refused(SIX), f"Bubbly has no score for zebra. {SIX}"),
        ("Stripes", refused(SIX), f"Stripes have no score for zebra. {SIX}"),
        ("Bubbly", refused(""), "Bubbly has no score for zebra. The figures did not come out as numbers. Test it again "
         "with other pictures."),
    ],
)  # fmt: skip
def test_a_finding_is_one_sentence_with_what_it_is_compared_to(title: str, shown: Cell, words: str) -> None:
    assert one(title, shown) == words


def test_the_correction_is_named_where_there_is_something_to_correct_for() -> None:
    found = grid([result("Yellow", [cell(0.93, 1 / 401), cell(0.6, 0.4, target=1)])])
    assert sentence(found.findings[0]).text.endswith("; p = 0.005 after correction.")


def test_the_layer_is_named_when_asked_for() -> None:
    assert "for zebra at blocks.5: 0.90" in sentence(only(result()), where=True).text
    assert "for zebra at blocks.5. Only 6" in sentence(only(result(cells=[refused()])), where=True).text


def test_a_relative_concept_is_said_to_be_one() -> None:
    words = "Red (rather than the others) counts for zebra: 0.90, a stronger effect than all 400 random mixtures"
    assert one("Red", cell(), relative=True).startswith(words)


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0000001, "p below 0.001"), (0.000999, "p below 0.001"), (0.001, "p = 0.001"), (1 / 401, "p = 0.002"),
        (0.0499, "p = 0.050"), (0.05, "p = 0.050"), (0.0502, "p just above 0.05"), (0.0506, "p = 0.051"),
        (0.0996, "p = 0.100"), (0.1, "p = 0.10"), (0.314, "p = 0.31"), (1.0, "p = 1.00"), (NAN, "no p"),
    ],
)  # fmt: skip
def test_a_p_is_rounded_but_never_to_zero_nor_across_the_level(p: float, words: str) -> None:
    assert p_words(p, 0.05) == words
    assert p_words(0.01255, 0.0126) == "p just below 0.0126"


def test_no_rounded_p_contradicts_its_verdict() -> None:
    for p in np.linspace(0.001, 0.2, 20_001):
        words = p_words(float(p), 0.05)
        if words.startswith("p = "):
            assert (float(words[4:]) <= 0.05) == (p <= 0.05)
            assert float(words[4:]) == pytest.approx(p, abs=0.0051 if p >= 0.1 else 0.000501)


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (0.0, "0.00"), (0.001, "below 0.01"), (0.0049, "below 0.01"), (0.005, "0.01"), (0.934, "0.93"), (0.5, "0.50"),
        (0.503, "just above 0.5"), (0.4999, "just below 0.5"),
        (0.9949, "0.99"), (0.996, "above 0.99"), (1.0, "1.00"), (NAN, "no score"),
    ],
)  # fmt: skip
def test_a_score_is_never_rounded_to_none_half_or_all(score: float, words: str) -> None:
    assert score_words(score) == words


def test_the_rank_in_words_is_the_rank_of_the_p() -> None:
    rng = np.random.default_rng(1)
    for _ in range(100):
        shown = cell(float(rng.uniform(0.05, 0.95)), p=float(rng.integers(1, 402)) / 401)
        found = re.search(r"than (all |any of )?(\d+)", rank_words(shown))
        assert found is not None
        beaten = 0 if found[1] == "any of " else int(found[2])
        assert shown.p == pytest.approx((1 + 400 - beaten) / 401)


def test_what_a_sentence_rests_on_is_told_with_comparisons() -> None:
    told = " ".join(details(only(result("Stripes", [cell(label="zebra")], pictures=12))))
    for words in (
        "The concept's own pictures: 12. Pictures of zebra: 40.",
        "Counter-examples to draw from: 300. Two draws share 10 % of their pictures on average.",
        "in 85 % of cases; guessing gives 50 % (p = 0.001).",
        "Score 0.90 over 4 runs, 95 % interval 0.85 to 0.95; random concepts score 0.70 on average.",
        "changes the class's logit by +0.4 on average (95 % interval 0.3 to 0.5); 0 would be no change.",
        "as in Kim et al. 2018: p = 0.004. It called 48 % of random concepts significant when we measured it.",
        "as in TF-TCAV: p = 0.020. It called 33 % of random concepts significant when we measured it.",
    ):
        assert words in told
    assert "p = 0.004" not in " ".join(details(only(result(cells=[refused()]))))


def test_what_a_p_would_be_by_itself_is_told_where_it_was_corrected() -> None:
    several = grid([result("Stripes", [cell(0.9, 0.02, nearer=393), cell(0.6, 0.0001, target=1)])]).findings
    assert "By itself its p would be 0.020; 2 tests are shown together." in details(several[0])
    assert "By itself its p would be below 0.001; 2 tests are shown together." in details(several[1])
    assert not any("By itself" in text for text in details(only(result())))


def test_a_test_of_the_sources_that_is_not_defined_is_said_to_be_so() -> None:
    told = details(only(result(cells=[cell(1.0, p_half=NAN)])))
    assert any("as in Kim et al. 2018: not defined, as all runs agree." in text for text in told)


WEAK = {"accuracies": np.array([0.5, 0.6]), "p_accuracy": 0.4}


@pytest.mark.parametrize(
    ("cells", "words", "warning"),
    [
        ([cell()], "Stripes can be read at blocks.5 (accuracy 0.85; guessing gives 0.50). They count for zebra at "
         "blocks.5 (0.90; p = 0.002).", ""),
        ([refused("Too weak.", layer="blocks.3", **WEAK), cell(0.6, 0.4, layer="blocks.4"), cell(follows=0.5)],
         "Stripes can be read from blocks.4 on, best at blocks.4 (accuracy 0.85; guessing gives 0.50). They count for "
         "zebra at blocks.5 (0.90; p = 0.005).", "blocks.5 may mislead"),
        ([cell(layer="blocks.3"), refused("Too weak.", layer="blocks.4", **WEAK), cell(0.1, 2 / 401)],
         "Stripes can be read at blocks.3 and blocks.5, best at blocks.3 (accuracy 0.85; guessing gives 0.50). They "
         "count for zebra at blocks.3 (0.90; p = 0.005), and against it at blocks.5 (0.10; p = 0.005).", ""),
        ([cell(0.6, 0.4, layer="blocks.4"), cell(0.6, 0.3)], "Stripes can be read at all layers tested, best at "
         "blocks.4 (accuracy 0.85; guessing gives 0.50). No use of it for zebra can be told from a random concept's.",
         ""),
        ([refused("Too weak.", layer="blocks.4", **WEAK), refused("Too weak.", **WEAK)], "Stripes cannot be read at "
         "blocks.4 or blocks.5 (accuracy 0.55; guessing gives 0.50).", ""),
        ([refused(SIX)], f"Stripes have no score for zebra. {SIX}", ""),
        ([refused(SIX, accuracies=np.array([0.9, 0.8]), p_accuracy=0.001)], "Stripes can be read at blocks.5 "
         f"(accuracy 0.85; guessing gives 0.50). Whether it is used for zebra could not be tested. {SIX}", ""),
    ],
)  # fmt: skip
def test_a_path_says_where_a_concept_is_readable_and_where_it_is_used(
    cells: list[Cell], words: str, warning: str
) -> None:
    (path,) = paths(grid([result("Stripes", cells)]))
    told = path.sentence()
    assert told.text == words
    assert told.warning.startswith(warning)
    assert bool(told.warning) == bool(warning)


def test_there_is_a_path_for_every_concept_and_class() -> None:
    found = paths(grid(colours("Red", "Blue")))
    assert [(path.title, path.label) for path in found] == [
        (title, label) for title in ("Red", "Blue") for label in ("sobbit", "grookin", "scorby")
    ]


def random_cell(rng: np.random.Generator, number: int) -> Cell:
    layer, target = f"blocks.{number % 3}", number // 3
    if rng.random() < 0.2:
        gate = {"accuracies": rng.uniform(0.3, 0.7, 5), "p_accuracy": 0.3} if rng.random() < 0.5 else {}
        return refused("There are 3 pictures. Add 7 more.", layer=layer, target=target, label=f"class {target}", **gate)
    runs = int(rng.integers(2, 20))
    return cell(
        float(rng.choice([0.0, 0.003, 0.2, 0.5, 0.501, 0.8, 1.0])),
        float(rng.choice([1 / 401, 2 / 401, 0.0499, 0.0501, 0.3, 1.0])),
        layer=layer,
        target=target,
        label=f"class {target}",
        means=rng.normal(size=runs) * 10.0 ** rng.integers(-5, 5),
        accuracies=rng.uniform(0.5, 1, runs),
        steady=float(rng.choice([NAN, -0.1, 0.96])),
        follows=float(rng.choice([NAN, 0.3, 1.0])),
        p_half=float(rng.choice([NAN, 0.0, 0.04, 1.0])),
        p_random=float(rng.choice([NAN, 0.0, 0.04])),
        examples=int(rng.integers(5, 60)),
    )


def random_grid(rng: np.random.Generator) -> Grid:
    titles = [f"**{name}** <b>_$x$_" for name in ("Stripes", "Dots", "Grass", "Red")][: int(rng.integers(1, 5))]
    each = [
        result(
            title,
            [random_cell(rng, number) for number in range(int(rng.integers(1, 9)))],
            pictures=int(rng.integers(6, 50)),
            overlap=float(rng.choice([NAN, 0.2, 0.9])),
            relative=bool(rng.random() < 0.3),
        )
        for title in titles
    ]
    return grid(each, "Holm" if rng.random() < 0.5 else "Bonferroni")


def test_whatever_was_found_reads_as_sentences_in_the_agreed_voice() -> None:
    rng = np.random.default_rng(2)
    for _ in range(150):
        found = random_grid(rng)
        lines: list[Headline] = [headline(found), *(path.sentence() for path in paths(found))]
        lines += [sentence(each, where=where) for each in found.findings for where in (False, True)]
        texts = [line.text for line in lines] + [line.warning for line in lines if line.warning]
        texts += [text for each in found.findings for text in details(each)]
        texts += [text.text for each in found.findings for text in cautions(each)]
        for text in {*texts, HOW_NOT}:
            assert text.endswith(".")
            assert not re.search(r"  | [.,;]|\.\.|\bnan\b|\binf\b|None(?! of)|!|0\.000\b", text), text
            assert not re.search(r"prove|because|understand", text)
        for line in lines:
            strong = {piece.text for piece in line.pieces if piece.strong}
            assert strong <= {each.result.title for each in found.findings} | {e.cell.label for e in found.findings}
            assert not any("**" in piece.text for piece in line.pieces if not piece.strong)
