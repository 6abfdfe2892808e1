"""One pass a picture for all that a map needs: a row of features, and what the model says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.errors import UnsupportedMethod
from xai_core.features.answers import answers
from xai_core.features.features import features
from xai_core.features.located import Located
from xai_core.progress import Progress, part

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.hub import Hub

KIND = "features, average"  # as `features` keeps them: a layer that was read there is not computed again
NOTE = "looking at pictures,"
BEHIND = "what {} reads"  # where a layer's name stands for what goes into it


@dataclass(frozen=True, eq=False)
class Seen:
    """What a model makes of N pictures, in their order."""

    rows: NDArray[np.float32] = field(repr=False)  # (N, D)
    probabilities: NDArray[np.float32] = field(repr=False)  # (N, K)
    layer: str  # in words


def look(hub: Hub, model: str, layer: str, pictures: Sequence[Located], progress: Progress) -> Seen:
    """At `layer`, averaged over space; "" is what the last linear layer reads. Errors as `features`.

    Where a model has no such linear layer, "" is its last layer with a grid, and the answers take passes of their own.
    """
    import torch

    from xai_core.embedding import penultimate

    classifier = hub.classifier(model)
    head = penultimate.head_of(classifier)
    if not head:
        return _without_head(hub, model, layer, pictures, progress)
    behind = BEHIND.format(head)
    found = _rows(classifier, head, (layer, behind) if layer else (behind,), pictures, progress)
    logits = penultimate.answers(classifier, head, torch.from_numpy(found[behind]))
    shown = layer or f"{behind} (the last but one)"
    return Seen(found[layer or behind], logits.softmax(1).numpy(), shown)


def look_at(classifier: Classifier, layer: str, of: str, square: NDArray[np.uint8]) -> Seen:
    """One picture that belongs to no data set: its square (S, S, 3) -> one row, as `look` or `attributed.maps`."""
    import torch

    from xai_core.embedding import attributed, penultimate
    from xai_core.embedding.request import ACTIVATIONS

    x, head = classifier.encode(square), penultimate.head_of(classifier)
    with torch.inference_mode():
        probabilities = classifier.prepared(x).float().softmax(1).cpu().numpy()
    if of != ACTIVATIONS:
        return Seen(attributed.map_of(classifier, of, x), probabilities, layer)
    chosen = layer or (BEHIND.format(head) if head else last_grid(classifier))
    found = _Passes(classifier, head).hooked(x, (chosen,))[chosen]
    return Seen(found.float().cpu().numpy(), probabilities, chosen)


def _rows(
    classifier: Classifier, head: str, wanted: Sequence[str], pictures: Sequence[Located], progress: Progress
) -> dict[str, NDArray[np.float32]]:
    from xai_core.batches import batch_size
    from xai_core.features.pooled import check
    from xai_core.features.rows import rows

    behind = BEHIND.format(head)
    check(classifier, [layer for layer in wanted if layer != behind])
    compute = _Passes(classifier, head).compute
    return rows(classifier, wanted, pictures, KIND, compute, batch_size(classifier.device, False), progress, NOTE)


class _Passes:
    """Passes of one classifier: by the quick path where only what its head reads is wanted."""

    def __init__(self, classifier: Classifier, head: str) -> None:
        self._classifier, self._head, self._behind = classifier, head, BEHIND.format(head)
        self._trunk: Callable[[Tensor], Tensor] | None = None

    def compute(self, x: Tensor, wanted: Sequence[str]) -> dict[str, Tensor]:
        if tuple(wanted) == (self._behind,):
            return {self._behind: self._quick(x)}
        return self.hooked(x, wanted)

    def _quick(self, x: Tensor) -> Tensor:
        from xai_core.embedding import penultimate

        if self._trunk is None:
            self._trunk = penultimate.trunk(self._classifier, self._head)
        return self._trunk(x)

    def hooked(self, x: Tensor, wanted: Sequence[str]) -> dict[str, Tensor]:
        import torch

        from xai_core import hooks
        from xai_core.features.pooled import averaged, single

        found: dict[str, list[Tensor]] = {layer: [] for layer in wanted}
        module = self._classifier.module

        def reader(layer: str) -> Callable[[Tensor], None]:
            return lambda output: found[layer].append(averaged(output, layer, "average"))

        named = {layer: reader(layer) for layer in wanted if layer != self._behind}
        with torch.inference_mode(), hooks.reading(module, named), ExitStack() as also:
            if self._behind in wanted:
                also.enter_context(hooks.entering(module, self._head, lambda x: found[self._behind].append(x.clone())))
            module(x)
        return single(found, len(x))


def _without_head(hub: Hub, model: str, layer: str, pictures: Sequence[Located], progress: Progress) -> Seen:
    classifier = hub.classifier(model)
    chosen = layer or last_grid(classifier)
    rows = features(hub, model, (chosen,), pictures, "average", part(progress, 0.0, 0.5))[chosen]
    logits = answers(hub, model, pictures, part(progress, 0.5, 1.0))
    return Seen(rows, _softmax(logits), chosen)


def last_grid(classifier: Classifier) -> str:
    """The layer that stands in for what a last linear layer reads; UnsupportedMethod where there is none either."""
    if not classifier.layers:
        raise UnsupportedMethod(f"{classifier.name} ends in no linear layer that could be mapped. Choose a layer.")
    return classifier.layers[-1].name


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: NDArray[np.float32] = grown / grown.sum(axis=1, keepdims=True)
    return found
