"""What methods ask of one picture and one class, each pass made once however many methods ask for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_core import hooks
from xai_core.batches import in_batches
from xai_core.classifier import Classifier
from xai_core.details import Detail
from xai_core.errors import UnsupportedMethod
from xai_core.layers import as_grid

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Finding:
    """What a method returns: its map, and what else is worth showing.

    `values` (h, w) covers the model's input square at the method's own resolution. `signed` says that values
    below 0 speak against the class; otherwise all are >= 0. `notes` are plain sentences for the reader.
    """

    values: Tensor
    signed: bool
    details: tuple[Detail, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(eq=False)
class Evidence:
    """One classifier, one square, one class. Passes are memoised; their bits depend on nothing else.

    OutOfMemory where the device has no room for a single picture's pass.
    """

    classifier: Classifier
    square: NDArray[np.uint8]  # (S, S, 3), what the model sees
    target: int
    _layers: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict, repr=False)

    @cached_property
    def x(self) -> Tensor:
        """The encoded picture (1, 3, S, S)."""
        return self.classifier.encode(self.square)

    @cached_property
    def logits(self) -> Tensor:
        """(K,), by the prepared path."""
        x = self.x  # made outside: a tensor born under inference mode could carry no gradient later
        with torch.inference_mode():
            return _alone(lambda: self.classifier.prepared(x)[0].float().cpu())

    @property
    def label(self) -> str:
        """The target class in words."""
        return self.classifier.labels[self.target]

    @property
    def probability(self) -> float:
        """Of the target, in [0, 1]."""
        return float(self.logits.softmax(0)[self.target])

    @cached_property
    def gradient(self) -> Tensor:
        """d logit[target] / d x, (3, S, S)."""
        return _alone(lambda: self.classifier.gradient(self.x, self.target)[0])

    @cached_property
    def guided_gradient(self) -> Tensor:
        """The same under the guided rule, (3, S, S)."""
        with hooks.guided_relu():
            return _alone(lambda: self.classifier.gradient(self.x, self.target)[0])

    def layer(self, name: str = "") -> tuple[Tensor, Tensor]:
        """Activation and d logit[target] / d activation of a spatial layer, each (C, h, w).

        "" is the classifier's default layer. UnsupportedMethod names a layer that does not exist or has no grid.
        """
        name = name or self.classifier.cam_layer
        if name not in self._layers:
            if not name or name not in dict(self.classifier.module.named_modules()):
                raise UnsupportedMethod(f"{self.classifier.name} has no layer {name!r}; choose one from the list.")
            self._layers[name] = _alone(lambda: self._pass_to(name))
        return self._layers[name]

    def attention(self) -> tuple[Tensor, ...]:
        """Attention weights (heads, N, N) of each layer, first layer first; not remembered, for they are large.

        UnsupportedMethod where a pass uses no attention layer.
        """
        with torch.no_grad(), hooks.attention_weights(self.classifier.module) as kept:
            _alone(lambda: self.classifier.module(self.x))
        if not kept:
            raise UnsupportedMethod(f"{self.classifier.name} does not use its attention layers; choose another method.")
        return tuple(weights[0] for weights in kept)

    def _pass_to(self, name: str) -> tuple[Tensor, Tensor]:
        module = self.classifier.module
        # the graph begins at the layer: cheaper than a whole backward pass, and the same bits
        with torch.enable_grad(), hooks.cut_at(module, name) as kept:
            score = module(self.x)[0, self.target]
            if len(kept) != 1 or len(kept[0]) != 1 or (grid := as_grid(kept[0].detach())) is None:
                raise UnsupportedMethod(
                    f"Layer {name!r} of {self.classifier.name} has no single grid to look at; choose another."
                )
            # a layer that the score does not depend on moves nothing: a map of zeros, not an error
            (gradient,) = torch.autograd.grad(score, kept[0], allow_unused=True, materialize_grads=True)
        moved = as_grid(gradient)
        assert moved is not None  # it has the activation's shape
        return grid[0], moved[0]


@dataclass(eq=False)
class Batched(Evidence):
    """One of several pictures whose passes are made together; values may differ from single ones in the last digits."""

    group: list[Batched] = field(default_factory=list, repr=False)  # itself among them

    @classmethod
    def of(cls, classifier: Classifier, squares: Sequence[NDArray[np.uint8]], targets: Sequence[int]) -> list[Batched]:
        """One for each square and class, in their order."""
        group: list[Batched] = []
        group += [cls(classifier, square, target, group=group) for square, target in zip(squares, targets, strict=True)]
        return group

    @cached_property
    def logits(self) -> Tensor:
        """(K,)."""

        def forward(x: Tensor, _targets: tuple[int, ...]) -> Tensor:
            with torch.inference_mode():
                return self.classifier.prepared(x).float().cpu()

        return self._of_all("logits", forward)

    @cached_property
    def gradient(self) -> Tensor:
        """d logit[target] / d x, (3, S, S)."""
        return self._of_all("gradient", self.classifier.gradient)

    @cached_property
    def guided_gradient(self) -> Tensor:
        """The same under the guided rule, (3, S, S)."""
        with hooks.guided_relu():
            return self._of_all("guided_gradient", self.classifier.gradient)

    def _of_all(self, name: str, compute: Callable[[Tensor, tuple[int, ...]], Tensor]) -> Tensor:
        """Compute for the whole group, leave each its own row, return this one's."""

        def work(start: int, stop: int) -> None:
            part = self.group[start:stop]
            x = torch.cat([each.x for each in part]).contiguous(memory_format=torch.channels_last)
            for each, row in zip(part, compute(x, tuple(each.target for each in part)), strict=True):
                each.__dict__[name] = row  # where `cached_property` looks

        in_batches(len(self.group), len(self.group), work)
        found: Tensor = self.__dict__[name]
        return found


def _alone(work: Callable[[], T]) -> T:
    """A single picture's pass, with the error that says what to do where the device has no room for it."""
    found: list[T] = []
    in_batches(1, 1, lambda _start, _stop: found.append(work()))
    return found[0]
