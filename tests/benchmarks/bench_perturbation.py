"""Perturbation methods beside their peers and beside their bare passes, interleaved in one process, as ratios.

Run from the repository's root: python tests/benchmarks/bench_perturbation.py [--model resnet50] [--rounds 5]
[--samples 200] [--only LIME]. The ratios hold for more samples: nearly all of the time is the model's.
The time is one thread's CPU time, which other work on the machine disturbs least; --wall --threads 2 for a quiet one.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import torch
from bench_gradients import ESPRESSO, Work, models, peak
from captum.attr import Occlusion
from lime.lime_image import LimeImageExplainer
from skimage import data
from torch import nn

from xai_core.classifier import Classifier
from xai_core.evidence import Evidence, Finding
from xai_core.framing import Framing, frame
from xai_core.knobs import Params
from xai_core.methods.deep_explanation import DeepExplanationParams, deep_explanation
from xai_core.methods.lime import LimeParams, lime
from xai_core.methods.occlusion import OcclusionParams, occlusion, starts
from xai_core.methods.rise import RiseParams, rise
from xai_core.progress import silent
from xai_core.segments import superpixels

BATCH, EPOCHS = 16, 20
WINDOWS = OcclusionParams(window=32, stride=24, measure="score")


def rows(classifier: Classifier, plain: nn.Module, samples: int) -> dict[str, dict[str, Work]]:
    """For each item: ours first, then the bare passes by the prepared path, then the peers."""
    square = frame(data.coffee(), classifier.preprocess, Framing.AS_TRAINED).square
    x = classifier.encode(square)
    windows = len(starts(x.shape[-1], WINDOWS.window, WINDOWS.stride)) ** 2
    batch = x.expand(BATCH, -1, -1, -1).contiguous(memory_format=torch.channels_last)

    def ours(run: Callable[..., Finding], params: Params) -> Work:
        return lambda: run(Evidence(classifier, square, ESPRESSO), params, silent)

    def forward(passes: int) -> Work:
        return lambda: [classifier.prepared(batch[: min(BATCH, passes - i)]) for i in range(0, passes, BATCH)]

    def backward() -> None:
        for _ in range(EPOCHS):
            classifier.gradient(batch[:1], ESPRESSO)

    return {
        f"LIME {samples}": {
            "ours": ours(lime, LimeParams(samples=samples)),
            "bare forwards": forward(samples),
            "lime package": lime_package(classifier, plain, square, samples),
        },
        f"Occlusion {windows}": {
            "ours": ours(occlusion, WINDOWS),
            "bare forwards": forward(windows),
            "Captum, default": captum_occlusion(plain, x.contiguous(), 1),
            "Captum, 16 at a time": captum_occlusion(plain, x.contiguous(), 16),
        },
        f"RISE {samples}": {"ours": ours(rise, RiseParams(masks=samples)), "bare forwards": forward(samples)},
        f"Deep explanation {EPOCHS} epochs": {
            "ours": ours(deep_explanation, DeepExplanationParams(epochs=EPOCHS)),
            f"bare {EPOCHS} fb": backward,
        },
        "forward of 16": {"ours": forward(16), "as loaded": lambda: without_gradients(plain, batch.contiguous())},
    }


def without_gradients(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = module(x)
    return found


def lime_package(classifier: Classifier, plain: nn.Module, square: np.ndarray, samples: int) -> Work:
    """The package with its own batch of ten, on the same patches, given the model as a plain function."""

    def probabilities(pictures: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
        return without_gradients(plain, classifier.normalise(x).contiguous()).softmax(1).double().numpy()

    def work() -> None:
        LimeImageExplainer(random_state=0).explain_instance(
            np.array(square),
            probabilities,
            labels=(ESPRESSO,),
            num_samples=samples,
            progress_bar=False,
            segmentation_fn=lambda picture: superpixels(picture, "quickshift", 50, 0),
        )

    return work


def captum_occlusion(plain: nn.Module, x: torch.Tensor, at_once: int) -> Work:
    def work() -> None:
        with torch.no_grad():
            Occlusion(plain).attribute(
                x,
                sliding_window_shapes=(3, WINDOWS.window, WINDOWS.window),
                strides=(3, WINDOWS.stride, WINDOWS.stride),
                target=ESPRESSO,
                perturbations_per_eval=at_once,
            )

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="lite0", choices=("lite0", "resnet50"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="items whose names hold this")
    parser.add_argument("--wall", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    clock = time.perf_counter if options.wall else time.process_time
    unit = "wall" if options.wall else "CPU"
    print(f"{options.model}, {options.threads} threads, {options.rounds} rounds, {unit} seconds")
    for item, works in rows(*models(options.model), options.samples).items():
        if options.only not in item:
            continue
        memory = {name: peak(work) for name, work in works.items()}  # warms up as well
        times: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(options.rounds):
            for name, work in works.items():
                start = clock()
                work()
                times[name].append(clock() - start)
        print(f"\n{item:<30} {'median s':>9} {'÷ ours':>8} {'peak MiB':>9}")
        for name in works:
            # the ratio of each round, then the median: a slow minute of the machine hits both sides of it
            ratio = statistics.median(t / o for t, o in zip(times[name], times["ours"], strict=True))
            print(f"  {name:<28} {statistics.median(times[name]):9.3f} {ratio:8.2f} {memory[name]:9.0f}", flush=True)


if __name__ == "__main__":
    main()
