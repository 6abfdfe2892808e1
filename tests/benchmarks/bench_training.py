"""A linear head on generated pictures, against one bare forward pass over them; feature extraction against the same.

Run from the repository's root: python tests/benchmarks/bench_training.py [--pictures 1000] [--rounds 3] [--threads 1]
Every row is measured in this one process, one after the other in each round; the last columns are medians of each
round's ratios. "forward" is the fastest checked path of the default model on squares that lie in memory; "loop" reads
and decodes each batch first, one thing after the other, as a plain script would.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import torch
from PIL import Image

from xai_core import build
from xai_core.batches import batch_size
from xai_core.classifier import Classifier
from xai_core.datasets.dataset import Dataset, Given, save
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.library.home import VARIABLE
from xai_core.progress import silent
from xai_core.training.inputs import Inputs
from xai_core.training.network import network
from xai_core.training.recipe import recipe
from xai_core.training.train import Train
from xai_core.zoo import DEFAULT

SIDE = 320  # pixels of the generated JPEG files
CLASSES = ("reds", "greens", "blues")


def generated(count: int) -> Iterator[Given]:
    """Clouds of colour with fine grain, of which each class has most in its own channel."""
    draws = np.random.default_rng(0)
    for number in range(count):
        label = number % len(CLASSES)
        coarse = draws.integers(0, 200, (6, 6, 3), dtype=np.uint8)
        coarse[..., label] += 55
        clouds = np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.int16)
        grained = np.clip(clouds + draws.integers(-12, 13, clouds.shape), 0, 255).astype(np.uint8)
        Image.fromarray(grained).save(file := io.BytesIO(), "JPEG", quality=90)
        yield file.getvalue(), f"{number}.jpg", label, ""


def forward(classifier: Classifier, squares: np.ndarray) -> None:
    pixels = torch.from_numpy(squares).to(classifier.device).permute(0, 3, 1, 2).float() / 255
    classifier.prepared(classifier.normalise(pixels))


def rows(hub: Hub, data: Dataset) -> dict[str, Callable[[], object]]:
    """Name -> one run over all pictures."""
    classifier, size = hub.classifier(DEFAULT), batch_size(hub.device, gradients=False)

    def square(number: int) -> np.ndarray:
        return frame(data.picture(data.items[number]).pixels, classifier.preprocess, Framing.AS_TRAINED).square

    numbers = range(len(data.items))
    held = np.stack([square(number) for number in numbers])

    def bare() -> None:
        for start in range(0, len(held), size):
            forward(classifier, held[start : start + size])

    def loop() -> None:
        for start in range(0, len(held), size):
            forward(classifier, np.stack([square(number) for number in numbers[start : start + size]]))

    def features() -> None:
        how = recipe("head")
        with tempfile.TemporaryDirectory() as folder:
            Inputs(network(hub, how, len(CLASSES)), how, hub.device, Path(folder) / "inputs").read(
                data, numbers, silent
            )

    def head() -> None:
        Train(data.key, data.revision, recipe("head"), "bench", f"bench-{time.monotonic_ns()}").answer(hub)

    return {"forward": bare, "loop": loop, "features (ours)": features, "head, all of it (ours)": head}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--wall", action="store_true", help="wall time, not the time of all threads on the processor")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clock = time.perf_counter if options.wall else time.process_time
    with tempfile.TemporaryDirectory() as folder:
        os.environ[VARIABLE] = folder
        works = rows(Hub(build.load), save("generated", CLASSES, generated(options.pictures), {}))
        times: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(options.rounds):
            for name, work in works.items():
                start = clock()
                work()
                times[name].append(clock() - start)
    unit = "wall" if options.wall else "CPU"
    print(f"{options.pictures} pictures, {options.threads} threads, {options.rounds} rounds, {unit} seconds")
    print(f"{'':<26} {'median s':>9} {'÷ forward':>10} {'÷ loop':>8}")
    for name, spent in times.items():
        ratios = [statistics.median(t / b for t, b in zip(spent, times[b], strict=True)) for b in ("forward", "loop")]
        print(f"{name:<26} {statistics.median(spent):9.2f} {ratios[0]:10.3f} {ratios[1]:8.3f}")


if __name__ == "__main__":
    main()
