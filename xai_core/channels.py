"""How three colour channels become one value per pixel: a setting of every map that is made of input gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.knobs import Params, knob

if TYPE_CHECKING:
    from torch import Tensor

CHANNEL_RULES = ("sum", "largest", "mean")


@dataclass(frozen=True)
class ChannelParams(Params):
    signed: bool = knob(
        False, help="Keep the sign: which pixels speak for and which against the class when brightened."
    )
    channels: str = knob("largest", choices=CHANNEL_RULES, help="How the three colour channels become one value.")


def reduce_channels(gradient: Tensor, params: ChannelParams) -> Tensor:
    """(3, S, S) -> (S, S); absolute values are taken before the channels are joined (Simonyan 2014, section 3.1).

    The "largest" of signed values is the one farthest from zero.
    """
    import torch

    values = gradient if params.signed else gradient.abs()
    if params.channels == "largest":
        high, low = values.amax(dim=0), values.amin(dim=0)
        return torch.where(high >= -low, high, low)
    return values.sum(dim=0) if params.channels == "sum" else values.mean(dim=0)
