"""Grad-CAM: which region's features raise the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.cam import CamParams, class_map, only_for
from xai_core.knobs import knob
from xai_core.method import method

if TYPE_CHECKING:
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class GradcamParams(CamParams):
    relu: bool = knob(
        True, label="only what speaks for it", help="Drop what speaks against the class (the paper does)."
    )


@method(
    title="Grad-CAM",
    paper="Selvaraju 2017, arXiv:1610.02391, equations 1 and 2",
    shows="The region whose features raise {target}.",
    caution="Coarse by nature: the edge of the glow is not the edge of what counts.",
    in_sources=True,
    needs=("spatial",),
)
def gradcam(evidence: Evidence, params: GradcamParams, progress: Progress) -> Finding:
    """Channels of a layer, weighted by their mean gradient and added up; the paper's ReLU can be left out."""
    from xai_core.evidence import Finding

    activation, gradient = evidence.layer(params.layer)
    values = class_map(activation, gradient)
    return only_for(values, gradient) if params.relu else Finding(values, signed=True)
