"""SmoothGrad: the gradient, averaged over noisy copies of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.channels import ChannelParams, reduce_channels
from xai_core.knobs import knob
from xai_core.method import method

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class SmoothgradParams(ChannelParams):
    samples: int = knob(50, 2, 500, help="How many noisy copies are averaged; more is smoother and slower.")
    noise: float = knob(
        0.15,
        0.01,
        0.5,
        step=0.01,
        label="noise level",
        help="Strength of the noise, as a share of the picture's range.",
    )
    seed: int = knob(0, 0, 9999, help="Which noise; another seed shows how much the map owes to chance.")

    def passes(self) -> float:
        return float(self.samples)


@method(
    title="SmoothGrad",
    paper="Smilkov 2017, arXiv:1706.03825, section 3",
    shows="Where tiny changes move the score of {target} most, on average over noisy copies of the picture.",
    caution="Cleaner than the gradient, not truer: it shows sensitivity, and part of it is chance (try another seed).",
    in_sources=True,
)
def smoothgrad(evidence: Evidence, params: SmoothgradParams, progress: Progress) -> Finding:
    """Mean of d logit / d x over x + N(0, σ²), σ = noise · (max x - min x); signs are kept until after the mean."""
    from xai_core.batches import HALVED, batch_size, in_batches
    from xai_core.evidence import Finding

    classifier, x = evidence.classifier, evidence.x
    noise = Noise(x, float(x.max() - x.min()) * params.noise, params.seed)
    totals: dict[int, Tensor] = {}

    def work(start: int, stop: int) -> None:
        totals[start] = classifier.gradient(x + noise(start, stop), evidence.target).sum(dim=0)

    halved = in_batches(params.samples, batch_size(classifier.device, gradients=True), work, progress, "noisy copy")
    mean = sum(totals.values(), start=x.new_zeros(x.shape[1:])) / params.samples
    return Finding(reduce_channels(mean, params), params.signed, notes=(HALVED,) if halved else ())


class Noise:
    """Normal noise for pictures like `like` (1, 3, S, S): sample i is the same however samples are batched.

    Drawn on the CPU, so that every device gets the same.
    """

    def __init__(self, like: Tensor, deviation: float, seed: int) -> None:
        import torch

        self._like, self._deviation = like, deviation
        self._generator = torch.Generator().manual_seed(seed)
        self._states: dict[int, Tensor] = {0: self._generator.get_state()}

    def __call__(self, start: int, stop: int) -> Tensor:
        """Samples start to stop, (B, 3, S, S). To be asked for in order; the last ones may be asked for again."""
        import torch

        self._generator.set_state(self._states[start])
        shape = self._like.shape[1:]
        # one draw for each sample: a joint draw gives other numbers for another batch size
        drawn = torch.stack([torch.randn(shape, generator=self._generator) for _ in range(start, stop)])
        self._states[stop] = self._generator.get_state()
        return drawn.to(self._like).contiguous(memory_format=torch.channels_last) * self._deviation
