"""Several maps of the same pictures: other seeds or perplexities, turned alike, and how far they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.checks import largest_perplexity
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.quality import NEAREST
from xai_core.embedding.request import DrawMap

Varied = Literal["seed", "perplexity"]
VARIED: tuple[Varied, ...] = get_args(Varied)
PERPLEXITIES = (5.0, 10.0, 30.0, 50.0, 100.0)
MOST = 3  # maps beside the one that is shown
ALIKE = 1.25  # times a perplexity within which another one draws much the same


def variants(of: DrawMap, varied: Varied, different: int) -> tuple[DrawMap, ...]:
    """The maps to lay beside this one, of so many different pictures; a map is not laid beside itself.

    Other seeds begin from random places: from PCA, where t-SNE usually begins, all seeds give nearly the same map.
    UMAP has neighbours in place of a perplexity; PCA has neither, and no variants.
    """
    chosen = of.settings
    if chosen.layout == "pca":
        return ()
    if varied == "seed":
        seeds = [seed for seed in range(1, MOST + 2) if seed != chosen.seed][:MOST]
        changed = [replace(chosen, seed=seed, initialisation="random") for seed in seeds]
    elif chosen.layout == "umap":
        sizes = _others(float(chosen.umap_neighbours), different - 1)
        changed = [replace(chosen, umap_neighbours=int(each)) for each in sizes]
    else:
        most = largest_perplexity(different)
        changed = [replace(chosen, perplexity=each) for each in _others(min(chosen.perplexity, most), most)]
    return tuple(replace(of, settings=replace(each, umap_epochs=0), run="") for each in changed)


def _others(chosen: float, most: float) -> list[float]:
    """The smallest and the largest of the usual ones that are possible and not nearly the chosen one."""
    found = [each for each in PERPLEXITIES if each <= most and not chosen / ALIKE < each < chosen * ALIKE]
    return found if len(found) <= MOST else [found[0], *found[-MOST + 1 :]]


def aligned(points: NDArray[np.float32], onto: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points (N, 2) turned, mirrored, moved and sized to lie as close as can be to where they are in `onto`.

    Orthogonal Procrustes (Schönemann 1966) with a scale: distances keep their proportions, so nobody's neighbours
    change.
    """
    here, there = (each.astype(np.float64) - each.mean(axis=0, dtype=np.float64) for each in (points, onto))
    left, sizes, right = np.linalg.svd(here.T @ there)
    scale = sizes.sum() / max(float((here**2).sum()), 1e-30)
    found: NDArray[np.float32] = (scale * here @ left @ right + onto.mean(axis=0)).astype(np.float32)
    return found


def map_neighbours(points: NDArray[np.float32], nearest: int = NEAREST) -> NDArray[np.intp]:
    """(N, k): the nearest other points of each point (N, 2); fewer where there are not so many."""
    from scipy.spatial import KDTree

    count = len(points)
    nearest = min(nearest, count - 1)
    _, found = KDTree(points).query(points, nearest + 1)
    # of points on one place any may come first: oneself goes, or else the last
    own = found == np.arange(count)[:, None]
    own[~own.any(axis=1), -1] = True
    kept: NDArray[np.intp] = found[~own].reshape(count, nearest)
    return kept


def _common(one: NDArray[np.integer], other: NDArray[np.integer]) -> float:
    """Mean share of each row's neighbours (n, k) that are in both."""
    both = np.sort(np.concatenate([one, other], axis=1), axis=1)
    return float((both[:, 1:] == both[:, :-1]).sum() / one.size)


@dataclass(frozen=True)
class Agreement:
    """Of maps of the same pictures."""

    maps: int
    shared: float  # mean over pairs of maps: share of a picture's nearest on one that are its nearest on the other
    least: float  # of the pair that agrees least
    chance: float  # what it would be were the points anywhere
    nearest: int  # k
    of: int  # different pictures


def agreement(maps: Sequence[PictureMap], nearest: int = NEAREST) -> Agreement:
    """Pictures with the same features count once: they lie on one point of every map. ValueError for a single map."""
    if len(maps) < 2:
        raise ValueError(f"maps agree with each other, so it takes two, got {len(maps)}")
    first = np.unique(maps[0].twins)
    found = [map_neighbours(each.points[first], nearest) for each in maps]
    shared = [_common(one, other) for one, other in combinations(found, 2)]
    nearest = found[0].shape[1]
    return Agreement(
        len(maps), float(np.mean(shared)), min(shared), nearest / (len(first) - 1), nearest, len(first)
    )  # fmt: skip


def together(neighbours: NDArray[np.integer], rows: NDArray[np.intp]) -> float:
    """Of the selected rows' nearest neighbours (N, k), the share that is selected too: 1 for a cluster by itself.

    As many neighbours are asked for as there are other rows, at most k. ValueError for fewer than two rows.
    """
    if len(rows) < 2:
        raise ValueError(f"together are at least two, got {len(rows)}")
    inside = np.zeros(len(neighbours), bool)
    inside[rows] = True
    return float(inside[neighbours[rows, : len(rows) - 1]].mean())


@dataclass(frozen=True)
class Cohesion:
    """Do the selected pictures stay together?"""

    rows: int
    by_features: float  # share of their nearest by the features that are selected too
    on_maps: tuple[float, ...]  # the same on each map
    chance: float  # for as many pictures taken anywhere


def cohesion(maps: Sequence[PictureMap], rows: NDArray[np.intp], nearest: int = NEAREST) -> Cohesion:
    """Of rows of maps of the same pictures. ValueError for fewer than two."""
    first = maps[0]
    return Cohesion(
        len(rows),
        together(first.neighbours[:, :nearest], rows),
        tuple(together(map_neighbours(each.points, nearest), rows) for each in maps),
        (len(rows) - 1) / (len(first) - 1),
    )
