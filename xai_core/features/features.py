"""What pictures look like to a network, halfway: one row of numbers for each picture and layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.features.located import Located
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.hub import Hub
    from xai_core.tcav.settings import Pooling


def features(
    hub: Hub,
    model: str,
    layers: Sequence[str],
    pictures: Sequence[Located],
    pooling: Pooling = "average",
    progress: Progress = silent,
) -> dict[str, NDArray[np.float32]]:
    """Layer -> (N, D) float32, in the order of `pictures`, which are framed as the model was trained.

    The mean over a layer's places, its vector where it has no places, or all its numbers ("flatten"). One pass a
    picture for all layers that are not on disk. A row depends on what else was in its batch by rounding alone (a
    relative 1e-6). UnsupportedMethod for a layer without such rows, OutOfMemory where not even one picture fits.
    """
    import torch

    from xai_core import hooks
    from xai_core.batches import batch_size
    from xai_core.features.pooled import averaged, check, single
    from xai_core.features.rows import rows

    classifier = hub.classifier(model)
    check(classifier, layers)

    def compute(x: Tensor, wanted: Sequence[str]) -> dict[str, Tensor]:
        found: dict[str, list[Tensor]] = {layer: [] for layer in wanted}

        def reader(layer: str) -> Callable[[Tensor], None]:
            return lambda output: found[layer].append(averaged(output, layer, pooling))

        # the mean is taken at once: a layer behind may overwrite the output, and all grids together may not fit
        with torch.inference_mode(), hooks.reading(classifier.module, {layer: reader(layer) for layer in wanted}):
            classifier.module(x)
        return single(found, len(x))

    size, note = batch_size(classifier.device, gradients=False), "looking at pictures,"
    return rows(classifier, layers, pictures, f"features, {pooling}", compute, size, progress, note)
