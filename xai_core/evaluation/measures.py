"""The figures of an evaluation, by scikit-learn where it has them.

Calibration: pictures are put into ten bins by how sure the model is of the class it names, from 0 to 1 in equal steps.
The expected calibration error is the mean of |share that is right - mean sureness| over the bins, each weighted by its
pictures (Guo 2017, arXiv:1706.04599, equation 3). The Brier score is the mean over the pictures of the summed squared
differences between the probabilities and the truth (1 for the true class, else 0): from 0, perfect, to 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10
LUCKY = 100  # models made up to tell luck from error


@dataclass(frozen=True)
class ClassScore:
    """One class, or an average over classes. NaN where undefined: of what was never named, or has no pictures."""

    name: str
    precision: float  # of the pictures named so, the share that is so
    recall: float  # of the pictures that are so, the share named so
    f1: float
    support: int  # pictures


@dataclass(frozen=True)
class Bin:
    """Pictures of which the model was about equally sure."""

    low: float
    high: float
    count: int
    sureness: float  # mean probability of the named class; NaN in an empty bin
    accuracy: float  # share that is right; NaN in an empty bin


def confusion(truths: NDArray[np.int64], named: NDArray[np.int64], rows: int, columns: int) -> NDArray[np.int64]:
    """(rows, columns): pictures by true and by named class; `named` may go beyond the rows."""
    from sklearn.metrics import confusion_matrix

    found: NDArray[np.int64] = confusion_matrix(truths, named, labels=np.arange(columns))
    return found[:rows]


def class_scores(
    truths: NDArray[np.int64], named: NDArray[np.int64], classes: tuple[str, ...]
) -> tuple[tuple[ClassScore, ...], ClassScore, ClassScore]:
    """Each class, the plain average, and the average weighted by support.

    Averages are over classes that have pictures; one that was never named has a precision of 0 there.
    """
    from sklearn.metrics import precision_recall_fscore_support

    every = np.arange(len(classes))
    columns = precision_recall_fscore_support(truths, named, labels=every, zero_division=np.nan)
    each = tuple(
        ClassScore(name, float(p), float(r), float(f), int(s))
        for name, p, r, f, s in zip(classes, *columns, strict=True)
    )
    present = np.unique(truths)
    averages = []
    for name, kind in (("average", "macro"), ("average by pictures", "weighted")):
        p, r, f, _ = precision_recall_fscore_support(truths, named, labels=present, average=kind, zero_division=0)
        averages.append(ClassScore(name, float(p), float(r), float(f), len(truths)))
    return each, averages[0], averages[1]


def reliability(sureness: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Ten bins (low, high], the first one with 0; `sureness` (N,) in [0, 1]."""
    edges = np.arange(BINS + 1) / BINS
    places = np.clip(np.searchsorted(edges, sureness, side="left") - 1, 0, BINS - 1)
    found = []
    for place in range(BINS):
        inside = places == place
        count = int(inside.sum())
        mean, share = (float(v[inside].mean()) if count else float("nan") for v in (sureness, right))
        found.append(Bin(place / BINS, (place + 1) / BINS, count, mean, share))
    return tuple(found)


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """The expected calibration error, 0 to 1."""
    filled = [item for item in bins if item.count]
    return sum(item.count * abs(item.accuracy - item.sureness) for item in filled) / sum(b.count for b in filled)


def calibration_luck(sureness: NDArray[np.float64]) -> float:
    """The calibration error that a model whose sureness (N,) is right stays below 19 times of 20, by luck alone.

    Few pictures in a bin are seldom right exactly as often as expected: of 200, the error is 0.06 on average.
    """
    rng = np.random.default_rng(0)
    errors = [calibration_error(reliability(sureness, rng.random(len(sureness)) < sureness)) for _ in range(LUCKY)]
    return float(np.quantile(errors, 0.95))


def brier(labels: NDArray[np.int64], probabilities: NDArray[np.float32]) -> float:
    """0 to 2; `labels` (N,) are columns of `probabilities` (N, K)."""
    from sklearn.metrics import brier_score_loss

    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    return float(brier_score_loss(labels, exact, labels=np.arange(exact.shape[1]), scale_by_half=False))
