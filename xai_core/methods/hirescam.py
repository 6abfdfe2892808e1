"""HiResCAM: the places whose features really enter the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.cam import CamParams
from xai_core.method import method

if TYPE_CHECKING:
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class HirescamParams(CamParams):
    pass


@method(
    title="HiResCAM",
    paper="Draelos 2020, arXiv:2011.08891",
    shows="How much each place's features add to the score of {target} or take from it.",
    caution="A place stands for all that its features have seen, which reaches far beyond its square.",
    needs=("spatial",),
)
def hirescam(evidence: Evidence, params: HirescamParams, progress: Progress) -> Finding:
    """Σ_k g ⊙ A over the channels of a layer, signed: the paper has no ReLU, though implementations often add one."""
    from xai_core.evidence import Finding

    activation, gradient = evidence.layer(params.layer)
    return Finding((gradient * activation).sum(dim=0), signed=True)
