"""LIME: a straight-line model of how the picture's patches add up to the class's probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.knobs import Params, knob
from xai_core.method import method
from xai_core.segments import ALGORITHMS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from xai_core.details import Detail
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress
    from xai_core.surrogate import Surrogate

HIDE = ("mean of the patch", "black", "grey", "white")
FORWARD = 0.35  # a forward pass in forward-and-backward passes


@dataclass(frozen=True)
class LimeParams(Params):
    samples: int = knob(1000, 10, 5000, step=10, help="Pictures with random patches hidden to learn from.")
    algorithm: str = knob("quickshift", choices=ALGORITHMS, label="patches by", help="How the picture is cut up.")
    patches: int = knob(50, 4, 400, step=1, label="patches for slic", help="About how many patches SLIC makes.")
    hide: str = knob("mean of the patch", choices=HIDE, label="hide with", help="What hidden patches are painted with.")
    top_labels: int = knob(5, 1, 10, step=1, help="How many of the likeliest classes the table compares.")
    features: int = knob(5, 1, 50, step=1, label="patches shown", help="How many of the strongest patches are listed.")
    positive_only: bool = knob(True, help="In the cut-out, show only patches that speak for the class.")
    hide_rest: bool = knob(False, label="hide the rest", help="In the cut-out, paint all other patches black.")
    seed: int = knob(0, 0, 9999, step=1, help="Chance in patches and samples; the same seed gives the same map.")

    def passes(self) -> float:
        return FORWARD * self.samples + 8  # quickshift takes about eight passes' time


@method(
    title="LIME",
    paper="Ribeiro 2016, arXiv:1602.04938, algorithm 1",
    shows="Which patches raise or lower the chance of {target} when they are visible.",
    caution="Another seed gives another map, often a rather different one; check the fit and the stability first.",
    in_sources=True,
)
def lime(evidence: Evidence, params: LimeParams, progress: Progress) -> Finding:
    """Each pixel gets the weight of its patch in a locally weighted ridge regression on probabilities."""
    import torch

    from xai_core.evidence import Finding
    from xai_core.segments import superpixels
    from xai_core.surrogate import Surrogate, draws

    progress(0.0, "cutting the picture into patches")
    patches = superpixels(evidence.square, params.algorithm, params.patches, params.seed)
    visible = draws(params.samples, int(patches.max()) + 1, params.seed)
    logits, halved = _predict(evidence, params, patches, visible, progress)
    fitted = Surrogate(evidence.square, patches, visible, logits.softmax(1).double().numpy())
    values = torch.from_numpy(fitted.weights(evidence.target)[patches])
    details = _details(evidence, params, fitted, logits[0])
    return Finding(values, signed=True, details=details, notes=_notes(evidence, fitted, halved))


def _predict(
    evidence: Evidence,
    params: LimeParams,
    patches: NDArray[np.int64],
    visible: NDArray[np.int64],
    progress: Progress,
) -> tuple[Tensor, bool]:
    """Logits (N, K) of the picture with the patches hidden that each row of `visible` (N, n) leaves out."""
    import torch

    x = evidence.x
    hidden = evidence.classifier.encode(_hidden(evidence.square, patches, params.hide))
    keep, numbers = torch.from_numpy(visible).float().to(x.device), torch.from_numpy(patches).flatten().to(x.device)
    shown = x - hidden

    def pictures(start: int, stop: int) -> Tensor:
        # multiplying is three times faster than choosing, and as exact as the fit needs
        visible_pixels = keep[start:stop].index_select(1, numbers).view(-1, 1, *x.shape[2:])
        return torch.addcmul(hidden, visible_pixels, shown)

    return evidence.classifier.scores(params.samples, pictures, progress, "samples")


def _hidden(square: NDArray[np.uint8], patches: NDArray[np.int64], hide: str) -> NDArray[np.uint8]:
    import numpy as np

    from xai_core.segments import flattened

    levels = {"black": 0, "grey": 127, "white": 255}
    return np.full_like(square, levels[hide]) if hide in levels else flattened(square, patches)


def _details(evidence: Evidence, params: LimeParams, fitted: Surrogate, logits: Tensor) -> tuple[Detail, ...]:
    from xai_core.details import Figure, Panel, Table
    from xai_core.segments import outlined

    target, labels = evidence.target, evidence.classifier.labels
    weights = fitted.weights(target)
    likeliest = logits.argsort(descending=True)[: params.top_labels].tolist()
    classes = [target, *(label for label in likeliest if label != target)]
    rows = tuple(
        (str(patch), f"{fitted.share(patch):.1%}", *(f"{fitted.weights(label)[patch]:+.2g}" for label in classes))
        for patch in abs(weights).argsort()[::-1][: params.features]
    )
    found: list[Detail] = [
        Table(
            "What the strongest patches add to the probability",
            ("patch", "of the picture", *(labels[label] for label in classes)),
            rows,
        ),
        Panel(f"The {fitted.count} patches", outlined(evidence.square, fitted.patches)),
        Panel(
            f"The {params.features} strongest patches" + (" for the class" if params.positive_only else ""),
            fitted.cut_out(target, params.positive_only, params.features, params.hide_rest),
        ),
    ]
    if not fitted.degenerate(target):
        words = "of the differences between the samples are explained by adding up patches; the rest is not in this map"
        found.insert(0, Figure("Fit (R²)", f"{fitted.fit(target):.2f}", words))
    return tuple(found)


def _notes(evidence: Evidence, fitted: Surrogate, halved: bool) -> tuple[str, ...]:
    from xai_core.batches import HALVED

    notes = []
    if fitted.degenerate(evidence.target):
        notes.append(f"This map means little: {fitted.degenerate(evidence.target)}.")
    return (*notes, HALVED) if halved else tuple(notes)
