"""At which layers a concept can be looked for: one for each part of the network, from its input to its output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xai_core import hooks
from xai_core.blocks import found_blocks, within
from xai_core.features.gradients import attached, back
from xai_core.features.pooled import added
from xai_core.layers import Layer
from xai_core.zoo import Block

if TYPE_CHECKING:
    from xai_core.classifier import Classifier

LEAST, MOST = 4, 12  # layers to choose from, where the network has so many parts
USUAL = 0.75  # how deep the default lies; `blocks.5` of EfficientNet-Lite0
PROBES = 2  # made-up pictures to try the layers with
SAME = 1e-5  # of its length: what a gradient that hangs on no picture may differ by, through rounding
_PARTS = ("early", "middle", "late")


@dataclass(frozen=True)
class Bottleneck:
    """A layer, its place in the network in words, and whether its gradient is the same for every picture."""

    name: str
    words: str
    same: bool


def bottlenecks(classifier: Classifier) -> tuple[Bottleneck, ...]:
    """The last grid of every block that still moves the answer, input to output, at most `MOST`; () without grids."""
    moved = _gradients(classifier, ends) if (ends := _parts(classifier)) else {}
    ends = [layer for layer in ends if layer.name in moved]
    alive = [layer for layer in ends if bool(moved[layer.name].any())] or ends
    # counted from the end: towards the output layers differ most in what they know
    kept = alive[:: -(-(-len(alive) // MOST) or 1)][::-1]
    return tuple(
        Bottleneck(layer.name, _words(layer, number, len(kept), same := _same(moved[layer.name])), same)
        for number, layer in enumerate(kept, 1)
    )


def usual(offered: tuple[Bottleneck, ...]) -> str:
    """The default: three quarters down, and not where every picture has the same gradient; "" where none is offered."""
    if not offered:
        return ""
    number = max(1, round(USUAL * len(offered)))
    while number > 1 and offered[number - 1].same:
        number -= 1
    return offered[number - 1].name


def _parts(classifier: Classifier) -> list[Layer]:
    """The ends of the blocks that a table describes, or of those that are found: coarse ones where they are enough."""
    if classifier.given_blocks:
        return _ends(classifier, classifier.given_blocks)
    coarse = _ends(classifier, found_blocks(classifier.module, classifier.probe(), MOST))
    return coarse if len(coarse) >= LEAST else _ends(classifier, classifier.blocks)


def _ends(classifier: Classifier, blocks: tuple[Block, ...]) -> list[Layer]:
    """Of each block the last layer that is a grid; one without weights belongs to the block before it."""
    found: dict[int, Layer] = {}
    block = 0
    for layer in classifier.layers:
        # an outer name stands for all blocks inside it, and its output for the last one's
        inside = [
            number
            for number, names in enumerate(blocks)
            if within(layer.name, names) or any(within(name, (layer.name,)) for name in names)
        ]
        block = inside[-1] if inside else block
        found[block] = replace(layer, name=_inner(classifier, layer.name, blocks[block]))
    return [found[number] for number in sorted(found)]


def _inner(classifier: Classifier, name: str, block: Block) -> str:
    """The block's own name where a sequence that ends with it, and answers the same, goes by an outer one."""
    while not within(name, block):
        module = classifier.module.get_submodule(name)
        if type(module) is not nn.Sequential or not len(module):
            return name
        name = f"{name}.{list(module._modules)[-1]}"
    return name


def _gradients(classifier: Classifier, layers: list[Layer]) -> dict[str, Tensor]:
    """Of a class's logit for made-up pictures, soft blobs of colour with grain: (PROBES, C) at each layer."""
    side, draws = classifier.preprocess.crop, torch.Generator().manual_seed(0)
    coarse, grain = (
        torch.randn((PROBES, 3, 7, 7), generator=draws),
        torch.randn((PROBES, 3, side, side), generator=draws),
    )
    probes = F.interpolate(coarse, (side, side), mode="bilinear", align_corners=False) + 0.2 * grain
    found: dict[str, list[Tensor]] = {layer.name: [] for layer in layers}

    def reader(name: str) -> Callable[[Tensor], Tensor]:
        return lambda output: attached(output, found[name])

    with torch.enable_grad(), hooks.reading(classifier.module, {name: reader(name) for name in found}):
        logit = classifier.module(probes.to(classifier.device))[:, 0].sum()
    # what is computed once for all pictures, such as a table of positions, looked like a grid with one picture
    outputs = {name: outputs[0] for name, outputs in found.items() if len(outputs[0]) == PROBES}
    moved = back(logit, list(outputs.values()))
    return {name: added(each, name, "average") for name, each in zip(outputs, moved, strict=True)}


def _same(gradient: Tensor) -> bool:
    return bool((gradient - gradient[:1]).norm(dim=1).max() <= SAME * gradient.norm(dim=1).max())


def _words(layer: Layer, number: int, count: int, same: bool) -> str:
    """What tells it from the others comes first: on a narrow page the end is cut."""
    place = _PARTS[min(2, 3 * (number - 1) // count)]
    ending = "; every picture has the same gradient here" if same else ""
    return f"{number}/{count} {place}: {layer.name}{ending}"
