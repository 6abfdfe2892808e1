"""Grad-CAM: which region's features raise the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.knobs import LAYERS, Params, knob
from xai_core.method import method

if TYPE_CHECKING:
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class GradcamParams(Params):
    layer: str = knob("", choices=LAYERS, help="The layer whose features are weighed; earlier is finer but vaguer.")
    relu: bool = knob(True, label="only what speaks for it", help="Drop what speaks against the class (the paper does).")

    def passes(self) -> float:
        return 0.4


@method(
    title="Grad-CAM",
    paper="Selvaraju 2017, arXiv:1610.02391, equations 1 and 2",
    shows="The region whose features raise {target}.",
    caution="Coarse by nature: the edge of the glow is not the edge of what counts.",
    in_sources=True,
    needs=("spatial",),
)
def gradcam(evidence: Evidence, params: GradcamParams, progress: Progress) -> Finding:
    """Channels of a layer, weighted by their mean gradient and added up."""
    from xai_core.evidence import Finding

    activation, gradient = evidence.layer(params.layer)
    values = (gradient.mean(dim=(1, 2), keepdim=True) * activation).sum(dim=0)
    return Finding(values.relu() if params.relu else values, signed=not params.relu)
