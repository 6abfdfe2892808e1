"""The control of the sanity check: an edge detector, which draws convincing maps and knows no model.

Adebayo 2018, arXiv:1810.03292, figure 1: maps that look like this one may owe nothing to what a network learned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.framing import Box, Framing, frame
from xai_core.picture import Picture
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub

TITLE = "Edge detector"


@dataclass(frozen=True)
class Edges:
    """The request: the edges of what a model sees of a picture."""

    model: str  # for its framing alone
    picture: Picture
    framing: Framing

    def answer(self, hub: Hub, progress: Progress = silent) -> EdgeMap:
        framed = frame(self.picture.pixels, hub.classifier(self.model).preprocess, self.framing)
        return EdgeMap(self, edges(framed.square), framed.box)


@dataclass(frozen=True, eq=False)
class EdgeMap:
    """How strong an edge runs through each pixel of the model's square."""

    request: Edges
    values: NDArray[np.float32] = field(repr=False)  # (S, S), >= 0
    box: Box


def edges(square: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Sobel's magnitude of the grey values: (S, S, 3) uint8 -> (S, S), >= 0."""
    from skimage.color import rgb2gray
    from skimage.filters import sobel

    found: NDArray[np.float32] = sobel(rgb2gray(square)).astype(np.float32)
    found.setflags(write=False)
    return found
