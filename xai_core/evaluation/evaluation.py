"""What a model said of every picture, and the figures that follow; all of them are computed from the probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.evaluation import measures
from xai_core.evaluation.confusions import Confusion, in_one_sentence, most_frequent
from xai_core.evaluation.interval import wilson
from xai_core.evaluation.measures import Bin, ClassScore
from xai_core.sentence import Headline

if TYPE_CHECKING:
    from xai_core.evaluation.evaluate import Evaluate

ELSE = "another class"  # the last column where the model knows classes that the data set has not


@dataclass(frozen=True)
class Judged:
    """One picture: `truth` is a row of the matrix and `named` a column; `probability` is that of what was named."""

    item: int  # its number in the data set
    name: str
    truth: int
    named: int
    label: str  # what the model called it
    probability: float

    @property
    def right(self) -> bool:
        return self.truth == self.named


@dataclass(frozen=True, eq=False)
class Evaluation:
    """N pictures, M classes that model and data set share, K classes of the model."""

    request: Evaluate
    title: str  # of the model
    dataset: str  # its title
    classes: tuple[str, ...]  # M, as the data set calls them
    labels: tuple[str, ...] = field(repr=False)  # K
    label_of: tuple[int, ...] = field(repr=False)  # M: the model's number of each shared class
    items: tuple[int, ...] = field(repr=False)  # N: numbers of the data set's items
    names: tuple[str, ...] = field(repr=False)  # N
    truths: NDArray[np.int64] = field(repr=False)  # (N,), rows of the matrix
    probabilities: NDArray[np.float32] = field(repr=False)  # (N, K)
    where: str  # "held-out", ... or ""
    notes: tuple[str, ...]  # what has to be said beside the figures, whole sentences
    seconds: float

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What pictures can be named: the shared classes, and "another class" where the model knows others."""
        return self.classes + ((ELSE,) if len(self.labels) > len(self.classes) else ())

    @cached_property
    def named(self) -> NDArray[np.int64]:
        """(N,): the column of the likeliest class."""
        column = np.full(len(self.labels), len(self.classes))
        column[list(self.label_of)] = np.arange(len(self.classes))
        found: NDArray[np.int64] = column[self.probabilities.argmax(axis=1)]
        return found

    @cached_property
    def sureness(self) -> NDArray[np.float64]:
        """(N,): the probability of the likeliest class."""
        found: NDArray[np.float64] = self.probabilities.max(axis=1).astype(np.float64)
        return found

    @cached_property
    def matrix(self) -> NDArray[np.int64]:
        """(M, columns): pictures by true class and by what they were named."""
        return measures.confusion(self.truths, self.named, len(self.classes), len(self.columns))

    @cached_property
    def right(self) -> int:
        return int((self.truths == self.named).sum())

    @property
    def accuracy(self) -> float:
        return self.right / len(self.items)

    @cached_property
    def interval(self) -> tuple[float, float]:
        """95 % of the accuracy (Wilson 1927)."""
        return wilson(self.right, len(self.items))

    @cached_property
    def scores(self) -> tuple[tuple[ClassScore, ...], ClassScore, ClassScore]:
        """Each class, the plain average, and the average by pictures; see `measures.class_scores`."""
        return measures.class_scores(self.truths, self.named, self.classes)

    @cached_property
    def bins(self) -> tuple[Bin, ...]:
        """How often the model is right when it is so sure."""
        return measures.reliability(self.sureness, self.truths == self.named)

    @cached_property
    def calibration_error(self) -> float:
        """Expected calibration error over the bins, 0 to 1; the formula is in `measures`."""
        return measures.calibration_error(self.bins)

    @cached_property
    def calibration_luck(self) -> float:
        """What the calibration error may come to by luck alone, with as many pictures."""
        return measures.calibration_luck(self.sureness)

    @cached_property
    def brier(self) -> float:
        """0 (perfect) to 2; the formula is in `measures`."""
        return measures.brier(np.array(self.label_of)[self.truths], self.probabilities)

    @cached_property
    def confusion(self) -> Confusion | None:
        """The most frequent mistake."""
        return most_frequent(self.matrix, self.classes, self.columns)

    def judged(self, place: int) -> Judged:
        """The picture at that place, 0 to N - 1."""
        label = self.labels[int(self.probabilities[place].argmax())]
        truth, named = int(self.truths[place]), int(self.named[place])
        return Judged(self.items[place], self.names[place], truth, named, label, float(self.sureness[place]))

    def cell(self, truth: int, named: int) -> tuple[Judged, ...]:
        """The pictures of one cell of the matrix, surest first."""
        return self._surest((self.truths == truth) & (self.named == named))

    def mistakes(self, count: int = 20) -> tuple[Judged, ...]:
        """The wrong answers that the model was surest of, surest first."""
        return self._surest(self.truths != self.named)[:count]

    def _surest(self, chosen: NDArray[np.bool_]) -> tuple[Judged, ...]:
        places = np.flatnonzero(chosen)
        return tuple(self.judged(int(place)) for place in places[np.argsort(-self.sureness[places], kind="stable")])

    def sentence(self) -> Headline:
        """The answer in one sentence, with what always naming the commonest class would get."""
        shared, known = len(self.classes), len(self.labels)
        classes = f"{known:,} classes" if shared == known else f"{shared:,} of its {known:,} classes"
        supports = tuple(int(count) for count in self.matrix.sum(axis=1))
        pieces = in_one_sentence(self.title, classes, self.right, supports, self.where, self.confusion)
        return Headline(pieces)
