"""Gradient and CAM methods beside their peers and beside their bare passes, interleaved in one process, as ratios.

Run from the repository's root: python tests/benchmarks/bench_gradients.py [--model resnet50] [--rounds 5] [--only IG]
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
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[2]))

import captum.attr
import numpy as np
import pytorch_grad_cam
import saliency.core as pair
import timm
import torch
from skimage import data
from torch import nn

from xai_core import build
from xai_core.classifier import Classifier, freeze
from xai_core.evidence import Evidence
from xai_core.framing import Framing, Preprocess, frame
from xai_core.method import methods
from xai_core.progress import silent

Work = Callable[[], object]
PASSES, BATCH, ESPRESSO = 50, 8, 967
SIX = ("gradient", "gradient_x_input", "guided_backprop", "gradcam", "gradcam_plus_plus", "layercam")


def models(name: str) -> tuple[Classifier, nn.Module]:
    """Ours, and the same network as anyone would load it for a peer."""
    if name == "lite0":
        classifier = build.load(name, torch.device("cpu"))
        plain = timm.create_model("tf_efficientnet_lite0")
    else:
        plain = timm.create_model(name)
        labels, preprocess = tuple(map(str, range(1000))), Preprocess(224, 224, (0.5,) * 3, (0.25,) * 3)
        classifier = Classifier(
            name, freeze(timm.create_model(name), torch.device("cpu")), labels, preprocess, "layer4"
        )
    plain.load_state_dict(classifier.module.state_dict())
    return classifier, plain.eval()


def rows(classifier: Classifier, plain: nn.Module) -> dict[str, dict[str, Work]]:
    """For each item: ours first, then the bare passes, then the peers."""
    square = frame(data.coffee(), classifier.preprocess, Framing.AS_TRAINED).square
    x = classifier.encode(square)
    peers = peers_of(plain, plain.get_submodule(classifier.cam_layer), x.contiguous())

    def ours(*keys: str) -> Work:
        def work() -> None:
            evidence = Evidence(classifier, square, ESPRESSO)
            for key in keys:
                methods()[key].run(evidence, methods()[key].params(), silent)

        return work

    def forward() -> None:
        with torch.no_grad():
            classifier.module(x)

    def backward(passes: int) -> Work:
        def work() -> None:
            for start in range(0, passes, BATCH):
                batch = x.expand(min(BATCH, passes - start), -1, -1, -1).contiguous(memory_format=torch.channels_last)
                batch.requires_grad_()
                torch.autograd.grad(classifier.module(batch)[:, ESPRESSO].sum(), batch)

        return work

    return {
        "gradient": {"ours": ours("gradient"), "bare 1 fb": backward(1)} | peers.gradient,
        "Grad-CAM": {"ours": ours("gradcam"), "bare forward": forward} | peers.gradcam,
        "six fast maps": {"ours": ours(*SIX), "bare 1 fb": backward(1)} | peers.six,
        "SmoothGrad 50": {"ours": ours("smoothgrad"), "bare 50 fb": backward(PASSES)} | peers.smoothgrad,
        "IG 50": {"ours": ours("integrated_gradients"), "bare 50 fb": backward(PASSES)} | peers.integrated,
    }


def peers_of(plain: nn.Module, layer: nn.Module, x: torch.Tensor) -> SimpleNamespace:
    """The peers' ways of the same work."""
    picture, deviation = x[0].permute(1, 2, 0).numpy(), float(x.max() - x.min()) * 0.15

    def call(pictures: np.ndarray, **_: object) -> dict[str, np.ndarray]:
        batch = torch.from_numpy(np.ascontiguousarray(pictures)).float().permute(0, 3, 1, 2).requires_grad_()
        (found,) = torch.autograd.grad(plain(batch)[:, ESPRESSO].sum(), batch)
        return {pair.INPUT_OUTPUT_GRADIENTS: found.permute(0, 2, 3, 1).numpy()}

    def captums(kind: type, **options: object) -> Work:
        return lambda: kind(plain).attribute(x.clone().requires_grad_(), target=ESPRESSO, **options)

    def cam(kind: type) -> Work:
        return lambda: kind(plain, [layer])(x.clone(), [lambda logits: logits[ESPRESSO]])

    def tunnel(**options: object) -> Work:
        noisy = captum.attr.NoiseTunnel(captum.attr.Saliency(plain))
        return lambda: noisy.attribute(
            x.clone().requires_grad_(), nt_samples=PASSES, stdevs=deviation, target=ESPRESSO, abs=False, **options
        )

    attr, cams = captum.attr, pytorch_grad_cam
    six = [captums(kind) for kind in (attr.Saliency, attr.InputXGradient, attr.GuidedBackprop)]
    six += [cam(kind) for kind in (cams.GradCAM, cams.GradCAMPlusPlus, cams.LayerCAM)]
    return SimpleNamespace(
        gradient={
            "Captum": captums(attr.Saliency),
            "PAIR": lambda: pair.GradientSaliency().GetMask(picture, call),
        },
        gradcam={
            "Captum": lambda: attr.LayerGradCam(plain, layer).attribute(x.clone(), target=ESPRESSO),
            "pytorch-grad-cam": cam(cams.GradCAM),
        },
        six={"Captum and pytorch-grad-cam": lambda: [work() for work in six]},
        smoothgrad={
            "Captum, default": tunnel(),
            "Captum, batch 8": tunnel(nt_samples_batch_size=BATCH),
            "PAIR": lambda: pair.GradientSaliency().GetSmoothedMask(picture, call, nsamples=PASSES, magnitude=False),
        },
        integrated={
            "Captum, default": captums(attr.IntegratedGradients, n_steps=PASSES),
            "Captum, batch 8": captums(attr.IntegratedGradients, n_steps=PASSES, internal_batch_size=BATCH),
            "PAIR, batch 8": lambda: pair.IntegratedGradients().GetMask(
                picture, call, x_baseline=np.zeros_like(picture), x_steps=PASSES, batch_size=BATCH
            ),
        },
    )


def peak(work: Work) -> float:
    """MiB above the resting size that `work` reaches; Linux only."""
    Path("/proc/self/clear_refs").write_text("5")
    rest = _status("VmRSS")
    work()
    return (_status("VmHWM") - rest) / 1024


def _status(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="lite0", choices=("lite0", "resnet50"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="items whose names hold this")
    parser.add_argument("--wall", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    clock = time.perf_counter if options.wall else time.process_time
    unit = "wall" if options.wall else "CPU"
    print(f"{options.model}, {options.threads} threads, {options.rounds} rounds, {unit} seconds")
    for item, works in rows(*models(options.model)).items():
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
