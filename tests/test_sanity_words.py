"""What the sanity page says, above the player and at every stage, in the voice that was agreed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np
import pytest
from sanity_answers import FALLS, FORGETS, GONE, HALF, STAYS, one_at_a_time, run, surveyed

from xai_core.cascade import Cascade, Order
from xai_core.framing import Framing
from xai_core.sanity_words import headline, numbers, stage_says, stage_warning, stage_words
from xai_core.survey import Survey, Surveyed

METHODS = ("guided_backprop", "gradient", "gradcam", "smoothgrad", "guided_gradcam", "integrated_gradients")
NAN = float("nan")
NAMED = (
    "Guided backpropagation would not: with 2 of 4 blocks destroyed the model no longer knows espresso (1 %), "
    "yet the map is still 98 % the same. It shows the picture, not the model."
)
FORGOTTEN = "as the model forgets espresso (95 % to under 1 %), as"


def said(*ranks: Sequence[float], survey: Surveyed | None = None) -> str:
    survey = survey or surveyed()
    return headline(survey, [run(key, each, survey) for key, each in zip(METHODS, ranks, strict=False)]).text


@pytest.mark.parametrize(
    ("ranks", "words"),
    [
        ((), "The model is being destroyed block by block. An explanation of espresso that is about the model has to "
             "change with it."),
        ((FALLS,), f"The one map tested so far changes {FORGOTTEN} it should."),
        ((FALLS, FALLS), f"Both maps change {FORGOTTEN} they should."),
        ((FALLS,) * 3, f"All three maps change {FORGOTTEN} they should."),
        ((STAYS,), NAMED),
        ((STAYS, FALLS), f"{NAMED} One other changes, as it should."),
        ((STAYS, FALLS, FALLS), f"{NAMED} Two others change, as they should."),
        ((STAYS, STAYS), f"{NAMED} Gradient would not either."),
        ((STAYS, STAYS, STAYS, STAYS), f"{NAMED} Gradient, Grad-CAM and SmoothGrad would not either."),
        ((HALF,), "Guided backpropagation would notice only in part."),
        ((HALF, HALF, FALLS), "Guided backpropagation and Gradient would notice only in part. "
                              "One other changes, as it should."),
        ((STAYS, HALF, FALLS, FALLS), f"{NAMED} Gradient would notice only in part. "
                                      "Two others change, as they should."),
    ],
)  # fmt: skip
def test_the_headline_names_who_would_not_notice(ranks: tuple[Sequence[float], ...], words: str) -> None:
    assert said(*ranks) == words


def test_of_several_the_most_stubborn_is_named_whatever_the_order_they_finished_in() -> None:
    stubborn = (1.0, 1.0, 1.0, 1.0)
    assert said(STAYS, stubborn).startswith("Gradient would not: with 2 of 4 blocks destroyed")
    assert "still 100 % the same" in said(STAYS, stubborn)
    assert said(STAYS, stubborn).endswith("Guided backpropagation would not either.")


def test_what_is_nearly_the_same_is_never_called_a_hundred_percent() -> None:
    assert "still 99 % the same" in said((0.9999, 0.9999, 0.5, 0.5))


def test_the_deepest_stage_that_still_looks_the_same_is_told() -> None:
    assert "with 1 of 4 blocks destroyed the model no longer knows espresso (2 %), yet the map is still 95 %" in said(
        (0.95, 0.8, 0.1, 0.1)
    )
    assert "with 2 of 4 blocks destroyed" in said((0.85, 0.85, 0.1, 0.1))


def test_a_stage_without_a_map_is_not_told_as_the_same() -> None:
    text = said((0.85, NAN, 0.1, 0.1))
    assert "with 1 of 4 blocks destroyed" in text
    assert "still 85 % the same" in text


def test_maps_without_a_verdict_are_neither_blamed_nor_praised() -> None:
    assert said(GONE) == said()
    nothing = "No verdict on Gradient"
    assert said(STAYS, GONE) == f"{NAMED} {nothing}: too few maps to compare."
    assert said(GONE, FALLS).startswith(f"The one map tested so far changes {FORGOTTEN} it should. No verdict on ")


def test_a_model_that_still_knows_the_class_is_said_to_know_it() -> None:
    stubborn = surveyed((0.95, 0.9, 0.8, 0.02, 0.01))
    assert "the model still gives espresso (80 %), yet" in said(STAYS, survey=stubborn)


def test_one_block_at_a_time_is_told_by_the_blocks_name() -> None:
    survey = one_at_a_time((0.995, 0.02, 0.7, 0.9, 0.8))
    text = said((0.99, 0.98, 0.95, 0.3), survey=survey)
    assert "with blocks.0 alone destroyed the model still gives espresso (90 %), yet the map is still 95 %" in text
    undefined_at_first = said((NAN, NAN, 0.95, 0.8), survey=survey)
    assert "with blocks.0 alone destroyed" in undefined_at_first


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (0.9996, 0.0004, "(over 99 % to under 1 %)"),
        (1.0, 0.0, "(over 99 % to under 1 %)"),
        (0.39, 0.01, "(39 % to 1 %)"),
        (0.95, NAN, "(95 % to no answer)"),
    ],
)
def test_probabilities_are_rounded_for_people(first: float, last: float, words: str) -> None:
    assert words in said(FALLS, survey=surveyed((first, 0.3, 0.2, 0.1, last)))


@pytest.mark.parametrize("label", ["**bold**", "a_b_c", "$x$", "<b>cat</b>", ":red[no]", "100 % wool!", " spaced "])
@pytest.mark.parametrize("ranks", [(), (STAYS,), (FALLS,)])
def test_class_names_stay_as_they_are(label: str, ranks: tuple[Sequence[float], ...]) -> None:
    survey = surveyed(label=label)
    told = headline(survey, [run(key, each, survey) for key, each in zip(METHODS, ranks, strict=False)])
    assert [piece.text for piece in told.pieces if piece.strong][-1] == label
    assert stage_says(survey, survey.stages[0]) == f"It says {label} (95 %)."


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("probabilities", [FORGETS, (0.95, 0.9, 0.9, 0.9, 0.9), (0.02, NAN, NAN, NAN, NAN)])
def test_every_state_reads_as_whole_sentences_in_the_agreed_voice(order: Order, probabilities: Sequence[float]) -> None:
    survey = surveyed(probabilities, cascade=Cascade("lite0", order), dead=dict.fromkeys((3, 4), "it is silent"))
    gap = (0.9, NAN, NAN, 0.8)
    told = [
        said(*ranks, survey=survey)
        for count in range(4)
        for ranks in itertools.product((STAYS, HALF, FALLS, GONE, gap), repeat=count)
    ]
    told += [stage_says(survey, stage) for stage in survey.stages]
    told += [stage_warning(stage) for stage in survey.stages if stage.dead]
    for text in set(told):
        assert text.endswith(".")
        assert not re.search(r"  | \.|\.\.|\bnan\b|None|!", text)
        assert all(sentence[0].isupper() for sentence in re.split(r"(?<=[a-z)])\. ", text))
        for word in ("prove", "because", "understand"):
            assert word not in text
        assert "100 %" not in text
        assert not re.search(r"(?<!\d)0 %", text)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Order.TOP_DOWN, [
            "1 of 4 blocks destroyed: the part that names the answer",
            "2 of 4 blocks destroyed, now also the part that sees parts of objects",
            "3 of 4 blocks destroyed, now also the part that sees textures",
            "4 of 4 blocks destroyed, now also the part that sees edges and colours",
        ]),
        (Order.BOTTOM_UP, [
            "1 of 4 blocks destroyed: the part that sees edges and colours",
            "2 of 4 blocks destroyed, now also the part that sees textures",
            "3 of 4 blocks destroyed, now also the part that sees parts of objects",
            "4 of 4 blocks destroyed, now also the part that names the answer",
        ]),
        (Order.INDEPENDENT, [
            "Block 1 alone is destroyed: the part that names the answer",
            "Block 2 alone is destroyed: the part that sees parts of objects",
            "Block 3 alone is destroyed: the part that sees textures",
            "Block 4 alone is destroyed: the part that sees edges and colours",
        ]),
    ],
)  # fmt: skip
def test_every_stage_is_told_by_what_it_costs(order: Order, words: list[str]) -> None:
    survey = surveyed(cascade=Cascade("lite0", order))
    trained, *others = [stage_words(survey, stage) for stage in survey.stages]
    assert trained == "The trained model: nothing is destroyed yet"
    assert others == words


@pytest.mark.parametrize(
    ("probabilities", "words"),
    [
        (FORGETS[:2], ["It says espresso (95 %).", "It now says velvet (98 %); espresso has 2 %."]),
        ((0.995, 0.002), ["It says espresso (over 99 %).", "It now says velvet (over 99 %); espresso has under 1 %."]),
        ((0.95, 0.7), ["It says espresso (95 %).", "It still says espresso (70 %)."]),
        ((0.03, 0.01), ["It says velvet (97 %); espresso has 3 %.", "It now says velvet (99 %); espresso has 1 %."]),
        ((0.95, NAN), ["It says espresso (95 %).", "It no longer has an answer."]),
    ],
)
def test_the_network_is_quoted_at_every_stage(probabilities: Sequence[float], words: list[str]) -> None:
    survey = surveyed(probabilities)
    assert [stage_says(survey, stage) for stage in survey.stages] == words


def test_a_guess_that_is_hardly_meant_is_not_called_still_sure() -> None:
    survey = surveyed((1.0, 0.499), label="velvet", request=Survey(Cascade("lite0"), surveyed().request.picture,
                                                                 Framing.WHOLE, 2))  # fmt: skip
    assert survey.stages[1].top == 2
    assert stage_says(survey, survey.stages[1]) == "It still says velvet (50 %)."


def test_a_re_predicted_class_is_quoted_in_the_same_words() -> None:
    own = surveyed(request=Survey(Cascade("lite0"), surveyed().request.picture, Framing.WHOLE, 0, repredict=True))
    assert [stage.target for stage in own.stages] == [0, 2, 2, 2, 2]
    assert [stage_says(own, stage) for stage in own.stages] == [stage_says(surveyed(), s) for s in surveyed().stages]
    assert said(STAYS, survey=own) == NAMED


def test_a_dead_stage_is_called_dead_and_no_verdict() -> None:
    survey = surveyed(dead={3: "no change of any pixel changes its answer"})
    assert [stage_warning(stage) for stage in survey.stages] == [
        "", "", "",
        "The network is dead at this stage: no change of any pixel changes its answer. That is no verdict.",
        "",
    ]  # fmt: skip


def test_an_undefined_agreement_is_no_number() -> None:
    given = numbers(run("gradcam", (0.5, NAN, -0.25, 0.0)))
    assert given == (1.0, 0.5, None, -0.25, 0.0)
    assert all(value is None or type(value) is float for value in given)
    assert np.isnan(run("gradcam", (0.5, NAN, -0.25, 0.0)).ranks[2])
