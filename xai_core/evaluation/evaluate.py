"""Judge a model on pictures with known classes; what comes of it is in `evaluation`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets.dataset import Dataset
from xai_core.errors import UnusableData
from xai_core.evaluation.evaluation import Evaluation
from xai_core.evaluation.matching import Match, match
from xai_core.evaluation.selection import WHICH, Selection, Which, select
from xai_core.evaluation.subject import subject
from xai_core.names import safe_label
from xai_core.progress import Progress, part, silent
from xai_core.training.source import dataset_of

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.hub import Hub


@dataclass(frozen=True)
class Evaluate:
    """The request. "held out": what the model neither learned from nor was chosen by, as far as that is known."""

    model: str
    dataset: str
    revision: int
    split: Which = "held out"

    def __post_init__(self) -> None:
        if self.split not in WHICH:
            raise ValueError(f"split must be one of {', '.join(WHICH)}, got {self.split!r}")

    def answer(self, hub: Hub, progress: Progress = silent) -> Evaluation:
        """UnusableData where no class of the data set is one of the model's, or no picture is left."""
        begun = time.monotonic()
        progress(0.0, "loading the model")
        data = dataset_of(self.dataset, self.revision)
        title, facts = subject(self.model)
        classifier = hub.classifier(self.model)
        matched = match(data.classes, classifier.labels)
        chosen = select(data, self.split, facts)
        numbers = tuple(n for n in chosen.numbers if _label(data, matched, n) is not None)
        if not numbers:
            raise UnusableData(
                f"{matched.note} No picture of “{safe_label(data.title)}” is left to judge the model on."
            )
        probabilities = _probabilities(classifier, data, numbers, part(progress, 0.02, 1.0))
        return _evaluation(self, title, classifier.labels, data, matched, chosen, numbers, probabilities, begun)


def _label(data: Dataset, matched: Match, number: int) -> int | None:
    label = data.items[number].label
    return None if label is None else matched.label_of[label]


def _probabilities(
    classifier: Classifier, data: Dataset, numbers: tuple[int, ...], progress: Progress
) -> NDArray[np.float32]:
    """(N, K), by the path prepared for inference, pictures decoded ahead."""
    import torch

    from xai_core.training.reading import squares

    with squares(data, numbers, classifier.preprocess) as ahead:

        def pictures(start: int, stop: int) -> Tensor:
            x = torch.from_numpy(ahead.batch(start, stop)).to(classifier.device)
            return classifier.normalise(x.permute(0, 3, 1, 2).float() / 255)

        logits, _ = classifier.scores(len(numbers), pictures, progress, "looking at pictures,")
    found: NDArray[np.float32] = logits.softmax(1).numpy()
    return found


def _evaluation(
    request: Evaluate,
    title: str,
    labels: tuple[str, ...],
    data: Dataset,
    matched: Match,
    chosen: Selection,
    numbers: tuple[int, ...],
    probabilities: NDArray[np.float32],
    begun: float,
) -> Evaluation:
    kept = [c for c, label in enumerate(matched.label_of) if label is not None]
    label_of = tuple(label for label in matched.label_of if label is not None)
    truths = np.array([kept.index(data.items[number].label or 0) for number in numbers])
    return Evaluation(
        request=request,
        title=title,
        dataset=safe_label(data.title),
        classes=tuple(data.classes[c] for c in kept),
        labels=labels,
        label_of=label_of,
        items=numbers,
        names=tuple(data.items[number].name for number in numbers),
        truths=truths,
        probabilities=probabilities,
        where=chosen.where,
        notes=tuple(filter(None, (matched.note, *chosen.notes))),
        seconds=time.monotonic() - begun,
    )
