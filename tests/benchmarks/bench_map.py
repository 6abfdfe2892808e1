"""A map of N made-up pictures against scikit-learn, openTSNE and umap-learn on the same matrix.

Run from the repository's root: python tests/benchmarks/bench_map.py [--pictures 1000 10000] [--threads 1] [--limit 900]
Every row is a process of its own, imports and compilation included, from features (N, 1280) to points; "ours" also
finds twins, each picture's neighbours, and how many of them the map keeps, which the others are judged by afterwards.
Torch, which has just made the features in the process that lays them out, is loaded before, for all ways.
"CPU s" is processor time of all threads, "wall s" the clock's; memory is the most the process grew by from just before
the imports. "kept" and what follows are one judge's on the same sample of pictures for every way. "× ours" is how many
times the processor time and the memory of our whole t-SNE path a way took. A way that takes longer than the limit is
ended and named.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from numpy.typing import NDArray

FEATURES, CLASSES = 1280, 20
Rows = NDArray[np.float32]


def matrix(count: int) -> Rows:
    """Classes of unequal spread that overlap, cut off at 0 as a network's features are."""
    draws = np.random.default_rng(0)
    basis = draws.normal(size=(60, FEATURES)) / np.sqrt(60)
    centres = 1.6 * draws.normal(size=(CLASSES, 60))
    of = draws.integers(0, CLASSES, count)
    inside = centres[of] + draws.normal(size=(count, 60)) * draws.uniform(0.5, 1.5, CLASSES)[of, None]
    return np.maximum(inside @ basis + 0.1 * draws.normal(size=(count, FEATURES)), 0).astype(np.float32)


def ours(rows: Rows, layout: str = "tsne") -> Rows:
    from xai_core.embedding.checks import distinct
    from xai_core.embedding.distances import nearest
    from xai_core.embedding.layouts import lay_out
    from xai_core.embedding.quality import quality
    from xai_core.embedding.reduce import reduce
    from xai_core.embedding.settings import Settings

    found = distinct(rows)
    reduced, _ = reduce(found.rows, found.centre, found.scale)
    nearest(found.rows[found.of], 10)
    points = lay_out(reduced, Settings(layout=layout)).points
    quality(found.rows, points)
    return points[found.of]


def components(rows: Rows) -> Rows:
    from sklearn.decomposition import PCA

    return np.asarray(PCA(50, random_state=0).fit_transform(rows), np.float32)


def scikit_learn(rows: Rows) -> Rows:
    from sklearn.manifold import TSNE

    return np.asarray(TSNE(random_state=42).fit_transform(components(rows)))


def open_tsne(rows: Rows) -> Rows:
    from openTSNE import TSNE

    return np.asarray(TSNE(random_state=42, n_jobs=int(os.environ["OMP_NUM_THREADS"])).fit(components(rows)))


def umap_learn(rows: Rows) -> Rows:
    from umap import UMAP

    return np.asarray(UMAP(random_state=42).fit_transform(components(rows)))


OURS = "t-SNE (ours)"
WAYS: dict[str, Callable[[Rows], Rows]] = {
    OURS: ours,
    "PCA (ours)": lambda rows: ours(rows, "pca"),
    "openTSNE": open_tsne,
    "scikit-learn": scikit_learn,
    "umap-learn": umap_learn,
}


def one(way: str, file: str) -> None:
    """Measure one way on the rows of a file and print the figures as a line of JSON."""
    import_module("torch")
    rows = np.load(file)
    before, begun, wall = _memory(), time.process_time(), time.perf_counter()
    points = WAYS[way](rows)
    spent, waited, grown = time.process_time() - begun, time.perf_counter() - wall, _memory() - before
    from xai_core.embedding.quality import quality

    judged = quality(rows - rows.mean(axis=0), points.astype(np.float32))
    figures = (spent, waited, grown, judged.kept, judged.trustworthiness, judged.continuity)
    print(json.dumps([float(figure) for figure in figures]))


def _memory() -> float:
    """Most megabytes that the process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def written(count: int, file: str) -> None:
    """The rows, by a process of its own: what making them held for a moment is in nobody's memory."""
    subprocess.run([sys.executable, __file__, "--write", file, "--pictures", str(count)], check=True)


def measured(way: str, file: str, threads: int, limit: float) -> list[float] | None:
    """The figures of one way in a process of its own; None where it took longer than the limit."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    command = [sys.executable, __file__, "--one", way, "--rows", file]
    environment = {**os.environ, **dict.fromkeys(names, str(threads))}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    return list(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--limit", type=float, default=900, help="seconds by the clock that one way may take")
    for hidden in ("--one", "--rows", "--write"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        np.save(options.write, matrix(options.pictures[0]))
    elif options.one:
        one(options.one, options.rows)
    else:
        for count in options.pictures:
            compare(count, options.ways, options.threads, options.limit)


def compare(count: int, ways: Sequence[str], threads: int, limit: float) -> None:
    """A table of all ways on the same rows."""
    print(f"{count:,} pictures, {FEATURES} features, {threads} threads")
    print(f"{'':<14} {'CPU s':>7} {'wall s':>7} {'MB':>6} {'kept':>7} {'trust':>7} {'contin':>7}  × ours: CPU, MB")
    mine: list[float] | None = None
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/rows.npy"
        written(count, file)
        for way in ways:
            figures = measured(way, file, threads, limit)
            if figures is None:
                print(f"{way:<14} not done in {limit:.0f} s", flush=True)
                continue
            mine = figures if way == OURS else mine
            spent, waited, grown, *judged = figures
            shares = " ".join(f"{figure:7.3f}" for figure in judged)
            against = "" if mine is None else f"{spent / mine[0]:12.2f} {grown / mine[2]:5.2f}"
            print(f"{way:<14} {spent:7.1f} {waited:7.1f} {grown:6.0f} {shares}{against}", flush=True)


if __name__ == "__main__":
    main()
