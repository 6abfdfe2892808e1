"""Gradient: how the score moves with each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.channels import ChannelParams, reduce_channels
from xai_core.method import method

if TYPE_CHECKING:
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class GradientParams(ChannelParams):
    pass


@method(
    title="Gradient",
    paper="Simonyan 2014, arXiv:1312.6034, section 3.1",
    shows="Where a tiny change of a pixel would move the score of {target} most.",
    caution="Bright is sensitive, not important: a pixel can matter greatly and still not be at a tipping point.",
    in_sources=True,
)
def gradient(evidence: Evidence, params: GradientParams, progress: Progress) -> Finding:
    """d logit / d input, reduced over colour channels."""
    from xai_core.evidence import Finding

    return Finding(reduce_channels(evidence.gradient, params), params.signed)
