"""Guided Grad-CAM: the fine lines of guided backpropagation inside Grad-CAM's region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.cam import CamParams, blank_reason, class_map
from xai_core.channels import ChannelParams, reduce_channels
from xai_core.method import method

if TYPE_CHECKING:
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class GuidedGradcamParams(CamParams, ChannelParams):
    def passes(self) -> float:
        return 1.4


@method(
    title="Guided Grad-CAM",
    paper="Selvaraju 2017, arXiv:1610.02391, section 3.2",
    shows="Fine structure within the region whose features raise {target}.",
    caution="Only the region depends on the class; the fine lines are guided backpropagation's, whatever the reason.",
    needs=("relu", "spatial"),
)
def guided_gradcam(evidence: Evidence, params: GuidedGradcamParams, progress: Progress) -> Finding:
    """Guided gradient times Grad-CAM, enlarged bilinearly with corners not aligned, reduced over colour channels.

    Captum enlarges to the nearest neighbour unless told `interpolate_mode="bilinear"`; then the two are equal.
    """
    from torch.nn import functional as F

    from xai_core.evidence import Finding

    activation, gradient = evidence.layer(params.layer)
    region = class_map(activation, gradient)
    side = evidence.x.shape[-2:]
    window = F.interpolate(region.relu()[None, None], size=side, mode="bilinear", align_corners=False)[0]
    values = reduce_channels(evidence.guided_gradient * window, params)
    return Finding(values, params.signed, notes=blank_reason(region, gradient))
