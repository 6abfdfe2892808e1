"""Attention rollout: how much of each patch has reached a vision transformer's verdict through its attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.knobs import Params, knob
from xai_core.method import method

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress

FUSIONS = ("mean", "max", "min")


@dataclass(frozen=True)
class AttentionRolloutParams(Params):
    heads: str = knob("mean", choices=FUSIONS, help="How the attention heads of a layer become one (the paper: mean).")
    discard: float = knob(
        0.0,
        0.0,
        0.99,
        step=0.01,
        label="drop the weakest",
        help="Share of each layer's attention that is dropped as noise.",
    )

    def passes(self) -> float:
        return 0.5


@method(
    title="Attention rollout",
    paper="Abnar 2020, arXiv:2005.00928, equation 1",
    shows="Which patches the model's verdict draws on, followed through the attention of all its layers.",
    caution="It is the same for every class, {target} or not: where the model looks, not what it concludes from it.",
    needs=("attention",),
)
def attention_rollout(evidence: Evidence, params: AttentionRolloutParams, progress: Progress) -> Finding:
    """The class token's row of the rolled-out attention, as a square grid of patches."""
    from xai_core.errors import UnsupportedMethod
    from xai_core.evidence import Finding

    row = rollout(evidence.attention(), params.heads, params.discard)[0, 1:]
    side = round(len(row) ** 0.5)
    if side * side != len(row):
        raise UnsupportedMethod(
            f"Attention rollout does not apply to {evidence.classifier.name}: its "
            f"{len(row) + 1} tokens are not one class token and a square of patches."
        )
    return Finding(row.view(side, side), signed=False)


def rollout(layers: Sequence[Tensor], heads: str, discard: float) -> Tensor:
    """(N, N): row i says how much of each input token has reached token i; rows add up to 1.

    `layers` hold (heads, N, N), first layer first. A layer is (W + I) / 2, for the residual connection, and rows are
    brought back to 1 after heads were fused by max or min or weak entries dropped, which the paper does not do.
    """
    import torch

    tokens = layers[0].shape[-1]
    identity = torch.eye(tokens, dtype=layers[0].dtype, device=layers[0].device)
    total = identity
    for weights in layers:
        fused = {"mean": weights.mean(dim=0), "max": weights.amax(dim=0), "min": weights.amin(dim=0)}[heads]
        weakest = fused.flatten().argsort(stable=True)[: int(fused.numel() * discard)]
        mixed = fused.flatten().index_fill(0, weakest, 0.0).view(tokens, tokens) + identity
        total = mixed / mixed.sum(dim=1, keepdim=True) @ total
    return total
