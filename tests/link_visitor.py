"""What a visitor of the tests of links has: pictures that nobody else has, alone or in the library."""

from __future__ import annotations

import numpy as np

from xai_core.datasets.dataset import Dataset, save
from xai_core.picture import Picture


def drawn(seed: int) -> Picture:
    """Noise that nobody else has."""
    return Picture.of(np.random.default_rng(seed).integers(0, 255, (24, 24, 3), np.uint8), f"{seed}.png")


def two_kinds() -> Dataset:
    """Four such pictures in the library, of two classes in turn."""
    return save("Two of them", ("a", "b"), [(drawn(n), f"{n}.png", n % 2, "") for n in range(4)], {})
