"""Grad-CAM++: Grad-CAM that gives each place of a feature its own say, so that several objects all count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.cam import CamParams, only_for
from xai_core.method import method

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class GradcamPlusPlusParams(CamParams):
    pass


@method(
    title="Grad-CAM++",
    paper="Chattopadhay 2018, arXiv:1710.11063, equations 7 and 19",
    shows="The regions whose features raise {target}, each of several objects among them.",
    caution="It keeps only what speaks for the class, so a wide glow is no proof that all of it is needed.",
    needs=("spatial",),
)
def gradcam_plus_plus(evidence: Evidence, params: GradcamPlusPlusParams, progress: Progress) -> Finding:
    """Channels of a layer, weighted by their gradients' positive parts, added up; then ReLU, as in the paper."""
    activation, gradient = evidence.layer(params.layer)
    values = (channel_weights(activation, gradient) * activation).sum(dim=0)
    if bool((activation.sum(dim=(1, 2)) < 0).any()):
        note = "Some features of this layer are negative, which this method's weights do not allow for."
        return only_for(values, gradient, note)
    return only_for(values, gradient)


def channel_weights(activation: Tensor, gradient: Tensor) -> Tensor:
    """w_k = Σ_ij α ReLU(g), (C, 1, 1), where α = g² / (2 g² + Σ_ab A g³) for the exponential of the score."""
    import torch

    # g² cancels: squares of small gradients would vanish in single precision
    denominator = 2 + activation.sum(dim=(1, 2), keepdim=True) * gradient
    alpha = torch.where((gradient != 0) & (denominator != 0), 1 / denominator, 0.0)
    return (alpha * gradient.relu()).sum(dim=(1, 2), keepdim=True)
