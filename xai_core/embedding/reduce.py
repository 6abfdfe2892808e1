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
    """The first `MOST` principal components of rows (n, D): (n, d), and how to get there.

    Of more than `EXACT` features scikit-learn's randomised solver finds them. `centre` and `scale` are what has been
    taken from the features already to make the rows.
    """
    count = min(MOST, rows.shape[1], len(rows) - 1)
    mean, components, explained = (_solved if rows.shape[1] <= EXACT else _approached)(rows, count)
    found = rows @ components.T - (mean @ components.T).astype(np.float32)
    projection = Projection(centre + scale * mean.astype(np.float64), scale, components, explained)
    return np.ascontiguousarray(found, np.float32), projection


Solved = tuple[NDArray[np.floating], NDArray[np.float32], NDArray[np.float64]]  # mean, components, shares of variance


def _solved(rows: NDArray[np.float32], count: int) -> Solved:
    """By the eigenvectors of the covariance (Pearson 1901), signed as scikit-learn does.

    Its own solver is as exact, but whoever waits for a first map would wait seconds for it to be imported.
    """
    import torch

    given, mean = torch.from_numpy(rows), rows.mean(axis=0, dtype=np.float64)
    scatter = (given.T @ given).double() - len(rows) * torch.from_numpy(np.outer(mean, mean))
    values, vectors = torch.linalg.eigh(scatter)
    found = vectors.flip(1)[:, :count].T
    largest = found.gather(1, found.abs().argmax(1, keepdim=True))
    share = values.flip(0)[:count].clamp(min=0) / scatter.trace()
    return mean, (found * largest.sign()).float().numpy(), share.numpy()


def _approached(rows: NDArray[np.float32], count: int) -> Solved:
    from sklearn.decomposition import PCA

    made = PCA(count, svd_solver="randomized", random_state=0).fit(rows)
    return made.mean_, made.components_.astype(np.float32), made.explained_variance_ratio_.astype(np.float64)
