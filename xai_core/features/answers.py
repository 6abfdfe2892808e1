"""What a network says to many pictures, kept on disk like its features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.features.located import Located
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.hub import Hub


def answers(
    hub: Hub, model: str, pictures: Sequence[Located], progress: Progress = silent, note: str = "looking at pictures,"
) -> NDArray[np.float32]:
    """Logits (N, K) in the order of `pictures`, framed as the model was trained, by the path prepared for inference.

    OutOfMemory where not even one picture fits.
    """
    import torch

    from xai_core.batches import batch_size
    from xai_core.features.rows import ANSWER, rows

    classifier = hub.classifier(model)

    def compute(x: Tensor, wanted: Sequence[str]) -> dict[str, Tensor]:
        with torch.inference_mode():
            return {ANSWER: classifier.prepared(x)}

    size = batch_size(classifier.device, gradients=False)
    return rows(classifier, (ANSWER,), pictures, "logits", compute, size, progress, note)[ANSWER]
