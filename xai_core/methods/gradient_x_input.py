"""Gradient × input: each pixel's share of the score, were the model a straight line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.knobs import Params
from xai_core.method import method

if TYPE_CHECKING:
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress


@dataclass(frozen=True)
class GradientXInputParams(Params):
    pass


@method(
    title="Gradient × input",
    paper="Shrikumar 2016, arXiv:1605.01713",
    shows="How much each pixel adds to the score of {target} or takes from it, if the model were a straight line.",
    caution="A mid-grey pixel counts as nothing however much it matters: the model's own zero is near mid-grey.",
    in_sources=True,
)
def gradient_x_input(evidence: Evidence, params: GradientXInputParams, progress: Progress) -> Finding:
    """x ⊙ d logit / d x in the model's normalised space, added up over colour channels."""
    from xai_core.evidence import Finding

    return Finding((evidence.gradient * evidence.x[0]).sum(dim=0), signed=True)
