"""The whole cascade beside the bare passes it needs and beside peers, interleaved in one process, as ratios.

Run from the repository's root: python tests/benchmarks/bench_cascade.py [--rounds 3] [--passes 50] [--threads 2]
"""

from __future__ import annotations

import argparse
import copy
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import captum.attr
import numpy as np
import pytorch_grad_cam
import quantus
import timm
import torch
from scipy.stats import spearmanr
from skimage import data
from skimage.feature import hog
from skimage.metrics import structural_similarity
from torch import nn

from xai_core import build
from xai_core.cascade import Cascade
from xai_core.classifier import Classifier
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.knobs import Params
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.sanity import SanityTest

Work = Callable[[], object]
ESPRESSO, BATCH = 967, 8
ALL = (
    *("gradient", "gradient_x_input", "guided_backprop", "gradcam", "guided_gradcam"),
    *("smoothgrad", "integrated_gradients"),
)


def params(method: str, passes: int) -> Params:
    kind = methods()[method].params
    names = {"smoothgrad": "samples", "integrated_gradients": "steps"}
    return kind(**{names[method]: passes}) if method in names else kind()


def ours(classifier: Classifier, chosen: tuple[str, ...], passes: int) -> Work:
    """Everything from nothing: building the networks, asking them, all maps, all four measures and their floor."""
    picture = Picture.of(data.coffee(), "coffee")

    def work() -> None:
        hub = Hub(lambda key, device: classifier, torch.device("cpu"))
        for method in chosen:
            hub.run(SanityTest(Cascade("lite0"), picture, Framing.AS_TRAINED, ESPRESSO, method, params(method, passes)))

    return work


def bare(classifier: Classifier, x: torch.Tensor, rows: int, guided: int, forwards: int) -> Work:
    """As many forward and backward passes as the maps need: `rows` a stage, and single ones."""
    stages = len(classifier.blocks) + 1

    def work() -> None:
        for _ in range(stages):
            for start in range(0, rows, BATCH):
                batch = x.expand(min(BATCH, rows - start), -1, -1, -1).contiguous(memory_format=torch.channels_last)
                batch.requires_grad_()
                torch.autograd.grad(classifier.module(batch)[:, ESPRESSO].sum(), batch)
            for _ in range(guided):
                single = x.clone().requires_grad_()
                torch.autograd.grad(classifier.module(single)[:, ESPRESSO].sum(), single)
            for _ in range(forwards):
                with torch.no_grad():
                    classifier.module(x)

    return work


def naive(classifier: Classifier, plain: nn.Module, x: torch.Tensor, chosen: tuple[str, ...], passes: int) -> Work:
    """The loop that anyone would write: re-initialise, ask the peers for each map, compare with scipy and skimage."""
    deviation = float(x.max() - x.min()) * 0.15

    def maps(network: nn.Module) -> list[np.ndarray]:
        attr, layer, found = captum.attr, network.get_submodule(classifier.cam_layer), []
        asked: dict[str, Callable[[], torch.Tensor]] = {
            "gradient": lambda: attr.Saliency(network).attribute(x.clone().requires_grad_(), ESPRESSO, abs=False),
            "gradient_x_input": lambda: attr.InputXGradient(network).attribute(x.clone().requires_grad_(), ESPRESSO),
            "guided_backprop": lambda: attr.GuidedBackprop(network).attribute(x.clone().requires_grad_(), ESPRESSO),
            "guided_gradcam": lambda: attr.GuidedGradCam(network, layer).attribute(x.clone(), ESPRESSO),
            "smoothgrad": lambda: attr.NoiseTunnel(attr.Saliency(network)).attribute(
                x.clone().requires_grad_(), nt_samples=passes, stdevs=deviation, target=ESPRESSO, abs=False
            ),
            "integrated_gradients": lambda: attr.IntegratedGradients(network).attribute(
                x.clone().requires_grad_(), target=ESPRESSO, n_steps=passes
            ),
        }
        for method in chosen:
            if method == "gradcam":
                cam = pytorch_grad_cam.GradCAM(network, [layer])
                found.append(cam(x.clone(), [lambda logits: logits[ESPRESSO]])[0])
            else:
                found.append(asked[method]()[0].sum(dim=0).detach().numpy())
        return found

    def work() -> None:
        network = copy.deepcopy(plain)
        first = maps(network)
        for block in reversed(classifier.blocks):
            for name in block:
                for child in network.get_submodule(name).modules():
                    if hasattr(child, "reset_parameters"):
                        child.reset_parameters()
            for before, after in zip(first, maps(network), strict=True):
                compare(before, after)

    return work


