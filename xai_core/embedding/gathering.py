"""What every layout of the same pictures shares: their features, the components, and who lies nearest to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding import attributed
from xai_core.embedding.checks import Distinct, distinct
from xai_core.embedding.distances import nearest
from xai_core.embedding.looking import look
from xai_core.embedding.pictures import pictures
from xai_core.embedding.quality import NEAREST
from xai_core.embedding.reduce import Projection, reduce
from xai_core.embedding.request import ACTIVATIONS, Source
from xai_core.progress import Progress, part, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub


@dataclass(frozen=True, eq=False)
class Gathered:
    """Of N pictures, n of which differ by their features."""

    probabilities: NDArray[np.float32] = field(repr=False)  # (N, K)
    layer: str  # where the features come from, in words
    features: Distinct = field(repr=False)  # (n, D)
    reduced: NDArray[np.float32] = field(repr=False)  # (n, d)
    projection: Projection = field(repr=False)
    neighbours: NDArray[np.int32] = field(repr=False)  # (N, k)
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Gather:
    """The request behind every `DrawMap`: remembered by itself, so that another layout begins at once."""

    model: str
    sources: tuple[Source, ...]
    layer: str
    of: str

    def answer(self, hub: Hub, progress: Progress = silent) -> Gathered:
        """Errors as `DrawMap`."""
        shown = pictures(self.sources)
        attributes = self.of != ACTIVATIONS
        # where maps are what is laid out, the layer only has to give the model's answers
        layer = "" if attributes else self.layer
        seen = look(hub, self.model, layer, shown.located, part(progress, 0.0, 0.4 if attributes else 0.9))
        rows, words, notes = seen.rows, seen.layer, tuple[str, ...]()
        if attributes:
            rows, words, notes = attributed.maps(hub, self.model, self.of, shown.located, part(progress, 0.4, 0.9))
        progress(0.9, "finding what differs most")
        differing = distinct(rows)
        reduced, projection = reduce(differing.rows, differing.centre, differing.scale)
        near = nearest(differing.rows[differing.of], NEAREST, part(progress, 0.92, 1.0))
        return Gathered(seen.probabilities, words, differing, reduced, projection, near, notes)
