"""LayerCAM: Grad-CAM with a weight for each place, so that early, fine layers can be looked at too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.cam import CamParams, only_for
from xai_core.method import method

if TYPE_CHECKING:
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class LayercamParams(CamParams):
    pass


@method(
    title="LayerCAM",
    paper="Jiang 2021, IEEE Transactions on Image Processing 30",
    shows="The places whose features raise {target}; choose an early layer for fine detail.",
    caution="Early layers show edges that many classes share; what speaks against the class is never shown.",
    needs=("spatial",),
)
def layercam(evidence: Evidence, params: LayercamParams, progress: Progress) -> Finding:
    """ReLU(Σ_k ReLU(g) ⊙ A) of one layer; the paper's tanh scaling belongs to the fusion of several."""
    activation, gradient = evidence.layer(params.layer)
    return only_for((gradient.relu() * activation).sum(dim=0), gradient)
