"""From pictures to one row of numbers each at some layers: every content passes the network once, and is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.batches import in_batches
from xai_core.errors import XaiError
from xai_core.features import kept
from xai_core.features.located import Located
from xai_core.framing import Framing, frame
from xai_core.progress import Progress
from xai_core.training.reading import decoded

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.features.kept import Row

VERSION = 1  # of how rows are computed; another one shares nothing with this
ANSWER = "the answer"  # where a layer's name stands for the network's logits

# pictures (B, 3, S, S) and the layers that are wanted -> rows (B, D) of each
Compute = Callable[["Tensor", Sequence[str]], dict[str, "Tensor"]]


def rows(
    classifier: Classifier,
    layers: Sequence[str],
    pictures: Sequence[Located],
    kind: str,
    compute: Compute,
    size: int,
    progress: Progress,
    note: str,
) -> dict[str, NDArray[np.float32]]:
    """Layer -> (N, D) in the order of `pictures`, from disk or by passes of at most `size` pictures.

    `kind` names all that a row depends on besides model, layer and picture. XaiError where a network's answer is not
    finite. What was computed before a run is stopped is kept.
    """
    digests = [item.digest for _, item in pictures]
    scopes = {layer: scope(classifier, layer, kind) for layer in layers}
    known = {layer: kept.read(named, digests) for layer, named in scopes.items()}
    lacking = {
        item.digest: (data, item) for data, item in pictures if any(item.digest not in each for each in known.values())
    }
    wanted = [layer for layer, found in known.items() if lacking.keys() - found.keys()]
    if wanted:
        fresh = _Fresh(classifier, wanted, list(lacking.values()), compute)
        try:
            fresh.look(size, progress, note)
        finally:
            for layer in wanted:
                kept.write(scopes[layer], fresh.true(layer))
        for layer in wanted:
            known[layer] = fresh.found[layer] | known[layer]
    return {layer: np.stack([found[digest] for digest in digests]) for layer, found in known.items()}


def scope(classifier: Classifier, layer: str, kind: str) -> str:
    """What rows of a layer are kept under: everything besides the picture that their bits depend on, never a name."""
    facts = (VERSION, classifier.fingerprint, classifier.preprocess, classifier.device.type, layer, kind)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


class _Fresh:
    """Rows as they are computed, by layer and by the digest that the picture is known under."""

    def __init__(
        self, classifier: Classifier, layers: Sequence[str], pictures: Sequence[Located], compute: Compute
    ) -> None:
        self._classifier, self._layers, self._pictures, self._compute = classifier, layers, pictures, compute
        self._changed: set[str] = set()  # files that no longer show what the manifest says
        self.found: dict[str, dict[str, Row]] = {layer: {} for layer in layers}

    def look(self, size: int, progress: Progress, note: str) -> None:
        """Pass all pictures through the network; OutOfMemory where not even one fits."""
        import torch

        with decoded(self._square, range(len(self._pictures))) as ahead:

            def work(start: int, stop: int) -> None:
                x = torch.from_numpy(ahead.batch(start, stop)).to(self._classifier.device)
                x = self._classifier.normalise(x.permute(0, 3, 1, 2).float() / 255)
                x = x.contiguous(memory_format=torch.channels_last)
                for layer, computed in self._compute(x, self._layers).items():
                    self._take(layer, start, computed)

            in_batches(len(self._pictures), size, work, progress, note)

    def true(self, layer: str) -> dict[str, Row]:
        """Those whose file still shows what its digest says."""
        return {digest: row for digest, row in self.found[layer].items() if digest not in self._changed}

    def _square(self, number: int) -> NDArray[np.uint8]:
        data, item = self._pictures[number]
        picture = data.picture(item)
        if picture.digest != item.digest:
            self._changed.add(item.digest)
        return frame(picture.pixels, self._classifier.preprocess, Framing.AS_TRAINED).square

    def _take(self, layer: str, start: int, computed: Tensor) -> None:
        if not bool(computed.isfinite().all()):
            raise XaiError(
                f"{self._classifier.name} answers with values that are not numbers at {layer}. Choose another model."
            )
        for number, row in enumerate(computed.float().cpu().numpy(), start):
            # a copy, so that one row does not keep its whole batch alive
            self.found[layer][self._pictures[number][1].digest] = row.copy()
