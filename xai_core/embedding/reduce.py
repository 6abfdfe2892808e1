"""Fewer numbers a picture before the layout: the principal components, which hold most of what differs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

EXACT = 2048  # features up to which all components are solved for at once, which is quick
MOST = 50  # components, as is customary before t-SNE (van der Maaten & Hinton 2008, section 4.1)


@dataclass(frozen=True, eq=False)
class Projection:
    """From features (D,) to components (d,): first their mean is taken away and they are scaled, then turned."""

    mean: NDArray[np.float64] = field(repr=False)  # (D,) of the features
    scale: float
    components: NDArray[np.float32] = field(repr=False)  # (d, D)
    explained: NDArray[np.float64]  # (d,) share of the variance that each holds, largest first

    def apply(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features (M, D) -> (M, d)."""
        scaled = (rows.astype(np.float64) - self.mean) / self.scale
        found: NDArray[np.float32] = scaled.astype(np.float32) @ self.components.T
        return found

    @property
    def share(self) -> float:
        """Of the variance, what all components together hold, 0 to 1."""
        return float(self.explained.sum())


def reduce(
    rows: NDArray[np.float32], centre: NDArray[np.float64], scale: float
) -> tuple[NDArray[np.float32], Projection]:
    """The first `MOST` principal components of rows (n, D) by scikit-learn: (n, d), and how to get there.

    `centre` and `scale` are what has been taken from the features already to make the rows.
    """
    from sklearn.decomposition import PCA

    solver = "covariance_eigh" if rows.shape[1] <= EXACT else "randomized"
    made = PCA(min(MOST, rows.shape[1], len(rows) - 1), svd_solver=solver, random_state=0).fit(rows)
    found = made.transform(rows)
    projection = Projection(
        mean=centre + scale * made.mean_.astype(np.float64),
        scale=scale,
        components=made.components_.astype(np.float32),
        explained=made.explained_variance_ratio_.astype(np.float64),
    )
    return np.ascontiguousarray(found, np.float32), projection
