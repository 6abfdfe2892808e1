"""The headline at every stage, for every kind of answer, and in the voice that was agreed."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import asked, marked, planted

from xai_core.agreement import Agreement, agreement
from xai_core.explain import Explanation
from xai_core.framing import Framed
from xai_core.picture import Picture
from xai_core.predict import Predict, Prediction
from xai_core.sentence import Headline, headline, moves, percent
from xai_core.tenth import HiddenTenth, Tenth

LABELS = ("espresso", "tripod", "tiger cat", "Egyptian cat")
SURE, FAIR = (0.95, 0.03, 0.01, 0.01), (0.7, 0.2, 0.05, 0.05)
CLOSE, APART = (0.03, 0.2, 0.39, 0.36), (0.4, 0.1, 0.15, 0.12)
KEYS = ("gradcam", "gradient", "gradient_x_input", "smoothgrad", "occlusion", "rise")


def told(shares: tuple[float, ...], labels: tuple[str, ...] = LABELS) -> Prediction:
    picture = Picture.of(np.zeros((4, 4, 3), np.uint8), "dark")
    request = Predict("planted", picture, asked().framing)
    square = Framed(np.zeros((4, 4, 3), np.uint8), (0.0, 0.0, 4.0, 4.0))
    return Prediction(request, np.array(shares, np.float32), labels[: len(shares)], square, 0.1)


def tenth(
    before: float, after: float | None, elsewhere: tuple[float, ...] = (0.93,), key: str = "gradcam"
) -> HiddenTenth:
    from xai_core.method import methods

    others = None if after is None else np.array(elsewhere, np.float32)
    reasons = ("It marks nothing.",) if after is None else ()
    return HiddenTenth(Tenth(asked(key)), methods()[key].title, "espresso", before, after, others, 0.1, reasons, 0.0)


def compared(together: tuple[bool | None, ...], place: str = "around the middle") -> Agreement:
    titles = tuple(f"Method {i}" for i in range(len(together)))
    size = len(titles)
    undefined = tuple("" for _ in titles)
    overlaps = tuple(None if each is None else 0.5 for each in together)
    return Agreement(titles, undefined, np.eye(size), np.ones((28, 28), np.float32), overlaps, together, place, None)


def found(*blank: bool) -> list[Explanation]:
    bump = np.eye(7, dtype=np.float32)
    return [marked(0 * bump if each else bump, asked(key)) for key, each in zip(KEYS, blank, strict=False)]


def test_a_sure_model_with_everything_measured() -> None:
    maps, six = found(*[False] * 6), (True,) * 5 + (False,)
    whole = headline(told(SURE), maps, [tenth(0.95, 0.31)], compared(six))
    assert whole.text == (
        "It says espresso and is sure (95 %). Five of six methods point at the same place, around the middle; "
        "hiding the tenth that Grad-CAM marks drops espresso to 31 %, hiding a random tenth leaves 93 %."
    )
    assert {piece.text for piece in whole.pieces if piece.strong} == {"espresso"}
    assert whole.warning == ""


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        (SURE, "It says espresso and is sure (95 %)."),
        (FAIR, "It says espresso and is fairly sure (70 %)."),
        (CLOSE, "It leans to tiger cat (39 %), with Egyptian cat (36 %) close behind."),
        (APART, "It leans to espresso (40 %), ahead of tiger cat (15 %)."),
        ((0.9996, 0.0004), "It says espresso and is sure (over 99 %)."),
        ((0.4,), "It leans to espresso (40 %)."),
    ],
)
def test_the_verdict_alone_is_a_sentence(shares: tuple[float, ...], words: str) -> None:
    assert headline(told(shares)).text == words


def test_an_undecided_model_comes_with_a_warning() -> None:
    assert "with care" in headline(told(CLOSE)).warning
    assert headline(told(FAIR)).warning == ""


def test_another_class_than_the_likeliest_is_named_with_its_share() -> None:
    asked_about = headline(told(SURE), tenths=[tenth(0.03, 0.005, (0.03,))], target=1)
    assert asked_about.text == (
        "It says espresso and is sure (95 %). You asked about tripod (3 %). "
        "Hiding the tenth that Grad-CAM marks drops tripod to under 1 %, hiding a random tenth leaves 3 %."
    )
    assert headline(told(SURE), target=0).text == headline(told(SURE)).text


def test_a_contrast_names_both_classes() -> None:
    both = headline(told(CLOSE), target=2, rival=3)
    assert both.text.endswith(" You asked why tiger cat (39 %) and not Egyptian cat (36 %).")
    assert [piece.text for piece in both.pieces if piece.strong].count("Egyptian cat") == 2


@pytest.mark.parametrize(
    ("together", "words"),
    [
        ((True, True), "Both methods point at the same place, around the middle."),
        ((True,) * 3, "All three methods point at the same place, around the middle."),
        ((True, True, False, False), "Only two of four methods point at the same place, around the middle."),
        ((True, False), "The two methods point at different places."),
        ((False,) * 6, "The six methods point at different places."),
        ((True,) * 13 + (False,), "13 of 14 methods point at the same place, around the middle."),
        ((None,), "Method 0 points around the middle."),
    ],
)
def test_agreement_in_words(together: tuple[bool | None, ...], words: str) -> None:
    assert headline(told(SURE), agreement=compared(together)).text.split(". ", 1)[1] == words


def test_scattered_places_are_not_called_one_place() -> None:
    text = headline(told(SURE), agreement=compared((True, True, True), "in several places")).text
    assert text.endswith("All three methods point at the same few places.")
    alone = headline(told(SURE), agreement=compared((None,), "in several places")).text
    assert alone.endswith("Method 0 points in several places.")


def test_maps_that_found_nothing_are_told() -> None:
    assert headline(told(SURE), found(True)).text.endswith(" Grad-CAM found nothing to point at.")
    assert headline(told(SURE), found(True, True, True)).text.endswith(
        " None of the three methods found anything to point at."
    )
    some = headline(told(SURE), found(False, False, True), agreement=compared((True, True, None)))
    assert some.text.endswith(
        "Both methods point at the same place, around the middle; Gradient × input found nothing."
    )


def test_a_drop_that_chance_explains_is_told_as_such() -> None:
    text = headline(told(SURE), tenths=[tenth(0.95, 0.85, (0.8, 0.9))]).text
    assert text.endswith("hiding a random tenth leaves 85 %, so it matters no more than chance.")


def test_unchanged_and_risen_probabilities_are_not_called_a_drop() -> None:
    assert moves(0.951, 0.949) == "leaves"
    assert "marks leaves espresso at 95 %" in headline(told(SURE), tenths=[tenth(0.951, 0.949)]).text
    assert "marks raises espresso to 98 %" in headline(told(SURE), tenths=[tenth(0.95, 0.98)]).text


def test_the_first_figure_is_told_and_undefined_ones_are_passed_over() -> None:
    tenths = [tenth(0.95, None), tenth(0.95, 0.6, key="gradient"), tenth(0.95, 0.1, key="rise")]
    assert "that Gradient marks" in headline(told(SURE), tenths=tenths).text
    assert headline(told(SURE), tenths=tenths[:1]).text == headline(told(SURE)).text


@pytest.mark.parametrize("label", ["**bold**", "a_b_c", "$x$", "<b>cat</b>", ":red[no]", "100 % wool!"])
def test_class_names_stay_as_they_are(label: str) -> None:
    pieces = headline(told((0.95, 0.05), (label, "other"))).pieces
    assert [piece.text for piece in pieces if piece.strong] == [label]


def stages() -> list[Headline]:
    """Every combination of verdict, question and results that have or have not arrived."""
    maps: list[list[Explanation]] = [[], found(False), found(False, True), found(True, True)]
    tenths = [[], [tenth(0.95, 0.31)], [tenth(0.95, 0.95)], [tenth(0.95, None)]]
    together: list[Agreement | None] = [
        None,
        compared((None,)),
        compared((True, False, True)),
        compared((False, False)),
    ]
    questions: list[dict[str, Any]] = [{}, {"target": 1}, {"target": 1, "rival": 0}]
    rows = itertools.product((SURE, FAIR, CLOSE, APART), maps, tenths, together, questions)
    return [headline(told(shares), m, t, a, **question) for shares, m, t, a, question in rows]


def test_every_stage_reads_as_whole_sentences_in_the_agreed_voice() -> None:
    for each in stages():
        text = each.text
        assert text.endswith(".")
        assert "  " not in text
        assert ".." not in text
        assert " ." not in text
        assert all(sentence[0].isupper() for sentence in text.split(". "))
        for word in ("prove", "because", "understand", "!", "None ", "nan"):
            assert word not in text.replace("None of the", "")
        assert not re.search(r"(?<!\d)0 %|100 %", text)


@given(st.floats(0, 1), st.floats(0, 1))
def test_percentages_never_overstate_and_keep_their_order(one: float, two: float) -> None:
    assert percent(one) not in ("0 %", "100 %")
    low, high = sorted((one, two))
    places = ["under 1 %", *(f"{i} %" for i in range(1, 100)), "over 99 %"]
    assert places.index(percent(low)) <= places.index(percent(high))


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "under 1 %"),
        (0.004, "under 1 %"),
        (0.01, "1 %"),
        (0.516, "52 %"),
        (0.996, "over 99 %"),
        (1.0, "over 99 %"),
    ],
)
def test_percentages_are_rounded_for_people(share: float, words: str) -> None:
    assert percent(share) == words


def test_measured_results_fit_together() -> None:
    hub = planted()
    request = asked("gradient", signed=False)
    explanation = hub.run(request)
    hidden = hub.run(Tenth(request))
    prediction = hub.run(Predict("planted", request.picture, request.framing))
    text = headline(prediction, [explanation], [hidden], agreement([explanation])).text
    assert text.startswith("It says cat and is sure (93 %). Gradient points towards the top right; hiding the ")
