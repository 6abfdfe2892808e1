"""TCAV of several concepts, layers and classes on generated pictures, ours against Captum's, each from files to scores.

Run from the repository's root:
python tests/benchmarks/bench_tcav.py [--concepts 6] [--runs 20] [--pictures 40] [--layers 3] [--pool 220]
Captum gets the same pictures, counter-sets of the same number and size, and its own classifier (SGD), as it would be
used: one `interpret` a class over all pairs. "averaged" gives it layers averaged over space as well, by a module that
hands the mean on; "flattened" is its habit. Ours includes the step that is tried on every picture, and the random
concepts, which Captum has none of; "hardly ranked" has the fewest that may be. Ratios are Captum's time by ours,
medians over rounds; memory is the most that a round, in a process of its own, held beyond the loaded model.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader

from xai_core import build
from xai_core.batches import FORWARD_BATCH
from xai_core.classifier import Classifier
from xai_core.datasets.dataset import Dataset, Given, save
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.library.home import VARIABLE
from xai_core.tcav.request import Examples, Tcav
from xai_core.tcav.settings import Classifier as Trainer
from xai_core.tcav.settings import Pooling, Settings
from xai_core.zoo import DEFAULT

SIDE = 256  # pixels of the generated JPEG files
LAYERS, CLASSES = ("blocks.5", "blocks.6", "blocks.4"), (340, 251, 985)


@dataclass(frozen=True)
class Size:
    concepts: int
    runs: int
    pictures: int  # of a set, and of a class
    layers: int
    pool: int
    random_concepts: int


@dataclass(frozen=True, eq=False)
class World:
    """Sets of generated pictures in a library of their own."""

    concepts: tuple[Dataset, ...]
    pool: Dataset
    classes: tuple[Dataset, ...]


def generated(count: int, seed: int, stripes: int) -> Iterator[Given]:
    """Clouds of colour with fine grain, crossed by so many stripes."""
    draws = np.random.default_rng(seed)
    wave = np.sin(np.arange(SIDE) * stripes * 2 * np.pi / SIDE) * (60 if stripes else 0)
    for number in range(count):
        coarse = Image.fromarray(draws.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        clouds = np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.int16)
        grained = clouds + draws.integers(-12, 13, clouds.shape) + wave[:, None].astype(np.int16)
        Image.fromarray(np.clip(grained, 0, 255).astype(np.uint8)).save(file := io.BytesIO(), "JPEG", quality=90)
        yield file.getvalue(), f"{number}.jpg", 0, ""


def made(size: Size) -> World:
    def kept(name: str, count: int, seed: int, stripes: int, shelf: str) -> Dataset:
        return save(name, (name,), generated(count, seed, stripes), {}, shelf=shelf)

    return World(
        tuple(kept(f"c{n}", size.pictures, n, 4 * (n + 1), "concepts") for n in range(size.concepts)),
        kept("pool", size.pool, 100, 0, "concepts"),
        tuple(kept(f"k{n}", size.pictures, 200 + n, 0, "datasets") for n in range(len(CLASSES))),
    )


def ours(hub: Hub, world: World, size: Size, trainer: Trainer, pooling: Pooling) -> None:
    settings = Settings(
        runs=size.runs,
        random_concepts=size.random_concepts,
        most=size.pictures,
        examples=size.pictures,
        classifier=trainer,
        pooling=pooling,
    )
    classes = tuple(
        Examples(target, "datasets", data.key, data.revision)
        for target, data in zip(CLASSES, world.classes, strict=True)
    )
    for each in world.concepts:
        pool = (world.pool.key, world.pool.revision)
        hub.run(Tcav(DEFAULT, (each.key, each.revision), (pool,), classes, LAYERS[: size.layers], settings=settings))


class Mean(nn.Module):
    """Hands the layer's output on unchanged, by way of its mean over space: the layer that Captum is to look at."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        mean = self.mean(x)
        return x + (mean - mean.detach())


def averaging(module: nn.Module, layers: Sequence[str]) -> tuple[nn.Module, list[str]]:
    """A copy with layers to look at that are the given ones' means."""
    copy = deepcopy(module)
    for name in layers:
        above, _, last = name.rpartition(".")
        setattr(copy.get_submodule(above), last, nn.Sequential(copy.get_submodule(name), Mean()))
    return copy, [f"{name}.1.mean" for name in layers]


class Read(torch.utils.data.Dataset[Tensor]):
    """Pictures as a script would read them: decoded each time they are asked for."""

    def __init__(self, classifier: Classifier, data: Dataset, rows: Sequence[int]) -> None:
        self.classifier, self.data, self.rows = classifier, data, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Tensor:
        pixels = self.data.picture(self.data.items[self.rows[number]]).pixels
        return self.classifier.encode(frame(pixels, self.classifier.preprocess, Framing.AS_TRAINED).square)[0]


