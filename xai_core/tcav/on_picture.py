"""What more of a concept, inside the network, would do to its answer about one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_core.framing import Framing, frame
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent
from xai_core.sentence import Headline, Piece, moves, percent
from xai_core.tcav.direction import Direction, Trained

if TYPE_CHECKING:
    from xai_core.hub import Hub

OTHERWISE = (
    "A real step does not do what the derivative says for this picture, so do not read the score of this layer as if "
    "it did."
)
FLAT = "The derivative is zero for this picture: a very small step changes nothing."


@dataclass(frozen=True)
class ConceptOnPicture:
    """The request: one picture, one class, and a step along a concept at a layer."""

    direction: Direction
    picture: Picture
    framing: Framing
    target: int

    def answer(self, hub: Hub, progress: Progress = silent) -> Moved:
        """XaiError for a class that the model does not have; other errors as `Direction`."""
        from xai_core.features.gradients import check_class, gradient_of
        from xai_core.tcav.stepping import stepped

        asked = self.direction
        trained: Trained = hub.run(asked, part(progress, 0.0, 0.9))
        classifier = hub.classifier(asked.model)
        check_class(classifier, self.target)
        square = frame(self.picture.pixels, classifier.preprocess, self.framing).square
        x = classifier.encode(square)
        found, _ = gradient_of(classifier, x, (asked.layer,), self.target, asked.settings.pooling)
        step = trained.spread * trained.vector
        logits = [stepped(classifier, x)[0], *(stepped(classifier, x, asked.layer, way * step)[0] for way in (1, -1))]
        probabilities = [float(each.softmax(0)[self.target]) for each in logits]
        before, more, less = (float(each[self.target]) for each in logits)
        return Moved(
            request=self,
            title=trained.title,
            label=classifier.labels[self.target],
            derivative=float(found[asked.layer][0].cpu().double().numpy() @ step),
            logits=(before, more, less),
            probabilities=(probabilities[0], probabilities[1], probabilities[2]),
            accuracy=trained.accuracy,
        )


@dataclass(frozen=True, eq=False)
class Moved:
    """Before, after a step towards the concept, after one away from it; a step is one standard deviation long."""

    request: ConceptOnPicture
    title: str  # the concept's
    label: str  # the class
    derivative: float  # logits a step, by the smallest of steps
    logits: tuple[float, float, float]
    probabilities: tuple[float, float, float]
    accuracy: float  # of the concept's CAVs on held-out pictures

    @property
    def agrees(self) -> bool:
        """Whether the logit moves as the derivative says."""
        return bool(self.derivative) and np.sign(self.logits[1] - self.logits[0]) == np.sign(self.derivative)

    @property
    def headline(self) -> Headline:
        """One sentence; the warning says where the step does not do what the derivative said."""
        before, more, less = self.probabilities
        verb = _verb(before, more)
        ending = f" at {percent(before)}" if verb == "leave" else f" from {percent(before)} to {percent(more)}"
        pieces = (
            Piece("For this picture, more "),
            Piece(self.title, strong=True),
            Piece(f" at {self.request.direction.layer} would {verb} "),
            Piece(self.label, strong=True),
            Piece(f"{ending}{_less(verb, before, less)}."),
        )
        return Headline(pieces, "" if self.agrees else OTHERWISE if self.derivative else FLAT)


def _less(more_would: str, before: float, less: float) -> str:
    verb = _verb(before, less)
    if verb == more_would == "leave" and percent(less) == percent(before):
        return ", and so would as much less of it"
    return f"; as much less of it would {verb} it {'at' if verb == 'leave' else 'to'} {percent(less)}"


def _verb(before: float, after: float) -> str:
    return {"raises": "raise", "drops": "lower", "leaves": "leave"}[moves(before, after)]
