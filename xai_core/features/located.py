"""A picture and where it lies: pixels are read when a network has to see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from xai_core.datasets.dataset import Dataset, Item
from xai_core.framing import Framing, Preprocess, frame
from xai_core.training.reading import Ahead, decoded

Located = tuple[Dataset, Item]


@contextmanager
def squares_of(pictures: Sequence[Located], preprocess: Preprocess) -> Iterator[Ahead]:
    """The pictures framed as the model was trained, by their number, decoded ahead until the block is left."""

    def square(number: int) -> NDArray[np.uint8]:
        data, item = pictures[number]
        return frame(data.picture(item).pixels, preprocess, Framing.AS_TRAINED).square

    with decoded(square, range(len(pictures))) as ahead:
        yield ahead
