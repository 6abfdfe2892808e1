"""A picture as a value: upright RGB pixels, and an identity that is the pixels' own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Picture:
    """Decoded pixels with their digest; equal when the pixels are, whatever the file was called."""

    digest: str  # SHA-256 of shape and pixels, hexadecimal
    name: str = field(compare=False)
    pixels: NDArray[np.uint8] = field(compare=False, repr=False)  # (H, W, 3) RGB, read-only
    notes: tuple[str, ...] = field(default=(), compare=False)  # what was converted on the way in, in words

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], name: str, notes: tuple[str, ...] = ()) -> Picture:
        """A picture of these pixels; ValueError unless (H, W, 3) uint8."""
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
            raise ValueError(f"pixels must be (H, W, 3) uint8, got {pixels.shape} {pixels.dtype}")
        kept = np.array(pixels, order="C")
        kept.setflags(write=False)
        digest = hashlib.sha256(repr(kept.shape).encode())
        digest.update(kept.data.cast("B"))  # in place: a copy of 40 megapixels would be 120 MB
        return cls(digest.hexdigest(), name, kept, notes)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])
