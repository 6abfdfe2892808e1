"""What is said of how sure a model is: luck with few pictures is not taken for an error."""

from __future__ import annotations

import numpy as np
import pytest

from pages.ui.models.figures import calibration_words
from xai_core.evaluation.evaluate import Evaluate
from xai_core.evaluation.evaluation import Evaluation


def judged(sureness: np.ndarray, right: np.ndarray) -> Evaluation:
    """Of two classes; the model names the first, as sure as it is told."""
    count = len(sureness)
    return Evaluation(
        request=Evaluate("lite0", "starters", 1), title="Net", dataset="Starters", classes=("grookin", "sobbit"),
        labels=("grookin", "sobbit"), label_of=(0, 1), items=tuple(range(count)), names=("a.png",) * count,
        truths=np.where(right, 0, 1), probabilities=np.stack([sureness, 1 - sureness], 1).astype(np.float32),
        where="held-out", notes=(), seconds=1.0,
    )  # fmt: skip


@pytest.mark.parametrize("count", [20, 200, 2000])
def test_a_model_that_is_as_sure_as_it_should_be_is_hardly_ever_blamed(count: int) -> None:
    rng = np.random.default_rng(count)
    blamed = 0
    for _ in range(20):
        sureness = 0.5 + rng.beta(2, 1, count) / 2
        blamed += "about as often as it says" not in calibration_words(judged(sureness, rng.random(count) < sureness))
    assert blamed <= 4  # 1 of 20 is what luck may do


def test_one_that_is_too_sure_or_not_sure_enough_is_told_so() -> None:
    half, every = np.arange(200) % 2 == 0, np.full(200, True)
    too_sure = calibration_words(judged(np.full(200, 0.9), half))
    assert "it is surer than it should be (calibration error 40 %)" in too_sure
    assert "it is less sure than it could be" in calibration_words(judged(np.full(200, 0.6), every))


def test_errors_of_both_kinds_do_not_pass_for_one_of_them() -> None:
    sureness, right = np.where(np.arange(400) < 200, 0.95, 0.55), np.arange(400) % 4 < 3
    told = calibration_words(judged(sureness, right))
    assert "here surer than it should be, there less sure than it could be" in told
