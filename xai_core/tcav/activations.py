"""Activations of a concept's pictures and of those that it is held against, by picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.features.features import features
from xai_core.features.located import Located
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub
    from xai_core.tcav.settings import Pooling


@dataclass(frozen=True, eq=False)
class Activations:
    """Rows (N, D) of each layer; the same picture has the same bits in every set."""

    rows: dict[str, NDArray[np.float32]] = field(repr=False)
    places: dict[str, int] = field(repr=False)  # of a picture among them, by its digest

    @classmethod
    def of(
        cls,
        hub: Hub,
        model: str,
        layers: Sequence[str],
        pictures: Sequence[Located],
        pooling: Pooling,
        progress: Progress = silent,
    ) -> Activations:
        """Of distinct pictures; errors as `features`."""
        rows = features(hub, model, layers, pictures, pooling, progress)
        return cls(rows, {item.digest: place for place, (_, item) in enumerate(pictures)})

    def at(self, layer: str, pictures: Sequence[Located]) -> NDArray[np.float32]:
        """(n, D) of some of them, in their order."""
        return self.rows[layer][[self.places[item.digest] for _, item in pictures]]
