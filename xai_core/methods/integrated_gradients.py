"""Integrated gradients: each pixel's share of the way from an empty picture's score to this one's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.details import Figure
from xai_core.fills import filled
from xai_core.knobs import Params, knob
from xai_core.method import method

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress

BASELINES = ("black", "grey", "white", "blurred")
TOLERATED = 0.05  # completeness error; the paper asks for enough steps to stay within it (section 5)


@dataclass(frozen=True)
class IntegratedGradientsParams(Params):
    steps: int = knob(
        50, 2, 300, help="Points on the way from the baseline to the picture; more is more exact, slower."
    )
    baseline: str = knob(
        "black", choices=BASELINES, help="The picture without content; pixels that look like it count as nothing."
    )

    def passes(self) -> float:
        return float(self.steps)


@method(
    title="Integrated gradients",
    paper="Sundararajan 2017, arXiv:1703.01365, equations 1 and 3",
    shows="How much each pixel adds to the score of {target} or takes from it, on the way from the baseline.",
    caution="What looks like the baseline counts as nothing: from black, dark parts stay blank even where they matter.",
    in_sources=True,
)
def integrated_gradients(evidence: Evidence, params: IntegratedGradientsParams, progress: Progress) -> Finding:
    """(x - x') ⊙ ∫ d logit / d x along the straight line from x' to x, added up over colour channels."""
    import torch

    from xai_core.batches import HALVED
    from xai_core.evidence import Finding

    start = filled(evidence.classifier, evidence.x, params.baseline)
    with torch.inference_mode():
        from_score = float(evidence.classifier.prepared(start)[0, evidence.target])
    shares, halved = integrate(evidence.classifier, evidence.x, start, evidence.target, params.steps, progress)
    to_score = float(evidence.logits[evidence.target])
    figure, notes = completeness(float(shares.sum()), from_score, to_score, params.baseline)
    return Finding(shares.sum(dim=0), signed=True, details=(figure,), notes=(*notes, *((HALVED,) if halved else ())))


def integrate(
    classifier: Classifier, x: Tensor, start: Tensor, target: int, steps: int, progress: Progress
) -> tuple[Tensor, bool]:
    """Shares (3, S, S) of the change of logit[target] from `start` to `x`, by the midpoint rule.

    The flag tells whether memory ran out and batches were halved on the way.
    """
    import torch

    from xai_core.batches import batch_size, in_batches

    totals: dict[int, Tensor] = {}

    def work(first: int, last: int) -> None:
        places = (torch.arange(first, last, device=x.device, dtype=x.dtype) + 0.5) / steps
        path = start + places.view(-1, 1, 1, 1) * (x - start)
        path = path.contiguous(memory_format=torch.channels_last)
        totals[first] = classifier.gradient(path, target).sum(dim=0)

    halved = in_batches(steps, batch_size(x.device, gradients=True), work, progress, "step")
    mean = sum(totals.values(), start=x.new_zeros(x.shape[1:])) / steps
    return (x - start)[0] * mean, halved


def completeness(total: float, from_score: float, to_score: float, kind: str) -> tuple[Figure, tuple[str, ...]]:
    """How far the shares are from adding up to the change of the score, which they should equal (proposition 1)."""
    change = to_score - from_score
    words = (
        f"From the {kind} baseline to the picture the score goes from {from_score:.2f} to {to_score:.2f}, "
        f"a change of {change:+.2f}; the map's values add up to {total:+.2f}."
    )
    if change == 0:
        note = f"The picture scores exactly as its {kind} baseline does, so there is no change to share out."
        return Figure("Completeness error", "undefined", words), (note,)
    error = abs(total - change) / abs(change)
    notes: tuple[str, ...] = ()
    if error > TOLERATED:
        notes = (f"The map misses {error:.0%} of the change it should explain; more steps make it more exact.",)
    return Figure("Completeness error", f"{error:.1%}", words), notes
