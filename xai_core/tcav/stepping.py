"""What a real step along a direction does to the answer, where a derivative speaks of the smallest step only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.features.located import Located, squares_of
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier

Exact = NDArray[np.float64]

STEPPED = 8  # pictures of a class: enough to tell most from half, and the dearest part of a test


def follows(
    classifier: Classifier,
    target: int,
    pictures: Sequence[Located],
    before: NDArray[np.float32],
    steps: Mapping[str, Exact],
    expected: Mapping[str, Exact],
    progress: Progress = silent,
) -> dict[str, float]:
    """Layer -> the share of pictures whose logit moves in the direction that the derivative says; nan of none.

    `before` (k,) are the logits as they are, `steps` (D,) are added at every place of each layer, `expected` (k,) are
    the derivatives along them. A derivative of 0 says nothing, and a logit that does not move does not follow.
    """
    import torch

    from xai_core.batches import batch_size, in_batches

    shown = pictures[:STEPPED]
    after: dict[str, list[Tensor]] = {layer: [] for layer in steps}

    with squares_of(shown, classifier.preprocess) as ahead:

        def work(start: int, stop: int) -> None:
            x = torch.cat([classifier.encode(each) for each in ahead.batch(start, stop)])
            for layer, step in steps.items():
                after[layer].append(stepped(classifier, x, layer, step)[:, target])

        size = batch_size(classifier.device, gradients=False)
        in_batches(len(shown), size, work, progress, "trying real steps, picture")
    count = len(shown)
    changes = {layer: torch.cat(after[layer]).numpy() - before[:count] for layer in steps}
    return {layer: _share(changes[layer], expected[layer][:count]) for layer in steps}


def stepped(classifier: Classifier, x: Tensor, layer: str = "", step: Exact | None = None) -> Tensor:
    """Logits (B, K) on the CPU of (B, 3, S, S), by the network itself, with `step` added to what `layer` answers.

    (C,) are added at each of its places, (C x places,) to all of it; tokens that have no place stay as they are.
    """
    import torch

    from xai_core import hooks
    from xai_core.features.pooled import spread

    def move(output: Tensor) -> Tensor:
        moved = output.clone()
        grid = spread(moved, layer)  # a view
        grid += torch.from_numpy(np.asarray(step, np.float32)).to(grid).view(grid.shape[1], -1)
        return moved

    with torch.inference_mode(), hooks.reading(classifier.module, {layer: move} if layer else {}):
        logits: Tensor = classifier.module(x).float().cpu()
    return logits


def _share(changes: NDArray[np.float32], expected: Exact) -> float:
    told = expected != 0
    return float((np.sign(changes[told]) == np.sign(expected[told])).mean()) if told.any() else float("nan")
