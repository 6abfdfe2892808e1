"""The figures of an evaluation against scikit-learn and against sums done by hand, and what is said about them."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.calibration import calibration_curve
from sklearn.metrics import classification_report, confusion_matrix

from xai_core.errors import UnusableData
from xai_core.evaluation.evaluate import Evaluate
from xai_core.evaluation.evaluation import Evaluation
from xai_core.evaluation.interval import wilson
from xai_core.evaluation.matching import match, plain
from xai_core.evaluation.table import as_csv

STARTERS = ("grookin", "sobbit", "scorbun")


def evaluation(
    truths: list[int] | np.ndarray,
    probabilities: np.ndarray,
    classes: tuple[str, ...] = STARTERS,
    labels: tuple[str, ...] = STARTERS,
    label_of: tuple[int, ...] = (0, 1, 2),
    names: tuple[str, ...] | None = None,
) -> Evaluation:
    count = len(truths)
    return Evaluation(
        request=Evaluate("lite0", "starters", 1),
        title="ResNet-18",
        dataset="Starters",
        classes=classes,
        labels=labels,
        label_of=label_of,
        items=tuple(range(100, 100 + count)),
        names=names or tuple(f"{number}.png" for number in range(count)),
        truths=np.array(truths),
        probabilities=np.asarray(probabilities, np.float32),
        where="held-out",
        notes=(),
        seconds=1.0,
    )


def saying(named: list[int], sure: float = 0.8, classes: int = 3) -> np.ndarray:
    """Probabilities with `sure` on the class that is named."""
    found = np.full((len(named), classes), (1 - sure) / (classes - 1), np.float32)
    found[np.arange(len(named)), named] = sure
    return found


def random_one(count: int = 400, seed: int = 0) -> Evaluation:
    draws = np.random.default_rng(seed)
    return evaluation(draws.integers(0, 3, count), draws.dirichlet((0.7, 0.7, 0.7), count))


def test_the_table_and_the_scores_are_those_of_scikit_learn() -> None:
    found = random_one()
    named = found.probabilities.argmax(axis=1)
    np.testing.assert_array_equal(found.matrix, confusion_matrix(found.truths, named))
    report = classification_report(found.truths, named, target_names=STARTERS, output_dict=True)
    each, average, by_pictures = found.scores
    for score, name in [*zip(each, STARTERS, strict=True), (average, "macro avg"), (by_pictures, "weighted avg")]:
        theirs = report[name]
        assert (score.precision, score.recall, score.f1, score.support) == pytest.approx(
            (theirs["precision"], theirs["recall"], theirs["f1-score"], theirs["support"])
        )
    assert found.accuracy == pytest.approx(report["accuracy"])


def test_what_is_undefined_is_not_a_number_and_does_not_spoil_the_average() -> None:
    found = evaluation([0, 0, 1, 1], saying([0, 0, 0, 0]))
    (grookin, sobbit, scorbun), average, _ = found.scores
    assert (grookin.precision, grookin.recall, grookin.support) == (0.5, 1.0, 2)
    assert np.isnan(sobbit.precision)
    assert (sobbit.recall, sobbit.support) == (0.0, 2)
    assert np.isnan(scorbun.recall)
    assert (average.precision, average.recall) == (0.25, 0.5)  # over the two classes that have pictures


def test_the_reliability_of_each_bin_is_that_of_scikit_learn() -> None:
    found = random_one()
    right = found.truths == found.named
    share, mean = calibration_curve(right, found.sureness, n_bins=10)
    filled = [item for item in found.bins if item.count]
    np.testing.assert_allclose([item.accuracy for item in filled], share)
    np.testing.assert_allclose([item.sureness for item in filled], mean)
    counts = [item.count for item in filled]
    assert sum(counts) == 400
    assert found.calibration_error == pytest.approx(np.average(np.abs(share - mean), weights=counts))


def test_calibration_by_hand() -> None:
    half_right = evaluation([0, 0, 1, 1], saying([0, 1, 1, 0], sure=0.75))
    assert half_right.calibration_error == pytest.approx(0.25)
    assert evaluation([0, 1], saying([0, 1], sure=1.0)).calibration_error == 0.0
    assert evaluation([1, 0], saying([0, 1], sure=1.0)).calibration_error == 1.0


def test_the_brier_score_is_the_mean_squared_distance_to_the_truth() -> None:
    found = random_one()
    assert found.brier == pytest.approx(np.square(found.probabilities - np.eye(3)[found.truths]).sum(axis=1).mean())
    assert evaluation([0, 1], saying([0, 1], sure=1.0)).brier == 0.0
    assert evaluation([1, 0], saying([0, 1], sure=1.0)).brier == 2.0


@pytest.mark.parametrize(("right", "total"), [(0, 12), (8, 10), (55, 60), (60, 60), (1, 1)])
def test_the_interval_is_wilsons_formula(right: int, total: int) -> None:
    z = norm.ppf(0.975)
    share = right / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    reach = z / (1 + z**2 / total) * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    assert wilson(right, total) == pytest.approx((middle - reach, middle + reach), abs=1e-12)


def test_a_cell_holds_its_pictures_surest_first() -> None:
    probabilities = saying([1, 1, 0, 1], sure=0.6)
    probabilities[3] = (0.05, 0.9, 0.05)
    found = evaluation([0, 0, 0, 0], probabilities)
    assert [judged.item for judged in found.cell(0, 1)] == [103, 100, 101]
    assert found.cell(2, 1) == ()
    first = found.cell(0, 1)[0]
    assert (first.name, first.label, first.right) == ("3.png", "sobbit", False)
    assert first.probability == pytest.approx(0.9)


def test_every_picture_is_in_exactly_one_cell_and_mistakes_are_off_the_diagonal() -> None:
    found = random_one(80)
    cells = {(t, p): {j.item for j in found.cell(t, p)} for t in range(3) for p in range(3)}
    assert sorted(item for cell in cells.values() for item in cell) == list(found.items)
    assert all(len(cell) == found.matrix[place] for place, cell in cells.items())
    wrong = found.mistakes(1000)
    assert {judged.item for judged in wrong} == set().union(*(c for (t, p), c in cells.items() if t != p))
    sureness = [judged.probability for judged in wrong]
    assert sureness == sorted(sureness, reverse=True)
    assert found.mistakes(3) == wrong[:3]


def test_classes_that_only_the_model_knows_are_one_more_column() -> None:
    labels = ("tench", "zebra", "daisy", "dalmatian")
    probabilities = np.array([[0.1, 0.7, 0.1, 0.1], [0.6, 0.2, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]])
    found = evaluation([1, 1, 0], probabilities, ("Dalmatian", "Zebra"), labels, (3, 1))
    assert found.columns == ("Dalmatian", "Zebra", "another class")
    np.testing.assert_array_equal(found.matrix, [[1, 0, 0], [0, 1, 1]])
    assert found.mistakes()[0].label == "tench"
    assert found.sentence().text == (
        "ResNet-18, 2 of its 4 classes, 67 % on 3 held-out pictures (always naming the commonest class: 67 %); "
        "its one mistake: it takes Zebra for another class (1 of 2)."
    )


@pytest.mark.parametrize(
    ("truths", "named", "words"),
    [
        ([0, 0, 1, 1, 1, 2], [0, 0, 0, 0, 1, 2], "67 % on 6 held-out pictures "
         "(always naming the commonest class: 50 %); most often takes sobbit for grookin (2 of 3)."),
        ([0, 0, 1, 1, 1, 2], [1, 0, 1, 0, 1, 2], "no two of its 2 mistakes are alike."),
        ([0, 0, 1], [0, 0, 0], "its one mistake: it takes sobbit for grookin (1 of 1)."),
        ([0, 1, 2], [0, 1, 2], "100 % on 3 held-out pictures (always naming the commonest class: 33 %); "
         "it takes none for another class."),
        ([0], [1], "ResNet-18, 3 classes, 0 % on 1 held-out picture (always naming the commonest class: 100 %)"),
    ],
)  # fmt: skip
def test_the_answer_in_one_sentence(truths: list[int], named: list[int], words: str) -> None:
    assert words in evaluation(truths, saying(named)).sentence().text


def test_of_equally_frequent_mistakes_the_one_that_spoils_more_of_its_class_is_told() -> None:
    found = evaluation([0] * 10 + [1] * 3, saying([2, 2] + [0] * 8 + [2, 2, 1]))
    assert found.confusion is not None
    assert (found.confusion.truth, found.confusion.count, found.confusion.of) == ("sobbit", 2, 3)
    strong = [piece.text for piece in found.sentence().pieces if piece.strong]
    assert strong == ["sobbit", "scorbun"]


def test_the_table_for_a_spreadsheet_has_every_picture_and_computes_nothing() -> None:
    names = ("=cmd|calc.png", 'a "quoted", name.png')
    classes = ("@grookin", "sobbit", "scorbun")
    data = as_csv(evaluation([0, 1], saying([0, 0], 0.5), classes=classes, labels=classes, names=names))
    assert data.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert first["picture"] == "'=cmd|calc.png"
    assert (first["true class"], first["model says"], first["right"]) == ("'@grookin", "'@grookin", "yes")
    assert second["picture"] == names[1]
    assert (second["right"], second["probability"], second["probability of scorbun"]) == ("no", "0.500000", "0.250000")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Golden_Retriever", "golden retriever"),
        ("t-shirt", "T shirt"),
        ("café", "cafe\u0301"),
        ("STRASSE", "straße"),
        ("  zebra ", "zebra"),
    ],
)
def test_names_agree_whatever_their_case_and_separators(one: str, other: str) -> None:
    assert plain(one) == plain(other)
    assert match((one, "x"), ("x", other)).label_of == (1, 0)


def test_names_that_differ_do_not_agree() -> None:
    assert plain("crane") != plain("cranes")
    assert plain("***") != plain("???")


def test_what_does_not_match_is_left_out_and_said() -> None:
    found = match(("zebra", "sobbit", "Daisy"), ("tench", "daisy", "zebra"))
    assert found.label_of == (2, None, 1)
    assert found.note == "2 of 3 classes are classes of the model too; pictures of “sobbit” are left out."
    assert match(STARTERS, STARTERS[::-1]).note == ""


def test_a_name_that_the_model_has_twice_is_not_guessed() -> None:
    found = match(("crane", "zebra"), ("crane", "zebra", "crane"))
    assert found.label_of == (None, 1)
    assert found.note == "The model has several classes called “crane”; these pictures are left out."


def test_an_exact_name_wins_over_a_similar_one() -> None:
    assert match(("Crane", "crane"), ("crane", "Crane")).label_of == (1, 0)


def test_two_classes_that_are_one_for_the_model_are_refused() -> None:
    with pytest.raises(UnusableData, match="“Zebra”, “zebra” are one class of the model"):
        match(("Zebra", "zebra"), ("ZEBRA", "tench"))


def test_nothing_in_common_is_explained_with_names() -> None:
    with pytest.raises(UnusableData, match=r"None of .* \(“grookin”, “sobbit”, “scorbun”\) .* and 2 more\)\. Rename"):
        match(STARTERS, ("a", "b", "c", "d", "e", "f", "g"))
