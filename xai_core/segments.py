"""Superpixels: cutting a picture into patches of similar colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALGORITHMS = ("quickshift", "slic")


def superpixels(square: NDArray[np.uint8], algorithm: str, patches: int, seed: int) -> NDArray[np.int64]:
    """(S, S, 3) uint8 -> (S, S) numbers of patches, 0 .. n-1, each in use.

    Quickshift (Vedaldi 2008) with the lime package's settings decides their number itself; `patches` guides
    SLIC (Achanta 2012) only, whose result has no chance in it.
    """
    from skimage.segmentation import quickshift, slic

    if algorithm == "slic":
        found = slic(square, n_segments=patches, compactness=10, sigma=1, start_label=0, channel_axis=-1)
    else:
        # bytes, not floats of 0 to 255: scikit-image rescales only integers, and colours counted in hundreds
        # would outweigh distance and shatter one picture of 33 patches into 308. `rng`, because the package's
        # own keyword for the seed no longer reaches quickshift.
        found = quickshift(square, kernel_size=4, max_dist=200, ratio=0.2, rng=seed)
    numbered: NDArray[np.int64] = np.unique(found, return_inverse=True)[1].reshape(found.shape)
    return numbered


def flattened(square: NDArray[np.uint8], patches: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The picture with each patch in its own mean colour, (S, S, 3), rounded down as a byte picture does."""
    sizes = np.bincount(patches.ravel())
    means = [np.bincount(patches.ravel(), weights=square[..., channel].ravel()) / sizes for channel in range(3)]
    return np.stack(means, axis=-1)[patches].astype(np.uint8)


def outlined(square: NDArray[np.uint8], patches: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The picture with the patches' borders drawn in yellow, (S, S, 3)."""
    from skimage.segmentation import mark_boundaries

    drawn = mark_boundaries(square, patches, color=(1, 1, 0))
    pixels: NDArray[np.uint8] = np.round(drawn * 255).astype(np.uint8)
    return pixels
