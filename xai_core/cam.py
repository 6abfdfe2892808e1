"""What the methods that look at one layer's features share: the layer to choose, and what a blank map means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.knobs import LAYERS, Params, knob

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.evidence import Finding


@dataclass(frozen=True)
class CamParams(Params):
    layer: str = knob("", choices=LAYERS, help="The layer whose features are weighed; earlier is finer but vaguer.")

    def passes(self) -> float:
        return 0.4


def class_map(activation: Tensor, gradient: Tensor) -> Tensor:
    """Channels (C, h, w) weighted by their mean gradient and added up: (h, w), signed (Selvaraju 2017, equation 1)."""
    return (gradient.mean(dim=(1, 2), keepdim=True) * activation).sum(dim=0)


def only_for(values: Tensor, gradient: Tensor, *notes: str) -> Finding:
    """A map of `values` (h, w) where they speak for the class, 0 elsewhere; says why where nothing is left."""
    from xai_core.evidence import Finding

    return Finding(values.relu(), signed=False, notes=(*blank_reason(values, gradient), *notes))


def blank_reason(values: Tensor, gradient: Tensor) -> tuple[str, ...]:
    """Why nothing of `values` speaks for the class, as notes; none where something does."""
    if bool((values > 0).any()):
        return ()
    if not bool(gradient.any()):
        return ("The score does not depend on this layer's features here; choose another layer.",)
    return ("No positive evidence: nothing that was weighed at this layer speaks for the class.",)
