"""Train a small classifier on a data set of the library; the result is a model of the library like any other."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xai_core import own_model
from xai_core.catalogue import MINE
from xai_core.datasets.dataset import Dataset
from xai_core.evaluation.confusions import Confusion, in_one_sentence, most_frequent
from xai_core.evaluation.interval import wilson
from xai_core.evaluation.selection import digests
from xai_core.library import entries
from xai_core.library.home import in_words
from xai_core.names import safe_label
from xai_core.progress import Progress, part, silent
from xai_core.sentence import Headline
from xai_core.training.curves import Epoch, journal
from xai_core.training.recipe import Recipe, as_json
from xai_core.training.source import dataset_of
from xai_core.training.split import PARTS, Split, counts, split

if TYPE_CHECKING:
    from xai_core.hub import Hub
    from xai_core.training.session import Fitted


@dataclass(frozen=True)
class Train:
    """The request. `run` names this very training for `log_of` and `finish`: 1 to 64 letters, digits, "-", "_"."""

    dataset: str
    revision: int
    recipe: Recipe
    title: str
    run: str

    def answer(self, hub: Hub, progress: Progress = silent) -> Trained:
        """UnusableData where the pictures do not suffice; nothing is kept when it fails or is cancelled."""
        from xai_core.training.session import Session

        begun = time.monotonic()
        progress(0.0, "splitting the pictures")
        data = dataset_of(self.dataset, self.revision)
        parts = split(data, self.recipe)
        with in_words(f"The model {safe_label(self.title)} was not trained"), journal(self.run) as notes:
            progress(0.01, "loading the model")
            fitted = Session(hub, self.recipe, data, parts, notes, begun).run(part(progress, 0.02, 0.97))
        progress(0.97, "saving the model")
        matrix = _matrix(fitted, data, parts)
        right, supports = int(np.trace(matrix)), counts(data, parts)
        test = Tested(right, len(parts.test), wilson(right, len(parts.test)))
        facts = _facts(self, data, parts, fitted, test)
        key = entries.create("models", self.title, lambda folder: _fill(folder, self.title, fitted, data, facts))
        confusion = most_frequent(matrix, data.classes, data.classes)
        left_out = (parts.copies, parts.contradictions)
        seconds = time.monotonic() - begun
        return Trained(self, MINE + key, fitted.epochs, fitted.best, supports, left_out, test, confusion, seconds)


@dataclass(frozen=True)
class Tested:
    """How many of the test part's pictures were right, and the 95 % interval (Wilson) of that share."""

    right: int
    of: int
    interval: tuple[float, float]

    @property
    def accuracy(self) -> float:
        return self.right / self.of


@dataclass(frozen=True)
class Trained:
    """What came of it."""

    request: Train
    name: str  # of the model: "mine/<key>"
    curves: tuple[Epoch, ...] = field(repr=False)
    best: int  # the number of the epoch that was kept
    counts: dict[str, dict[str, int]] = field(repr=False, hash=False)  # pictures by part and class
    left_out: tuple[int, int]  # pictures that show the same as another; pictures whose content has two labels
    test: Tested
    confusion: Confusion | None  # the most frequent mistake in the test part
    seconds: float

    @property
    def epochs(self) -> int:
        return len(self.curves)

    @property
    def accuracy(self) -> float:
        """On the test part, 0 to 1."""
        return self.test.accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, of the accuracy."""
        return self.test.interval

    def sentence(self) -> Headline:
        """The answer in one sentence."""
        title, supports = safe_label(self.request.title), tuple(self.counts["test"].values())
        pieces = in_one_sentence(
            title, f"{len(supports):,} classes", self.test.right, supports, "held-out", self.confusion
        )
        return Headline(pieces)


def _matrix(fitted: Fitted, data: Dataset, parts: Split) -> NDArray[np.int64]:
    matrix = np.zeros((len(data.classes),) * 2, np.int64)
    truths = np.array([data.items[number].label for number in parts.test])
    np.add.at(matrix, (truths, fitted.predicted), 1)
    return matrix


def _fill(folder: Path, title: str, fitted: Fitted, data: Dataset, facts: dict[str, Any]) -> dict[str, Any]:
    classifier = fitted.network.finished(safe_label(title), data.classes)
    own_model.write(folder, safe_label(title), fitted.network.architecture, classifier, facts)
    return {}


def _facts(request: Train, data: Dataset, parts: Split, fitted: Fitted, test: Tested) -> dict[str, Any]:
    """For the model's card; `digests` tell which pictures it has seen, so that no test is on those."""
    return {
        "source": "trained",
        "dataset": {"key": data.key, "title": data.title, "revision": data.revision},
        "recipe": as_json(request.recipe),
        "counts": counts(data, parts),
        "curves": [asdict(epoch) for epoch in fitted.epochs],
        "best_epoch": fitted.best,
        "test": {"right": test.right, "of": test.of, "accuracy": test.accuracy, "interval": list(test.interval)},
        "digests": digests(data, {name: parts.part(name) for name in PARTS}),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
