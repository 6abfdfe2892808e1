"""Rows that say where a model looks instead of what it sees: those that are right for a wrong reason stand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.errors import UnsupportedMethod
from xai_core.explain import refusal
from xai_core.features.located import Located
from xai_core.method import Method, methods
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.evidence import Evidence
    from xai_core.hub import Hub

SIDE = 14  # places of a row at most, across and down; finer maps are averaged, for a pixel's shift is no difference
CHEAP = 1.0  # forward-and-backward passes of one picture
WORDS = "where {} points for the class that the model names"


def offered() -> tuple[Method, ...]:
    """The methods that are quick enough for thousands of pictures, cheapest first."""
    return tuple(card for card in methods().values() if card.params().passes() <= CHEAP)


def maps(
    hub: Hub, model: str, method: str, pictures: Sequence[Located], progress: Progress
) -> tuple[NDArray[np.float32], str, tuple[str, ...]]:
    """(N, h × w): each picture's map for the class that the model names, at the method's own resolution up to `SIDE`,
    its absolute values adding up to 1; where they come from in words, and what has to be said of them. A map that
    shows nothing is a row of zeros.

    UnsupportedMethod for a method that takes too long or has no meaning for the model.
    """
    from xai_core.batches import batch_size
    from xai_core.features.rows import rows

    card, classifier = methods().get(method), hub.classifier(model)
    if card is None or card not in offered():
        titles = ", ".join(each.title for each in offered())
        raise UnsupportedMethod(f"There can be a map of one of these methods: {titles}. Choose one.")
    if reason := refusal(card, classifier):
        raise UnsupportedMethod(reason)
    layer = WORDS.format(card.title)

    def compute(x: Tensor, wanted: Sequence[str]) -> dict[str, Tensor]:
        return {layer: _maps(classifier, card, x)}

    size, note = batch_size(classifier.device, gradients=True), f"{card.title} of pictures,"
    made = rows(classifier, (layer,), pictures, f"heatmap, {SIDE}", compute, size, progress, note)[layer]
    blank = int((~made.any(axis=1)).sum())
    return made, layer, (_nothing(card.title, blank),) if blank else ()


def _nothing(title: str, blank: int) -> str:
    if blank == 1:
        return f"In 1 picture {title} found nothing: its row is empty."
    return f"In {blank:,} pictures {title} found nothing; they lie on one point."


def map_of(classifier: Classifier, method: str, x: Tensor) -> NDArray[np.float32]:
    """As a row of `maps`, (1, h × w), for one normalised picture (1, 3, S, S)."""
    found: NDArray[np.float32] = _maps(classifier, methods()[method], x).float().cpu().numpy()
    return found


def _maps(classifier: Classifier, card: Method, x: Tensor) -> Tensor:
    """(B, h × w) for normalised pictures (B, 3, S, S)."""
    import torch
    from torch.nn import functional as F

    from xai_core.evidence import Batched

    pixels = (classifier.denormalise(x) * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
    with torch.inference_mode():
        targets = classifier.prepared(x).argmax(1).tolist()
    group: list[Evidence] = [*Batched.of(classifier, list(pixels), targets)]
    values = torch.stack([card.run(each, card.params(), silent).values.float() for each in group])
    if max(values.shape[1:]) > SIDE:
        values = F.adaptive_avg_pool2d(values, (min(SIDE, values.shape[1]), min(SIDE, values.shape[2])))
    flat = values.flatten(1)
    return flat / flat.abs().sum(dim=1, keepdim=True).clamp(min=torch.finfo(flat.dtype).tiny)
