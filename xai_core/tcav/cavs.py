"""Concept activation vectors (Kim et al. 2018, section 3.2): the direction from counter-examples to a concept.

A CAV is the normal of a linear classifier, of length 1. It is kept as weights of the pictures it was trained on, which
are few, and not as D numbers: thousands of them fit into memory, and what a gradient has to say about all of them
follows from its products with the pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.progress import Progress, silent
from xai_core.tcav.draws import Draws, joined, random_draws
from xai_core.tcav.settings import USUAL, Classifier, Settings
from xai_core.tcav.threads import one_thread

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Floats = NDArray[np.float32]
Exact = NDArray[np.float64]
Rows = NDArray[np.int64]

FITTED_AT_ONCE = 2**17  # numbers of Gram matrices: 1 MiB, which a processor keeps at hand
FITTED_ON_DEVICE = 2**24
SPREAD_AT_ONCE = 2**17  # weights of CAVs by pictures
COLUMNS_AT_ONCE = 4096  # of activations, in double precision
ROUNDING = 1e-7  # of a length, beside the lengths it comes of: single precision tells no more


@dataclass(frozen=True, eq=False)
class Cavs:
    """S of them. A CAV is the sum of weights times rows; where nothing tells the sides apart all weights are 0."""

    rows: Rows = field(repr=False)  # (S, T) of the activations that they were trained on
    weights: Exact = field(repr=False)  # (S, T)
    accuracies: Exact = field(repr=False)  # (S,) on held-out pictures, one half for a picture on the border

    def vectors(self, activations: Floats) -> Exact:
        """(S, D) of length 1, towards the concept."""
        found = np.empty((len(self.rows), activations.shape[1]))
        for number, (rows, weights) in enumerate(zip(self.rows, self.weights, strict=True)):
            found[number] = weights @ activations[rows].astype(np.float64)
        return found

    def derivatives(self, along: Exact) -> Exact:
        """(S, k): what k gradients say of each CAV, from their products (N, k) with the activations."""
        dense = np.zeros((len(self.rows), len(along)))
        np.put_along_axis(dense, self.rows, self.weights, 1)
        found: Exact = dense @ along
        return found

    def __getitem__(self, which: slice) -> Cavs:
        return Cavs(self.rows[which], self.weights[which], self.accuracies[which])


@dataclass(frozen=True, eq=False)
class RandomCavs:
    """The CAVs of M random concepts of one size, R each: shared by all concepts of that size and all classes."""

    pool: Floats = field(repr=False)  # (P, D), what they were drawn from
    size: int  # pictures of a random concept, and of a counter-set
    runs: int  # R
    cavs: Cavs = field(repr=False)  # M times R of them, the runs of a concept one after the other
    lengths: Exact = field(repr=False)  # (M,) of the mean of each concept's CAVs: 1 where its runs agree

    def parts(self) -> Iterator[Cavs]:
        """All of them, so many at a time that they fit into memory as sums of the whole pool."""
        at_once = max(1, SPREAD_AT_ONCE // len(self.pool))
        return (self.cavs[part] for part in _chunks(len(self.cavs.rows), at_once))


def random_cavs(
    pool: Floats,
    size: int,
    settings: Settings = USUAL,
    device: torch.device | None = None,
    progress: Progress = silent,
) -> RandomCavs:
    """CAVs of `settings.random_concepts` random concepts: `size` pictures of the pool (P, D) against `size` others.

    Random concept m depends on the seed and m alone: asking for more keeps the first ones. ValueError where the pool
    has fewer than twice `size` rows (see `set_size`).
    """
    if len(pool) < 2 * size:
        raise ValueError(f"random concepts of {size} pictures need a pool of {2 * size}, got {len(pool)}")
    concepts = range(settings.random_concepts)
    draws = joined([random_draws(len(pool), size, settings.runs, settings.seed, number) for number in concepts])
    cavs = trained(pool, draws, settings.classifier, device, progress)
    return RandomCavs(pool, size, settings.runs, cavs, mean_lengths(cavs, pool, settings.runs))


def trained(
    activations: Floats,
    draws: Draws,
    classifier: Classifier,
    device: torch.device | None = None,
    progress: Progress = silent,
) -> Cavs:
    """A CAV of every set of `draws`, whose rows are those of `activations` (N, D)."""
    import torch

    # Apple's devices have no double precision
    where = device if device is not None and device.type == "cuda" else torch.device("cpu")
    gram = _gram(activations, where, centred=classifier != "sgd")
    total = len(draws.train)
    found: list[tuple[Exact, Exact]] = []
    numbers = FITTED_AT_ONCE if where.type == "cpu" else FITTED_ON_DEVICE
    with one_thread():
        for part in _chunks(total, max(1, numbers // draws.train.shape[1] ** 2)):
            progress(part.start / total, f"learning directions, {part.start} of {total}")
            found.append(_trained(gram, draws[part], classifier))
    progress(1.0, f"learning directions, {total} of {total}")
    weights, accuracies = (np.concatenate(each) for each in zip(*found, strict=True))
    return Cavs(draws.train, weights, accuracies)


def mean_lengths(cavs: Cavs, activations: Floats, runs: int) -> Exact:
    """(S / runs,) lengths of the means of so many CAVs in a row, trained on rows of `activations`."""
    concepts = len(cavs.rows) // runs
    weights = np.zeros((concepts, len(activations)))
    np.add.at(weights, (np.repeat(np.arange(concepts), runs)[:, None], cavs.rows), cavs.weights / runs)
    squares = np.zeros(concepts)
    # a pool whose numbers are not all finite is refused where a concept is examined
    with np.errstate(invalid="ignore"):
        for part in _chunks(activations.shape[1], COLUMNS_AT_ONCE):
            squares += np.square(weights @ activations[:, part].astype(np.float64)).sum(1)
        return np.asarray(np.sqrt(squares), np.float64)


def _chunks(total: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, total)) for start in range(0, total, size))


def products(activations: Floats, gradients: Floats) -> Exact:
    """Products of the rows (N, D) and (k, D) in double precision: (N, k)."""
    found = np.zeros((len(activations), len(gradients)))
    for part in _chunks(activations.shape[1], COLUMNS_AT_ONCE):
        found += activations[:, part].astype(np.float64) @ gradients[:, part].astype(np.float64).T
    return found


def _gram(activations: Floats, device: torch.device, centred: bool) -> Tensor:
    """Products of all rows, (N, N) float64.

    Where the intercept is not penalised the origin is without effect, and products about the mean lose no digits; the
    steps of SGD depend on it.
    """
    import torch

    gram = torch.zeros(len(activations), len(activations), dtype=torch.float64, device=device)
    longest = 0.0
    for part in _chunks(activations.shape[1], COLUMNS_AT_ONCE):
        rows = torch.from_numpy(activations[:, part]).to(device, torch.float64)
        longest += float(rows.square().sum(1).max())
        if centred:
            rows -= rows.mean(0)
        gram += rows @ rows.T
    # where all rows are equal, what rounding leaves of them about their mean is no direction
    return gram if float(gram.diagonal().max()) > ROUNDING**2 * longest else torch.zeros_like(gram)


def _trained(gram: Tensor, draws: Draws, classifier: Classifier) -> tuple[Exact, Exact]:
    import torch

    from xai_core.tcav.linear import fits, penalties
    from xai_core.tcav.sgd import sgd_fits

    train, held = (torch.from_numpy(rows).to(gram.device) for rows in (draws.train, draws.held))
    inside = gram[train[:, :, None], train[:, None, :]]
    if classifier == "sgd":
        weights, intercepts = sgd_fits(inside, draws.seeds)
    else:
        weights, intercepts = fits(inside, classifier, penalties(inside, classifier))
    outputs = (gram[held[:, :, None], train[:, None, :]] @ weights[:, :, None])[:, :, 0] + intercepts[:, None]
    half = held.shape[1] // 2
    right = torch.sign(torch.cat([outputs[:, :half], -outputs[:, half:]], 1))
    return _of_length_one(weights, inside).cpu().numpy(), ((right.mean(1) + 1) / 2).cpu().numpy()


def _of_length_one(weights: Tensor, gram: Tensor) -> Tensor:
    """Weights (S, T) so that the sums they stand for have length 1; 0 where rounding would decide the direction."""
    import torch

    lengths = (weights[:, None, :] @ gram @ weights[:, :, None])[:, 0].clamp(min=0).sqrt()
    largest = weights.abs().sum(1, keepdim=True) * gram.diagonal(dim1=1, dim2=2).amax(1)[:, None].sqrt()
    nothing = lengths <= ROUNDING * largest
    return torch.where(nothing, 0.0, weights / torch.where(nothing, 1.0, lengths))
