"""One picture, one class, one method -> one map with everything needed to caption and reproduce it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from xai_core.cascade import ModelName
from xai_core.details import Detail
from xai_core.errors import UnsupportedMethod, XaiError
from xai_core.framing import Box, Framing, frame
from xai_core.knobs import Params, settings
from xai_core.method import Method, methods
from xai_core.picture import Picture
from xai_core.progress import Progress, silent
from xai_core.provenance import Provenance

if TYPE_CHECKING:
    from xai_core.classifier import Classifier
    from xai_core.evidence import Finding
    from xai_core.hub import Hub


@dataclass(frozen=True)
class Explain:
    """The request, as a hashable value."""

    model: ModelName
    picture: Picture
    framing: Framing
    target: int  # class index, 0 .. K-1
    method: str
    params: Params

    def answer(self, hub: Hub, progress: Progress = silent) -> Explanation:
        """UnsupportedMethod where the method has no meaning; XaiError where the result is not finite."""
        card, classifier = methods()[self.method], hub.classifier(self.model)
        if reason := refusal(card, classifier):
            raise UnsupportedMethod(reason)
        if not 0 <= self.target < len(classifier.labels):
            raise XaiError(
                f"{classifier.name} has classes 0 to {len(classifier.labels) - 1}; there is no class {self.target}."
            )
        framed = frame(self.picture.pixels, classifier.preprocess, self.framing)
        evidence = hub.evidence(self.model, framed.square, self.target)
        start = time.perf_counter()
        finding = card.run(evidence, self.params, progress)
        seconds = time.perf_counter() - start
        values, reasons = _checked(finding, card)
        return Explanation(
            request=self,
            values=values,
            signed=finding.signed,
            status="blank" if reasons else "ok",
            reasons=reasons,
            box=framed.box,
            label=classifier.labels[self.target],
            probability=evidence.probability,
            seconds=seconds,
            details=finding.details,
            notes=finding.notes,
            provenance=Provenance.of(classifier),
        )


@dataclass(frozen=True, eq=False)
class Explanation:
    """A finished map. Arrays are read-only: answers are shared by everyone who asks the same."""

    request: Explain
    values: NDArray[np.float32] = field(repr=False)  # (h, w) at the method's own resolution, covering `box`
    signed: bool  # False: values >= 0
    status: Literal["ok", "blank"]
    reasons: tuple[str, ...]  # why it is blank, in words
    box: Box  # the part of the original picture that the map covers
    label: str  # the target class in words
    probability: float  # of the target, in [0, 1]
    seconds: float
    details: tuple[Detail, ...] = field(repr=False)
    notes: tuple[str, ...]
    provenance: Provenance

    @property
    def method(self) -> Method:
        return methods()[self.request.method]


def refusal(card: Method, classifier: Classifier) -> str | None:
    """Why this method has no meaning for this classifier, or None."""
    lacking = [need for need in card.needs if need not in classifier.traits]
    if not lacking:
        return None
    others = classifier.other_activations
    reasons = {
        "spatial": "it needs a layer that still knows where things are, and this model has none that we know of",
        "relu": f"it rewires ReLU, and this model also computes with {', '.join(others)}; half-rewired maps mislead"
        if others
        else "it rewires ReLU, and this model has none",
        "attention": "it reads attention weights, and this model has no attention layers",
    }
    return f"{card.title} does not apply to this model: {reasons[lacking[0]]}."


def _checked(finding: Finding, card: Method) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    values = finding.values.detach().float().cpu().numpy().copy()
    if not np.isfinite(values).all():
        raise XaiError(f"{card.title} came out infinite for this picture; try other settings or another picture.")
    values.setflags(write=False)
    if not values.any():
        return values, (f"{card.title} found nothing: every value of the map is exactly zero.",)
    if np.ptp(values) == 0:
        return values, (f"{card.title} found no difference between any two places of the picture.",)
    return values, ()


def parameters(params: Params) -> dict[str, str]:
    """The settings as words, for captions and reports."""
    return {setting.label: str(setting.value) for setting in settings(params)}
