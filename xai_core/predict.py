"""What the model sees in a picture, before any explanation."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.cascade import ModelName
from xai_core.framing import Framed, Framing, frame
from xai_core.picture import Picture
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub

UNDECIDED = 0.5  # a top probability below this asks for care


@dataclass(frozen=True)
class Guess:
    """One class with its probability."""

    index: int
    label: str
    probability: float


@dataclass(frozen=True)
class Predict:
    """The request: all class probabilities of one picture."""

    model: ModelName
    picture: Picture
    framing: Framing

    def answer(self, hub: Hub, progress: Progress = silent) -> Prediction:
        progress(0.0, "loading the model")
        classifier = hub.classifier(self.model)
        framed = frame(self.picture.pixels, classifier.preprocess, self.framing)
        start = time.perf_counter()
        logits = hub.evidence(self.model, framed.square, 0).logits
        probabilities = logits.softmax(0).numpy()
        return Prediction(self, probabilities, classifier.labels, framed, time.perf_counter() - start)


@dataclass(frozen=True, eq=False)
class Prediction:
    """Probabilities (K,) with their labels, and the square that was judged."""

    request: Predict
    probabilities: NDArray[np.float32] = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)
    framed: Framed = field(repr=False)
    seconds: float

    def top(self, count: int = 5) -> tuple[Guess, ...]:
        """The likeliest classes, likeliest first."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return tuple(Guess(int(i), self.labels[i], float(self.probabilities[i])) for i in order)

    @property
    def undecided(self) -> bool:
        return bool(self.probabilities.max() < UNDECIDED)
