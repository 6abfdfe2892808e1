"""What a layer's output comes to for one picture: its channels averaged or added up over space, or all of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from xai_core.errors import UnsupportedMethod
from xai_core.layers import as_grid

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.tcav.settings import Pooling

MOST_FLAT = 50_000  # numbers a picture: a direction in more takes minutes and gigabytes


def spread(output: Tensor, layer: str) -> Tensor:
    """A layer's output as (B, C, places), a view of it: a grid's places, or the single one of a vector.

    UnsupportedMethod for an output that is neither.
    """
    grid = as_grid(output)
    if grid is not None:
        return grid.flatten(2)
    if output.dim() >= 2 and output[0].numel() == max(output.shape[1:]):
        return output.flatten(1)[:, :, None]
    raise UnsupportedMethod(
        f"Layer {layer!r} has neither a grid nor a vector for each picture, but {tuple(output.shape[1:])}. "
        "Choose another layer."
    )


def averaged(output: Tensor, layer: str, pooling: Pooling) -> Tensor:
    """(B, D): the mean over space, or with "flatten" everything, channel by channel.

    UnsupportedMethod for an output that is neither grid nor vector, or has more than `MOST_FLAT` numbers a picture.
    """
    places = spread(output, layer)
    return places.mean(2) if pooling == "average" else _flat(places, layer)


def added(gradient: Tensor, layer: str, pooling: Pooling) -> Tensor:
    """(B, D) from d score / d output: added up over space, since moving the mean by v moves every place by v."""
    places = spread(gradient, layer)
    return places.sum(2) if pooling == "average" else _flat(places, layer)


def _flat(places: Tensor, layer: str) -> Tensor:
    flat = places.flatten(1)
    if flat.shape[1] > MOST_FLAT:
        raise UnsupportedMethod(
            f"Layer {layer!r} has {flat.shape[1]:,} numbers for each picture; at most {MOST_FLAT:,} can be compared "
            "one by one. Average over space, or choose a later layer."
        )
    return flat


def check(classifier: Classifier, layers: Collection[str]) -> None:
    """UnsupportedMethod names the first layer that the model does not have."""
    have = dict(classifier.module.named_modules())
    for layer in layers:
        if not layer or layer not in have:
            raise UnsupportedMethod(f"{classifier.name} has no layer {layer!r}; choose one from the list.")


def single(found: Mapping[str, Sequence[Tensor]], pictures: int) -> dict[str, Tensor]:
    """The one output of each layer; UnsupportedMethod where a pass of so many pictures gave none, several or others."""
    for layer, outputs in found.items():
        if len(outputs) != 1 or len(outputs[0]) != pictures:
            raise UnsupportedMethod(f"Layer {layer!r} gives no single output for each picture. Choose another layer.")
    return {layer: outputs[0] for layer, outputs in found.items()}