def captums(classifier: Classifier, world: World, size: Size, pooling: Pooling, folder: str) -> None:
    from captum.concept import TCAV, Concept

    module, layers = classifier.module, list(LAYERS[: size.layers])
    if pooling == "average":
        module, layers = averaging(module, layers)

    def read(data: Dataset, rows: Sequence[int]) -> DataLoader[Tensor]:
        return DataLoader(Read(classifier, data, rows), FORWARD_BATCH)

    draws = np.random.default_rng(0)
    sets = [draws.choice(size.pool, size.pictures, replace=False).tolist() for _ in range(size.runs)]
    against = [Concept(number, f"r{number}", read(world.pool, rows)) for number, rows in enumerate(sets)]
    every = range(size.pictures)
    towards = [Concept(size.runs + n, f"c{n}", read(data, every)) for n, data in enumerate(world.concepts)]
    tcav = TCAV(module, layers, save_path=folder)
    pairs = [[concept, other] for concept in towards for other in against]
    for target, data in zip(CLASSES, world.classes, strict=True):
        tcav.interpret(torch.cat(list(read(data, every))), pairs, target=target)


# who, the classifier, whether ranked among all random concepts or the fewest allowed, and what is done with space
WAYS: dict[str, tuple[Trainer | None, bool, Pooling]] = {
    "Captum, SGD, averaged": (None, False, "average"),
    "ours, SGD, hardly ranked, averaged": ("sgd", False, "average"),
    "ours, SGD, averaged": ("sgd", True, "average"),
    "ours, logistic, averaged": ("logistic", True, "average"),
    "ours, ridge, averaged": ("ridge", True, "average"),
    "Captum, SGD, flattened": (None, False, "flatten"),
    "ours, SGD, hardly ranked, flattened": ("sgd", False, "flatten"),
    "ours, SGD, flattened": ("sgd", True, "flatten"),
    "ours, logistic, flattened": ("logistic", True, "flatten"),
}
FEWEST = 19


def measured(way: str, size: Size, threads: int, wall: bool) -> tuple[float, float]:
    """Seconds, and MiB beyond the loaded model, of one run in this process with nothing remembered from before."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(threads)
    trainer, ranked, pooling = WAYS[way]
    size = size if ranked else replace(size, random_concepts=FEWEST)
    clock: Callable[[], float] = time.perf_counter if wall else time.process_time
    with tempfile.TemporaryDirectory() as folder:
        os.environ[VARIABLE] = folder
        world, hub = made(size), Hub(build.load)
        classifier = hub.classifier(DEFAULT)
        classifier.prepared(classifier.probe())
        for library in ("captum.concept", "scipy.stats", "sklearn.linear_model"):
            import_module(library)
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, clock()
        if trainer is None:
            captums(classifier, world, size, pooling, f"{folder}/captum")
        else:
            ours(hub, world, size, trainer, pooling)
        spent = clock() - start
        return spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("concepts", 6), ("runs", 20), ("pictures", 40), ("layers", 3), ("pool", 220)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--random-concepts", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--ways", nargs="*", default=["averaged"], help="words that a row's name holds")
    parser.add_argument("--wall", action="store_true", help="wall time, not the time of all threads on the processor")
    options = parser.parse_args()
    figures = (options.concepts, options.runs, options.pictures, options.layers, options.pool, options.random_concepts)
    size = Size(*figures)
    ways = [way for way in WAYS if any(word in way for word in options.ways)]
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    # a process for each: memory once held does not show a second time
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as alone:
        for _ in range(options.rounds):
            for way in ways:
                found[way].append(alone.apply(measured, (way, size, options.threads, options.wall)))
                print(f"{way}: {found[way][-1][0]:.1f} s", flush=True)
    print(f"{size}, {len(CLASSES)} classes, {options.threads} threads, {'wall' if options.wall else 'CPU'} seconds")
    print(f"{'':<36} {'median s':>9} {'Captum ÷':>9} {'MiB':>7}")
    for way, rounds in found.items():
        peer = found.get(f"Captum, SGD, {way.rpartition(' ')[2]}", [])
        ratio = statistics.median(p[0] / own[0] for p, own in zip(peer, rounds, strict=True)) if peer else float("nan")
        seconds, memory = (statistics.median(each) for each in zip(*rounds, strict=True))
        print(f"{way:<36} {seconds:9.1f} {ratio:9.2f} {memory:7.0f}")


if __name__ == "__main__":
    main()
