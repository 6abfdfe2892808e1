"""Gradient: how the score moves with each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.knobs import Params, knob
from xai_core.method import method

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress

CHANNEL_RULES = ("sum", "largest", "mean")


@dataclass(frozen=True)
class GradientParams(Params):
    signed: bool = knob(False, help="Keep the sign: which pixels speak for and which against the class when brightened.")
    channels: str = knob("largest", choices=CHANNEL_RULES, help="How the three colour channels become one value.")


def reduce_channels(gradient: Tensor, rule: str, signed: bool) -> Tensor:
    """(3, S, S) -> (S, S); absolute values are taken before the channels are joined (Simonyan 2014, section 3.1).

    The "largest" of signed values is the one farthest from zero.
    """
    values = gradient if signed else gradient.abs()
    if rule == "largest":
        strongest = values.abs().argmax(dim=0, keepdim=True)
        return values.gather(0, strongest)[0]
    return values.sum(dim=0) if rule == "sum" else values.mean(dim=0)


@method(
    title="Gradient",
    paper="Simonyan 2014, arXiv:1312.6034",
    shows="Where a tiny change of a pixel would move the score of {target} most.",
    caution="Bright is sensitive, not important: a pixel can matter greatly and still not be at a tipping point.",
    in_sources=True,
)
def gradient(evidence: Evidence, params: GradientParams, progress: Progress) -> Finding:
    """d logit / d input, reduced over colour channels."""
    from xai_core.evidence import Finding

    return Finding(reduce_channels(evidence.gradient, params.channels, params.signed), params.signed)
