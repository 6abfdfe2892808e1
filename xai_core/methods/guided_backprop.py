"""Guided backpropagation: the gradient with everything negative dropped on the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.channels import ChannelParams, reduce_channels
from xai_core.method import method

if TYPE_CHECKING:
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class GuidedBackpropParams(ChannelParams):
    pass


@method(
    title="Guided backpropagation",
    paper="Springenberg 2015, arXiv:1412.6806, figure 1c",
    shows="The edges and textures that excite the features behind {target}.",
    caution="Nearly the same for every class, and even for a half-random model: it shows structure, not reasons.",
    in_sources=True,
    needs=("relu",),
)
def guided_backprop(evidence: Evidence, params: GuidedBackpropParams, progress: Progress) -> Finding:
    """d logit / d input where every ReLU, ReLU6 included, passes back positive gradients only."""
    from xai_core.evidence import Finding

    return Finding(reduce_channels(evidence.guided_gradient, params), params.signed)