def compare(before: np.ndarray, after: np.ndarray) -> None:
    signed = [map_ / (np.percentile(np.abs(map_), 99) or 1) for map_ in (before, after)]
    strength = [np.clip(np.abs(map_), 0, 1) for map_ in signed]
    spearmanr(strength[0].ravel(), strength[1].ravel())
    spearmanr(signed[0].ravel(), signed[1].ravel())
    structural_similarity(*strength, win_size=5, data_range=1.0)
    np.corrcoef(*(hog(map_, 9, (14, 14), (3, 3)) for map_ in strength))


def mprt(plain: nn.Module, x: torch.Tensor) -> Work:
    """Quantus' own test of the gradient, which re-initialises every layer: as many stages as there are layers."""
    pictures, labels = x.numpy(), np.array([ESPRESSO])

    def explain(model: nn.Module, inputs: np.ndarray, targets: np.ndarray, **_: object) -> np.ndarray:
        batch = torch.as_tensor(inputs).requires_grad_()
        found = captum.attr.Saliency(model).attribute(batch, torch.as_tensor(targets))
        return found.sum(dim=1, keepdim=True).detach().numpy()

    def work() -> None:
        test = quantus.MPRT(disable_warnings=True, display_progressbar=False)
        test(model=copy.deepcopy(plain), x_batch=pictures, y_batch=labels, a_batch=None, explain_func=explain)

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--passes", type=int, default=50, help="of SmoothGrad and integrated gradients")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    classifier = build.load("lite0", torch.device("cpu"))
    plain = timm.create_model("tf_efficientnet_lite0").eval()
    plain.load_state_dict(classifier.module.state_dict())
    x = classifier.encode(frame(data.coffee(), classifier.preprocess, Framing.AS_TRAINED).square)
    # gradient and gradient × input share a pass; so do guided backprop and Guided Grad-CAM, and the two CAMs
    items = {
        "the seven usual methods": {
            "ours": ours(classifier, ALL, options.passes),
            "bare passes": bare(classifier, x, 2 * options.passes, guided=2, forwards=2),
            "Captum, grad-cam, skimage": naive(classifier, plain, x.contiguous(), ALL, options.passes),
        },
        "the gradient alone": {
            "ours": ours(classifier, ("gradient",), options.passes),
            "bare passes": bare(classifier, x, 0, guided=1, forwards=1),
            "Captum and skimage": naive(classifier, plain, x.contiguous(), ("gradient",), options.passes),
            "Quantus MPRT": mprt(plain, x.contiguous()),
        },
    }
    stages = len(classifier.blocks) + 1
    layers = len(list(quantus.helpers.model.pytorch_model.PyTorchModel(plain, 1).get_random_layer_generator()))
    print(
        f"lite0, {stages} networks (Quantus: {layers}), {options.threads} threads, {options.rounds} rounds, wall time"
    )
    for item, works in items.items():
        times: dict[str, list[float]] = {name: [] for name in works}
        for round_ in range(options.rounds + 1):  # the first one warms up
            for name, work in works.items():
                start = time.perf_counter()
                work()
                if round_:
                    times[name].append(time.perf_counter() - start)
        print(f"\n{item:<30} {'median s':>9} {'÷ ours':>8}")
        for name in works:
            ratio = statistics.median(t / o for t, o in zip(times[name], times["ours"], strict=True))
            print(f"  {name:<28} {statistics.median(times[name]):9.2f} {ratio:8.2f}", flush=True)


if __name__ == "__main__":
    main()
