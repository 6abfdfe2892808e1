"""Which change at a layer raises a class, picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.errors import XaiError
from xai_core.features.located import Located
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.hub import Hub
    from xai_core.tcav.settings import Pooling


def gradients(
    hub: Hub,
    model: str,
    layers: Sequence[str],
    target: int,
    pictures: Sequence[Located],
    pooling: Pooling = "average",
    progress: Progress = silent,
) -> dict[str, NDArray[np.float32]]:
    """Layer -> (N, D) float32: d logit[target] / d activation, in the order of `pictures`, framed as in training.

    Added up over a layer's places, or all of it ("flatten"): the product with a direction v is how fast the logit
    rises when the row that `features` gives moves along v (Kim et al. 2018, equation 1). One pass there and back for
    all layers; zeros where the logit does not depend on a layer. Errors as `features`; XaiError for no such class.
    """
    return slopes(hub, model, layers, target, pictures, pooling, progress)[0]


def slopes(
    hub: Hub,
    model: str,
    layers: Sequence[str],
    target: int,
    pictures: Sequence[Located],
    pooling: Pooling = "average",
    progress: Progress = silent,
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    """The `gradients`, and the logits (N,) that they are of."""
    from xai_core.batches import batch_size
    from xai_core.features.pooled import check
    from xai_core.features.rows import ANSWER, rows

    classifier = hub.classifier(model)
    check(classifier, layers)
    check_class(classifier, target)

    def compute(x: Tensor, wanted: Sequence[str]) -> dict[str, Tensor]:
        found, logits = gradient_of(classifier, x, [layer for layer in wanted if layer != ANSWER], target, pooling)
        return found | ({ANSWER: logits[:, None]} if ANSWER in wanted else {})

    size, kind = batch_size(classifier.device, gradients=True), f"gradients, {pooling}, class {target}"
    note = "following the class back through the network,"
    found = rows(classifier, (*layers, ANSWER), pictures, kind, compute, size, progress, note)
    return {layer: found[layer] for layer in layers}, found[ANSWER][:, 0]


def check_class(classifier: Classifier, target: int) -> None:
    """XaiError for a class that the model does not have."""
    if not 0 <= target < len(classifier.labels):
        last = len(classifier.labels) - 1
        raise XaiError(f"{classifier.name} has classes 0 to {last}; there is no class {target}.")


def gradient_of(
    classifier: Classifier, x: Tensor, layers: Sequence[str], target: int, pooling: Pooling
) -> tuple[dict[str, Tensor], Tensor]:
    """The same for encoded pictures (B, 3, S, S): layer -> (B, D), and logits (B,), on the device."""
    import torch

    from xai_core import hooks
    from xai_core.features.pooled import added, check, single

    check(classifier, layers)
    found: dict[str, list[Tensor]] = {layer: [] for layer in layers}

    def reader(layer: str) -> Callable[[Tensor], Tensor]:
        return lambda output: attached(output, found[layer])

    with torch.enable_grad(), hooks.reading(classifier.module, {layer: reader(layer) for layer in layers}):
        logits = classifier.module(x)[:, target]
    outputs = single(found, len(x))
    moved = back(logits.sum(), list(outputs.values()))
    return {layer: added(each, layer, pooling) for layer, each in zip(outputs, moved, strict=True)}, logits.detach()


def attached(output: Tensor, found: list[Tensor]) -> Tensor:
    """Note an output that the graph goes through, or begins at; a copy goes on, which a layer behind may overwrite."""
    found.append(output if output.requires_grad else output.detach().requires_grad_())
    return found[-1].clone()


def back(score: Tensor, outputs: list[Tensor]) -> list[Tensor]:
    """d score / d output for each; zeros for one that the score does not depend on."""
    import torch

    if not score.requires_grad:
        return [torch.zeros_like(output) for output in outputs]
    return list(torch.autograd.grad(score, outputs, allow_unused=True, materialize_grads=True))
