"""The one handle on a network that every method shares: frozen weights, labels, preprocessing, layers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from xai_core import hooks
from xai_core.batches import batch_size, in_batches
from xai_core.blocks import found_blocks
from xai_core.framing import Preprocess
from xai_core.layers import Layer, spatial_layers
from xai_core.method import Need
from xai_core.prepared import prepare
from xai_core.progress import Progress, silent
from xai_core.zoo import Block

Target = int | tuple[int, ...]  # one class for all pictures of a batch, or one for each


def score(logits: Tensor, target: Target) -> Tensor:
    """The sum of every picture's logit of its class: (B, K) -> ()."""
    rows = slice(None) if isinstance(target, int) else torch.arange(len(target), device=logits.device)
    return logits[rows, target].sum()


@dataclass(eq=False)
class Classifier:
    """A network in eval mode with frozen parameters on one device; never mutated once made.

    `cam_layer` is the dotted name of the layer that Grad-CAM uses by default, "" where there is none.
    """

    name: str
    module: nn.Module = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)  # K class names
    preprocess: Preprocess
    cam_layer: str = ""
    given_blocks: tuple[Block, ...] = field(default=(), repr=False)  # () where no table describes them

    @property
    def device(self) -> torch.device:
        return next(self.module.parameters()).device

    def encode(self, square: NDArray[np.uint8]) -> Tensor:
        """(S, S, 3) uint8 -> (1, 3, S, S) float32, normalised, on the device."""
        x = torch.from_numpy(np.array(square)).to(self.device).permute(2, 0, 1)[None].float() / 255
        # of a single picture, `contiguous` leaves strides that convolutions take for channels first
        return self.normalise(x).clone(memory_format=torch.channels_last)

    def normalise(self, x: Tensor) -> Tensor:
        """RGB in [0, 1], (B, 3, S, S) -> the model's input space."""
        mean, std = (
            torch.tensor(v, device=x.device).view(3, 1, 1) for v in (self.preprocess.mean, self.preprocess.std)
        )
        return (x - mean) / std

    def denormalise(self, x: Tensor) -> Tensor:
        """The model's input space -> RGB in [0, 1] (values outside stay outside)."""
        mean, std = (
            torch.tensor(v, device=x.device).view(3, 1, 1) for v in (self.preprocess.mean, self.preprocess.std)
        )
        return x * std + mean

    def gradient(self, x: Tensor, target: Target) -> Tensor:
        """d logit[target] / d x of each picture in one pass: (B, 3, S, S) -> (B, 3, S, S)."""
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            return torch.autograd.grad(score(self.module(x), target), x)[0]

    def scores(
        self, total: int, pictures: Callable[[int, int], Tensor], progress: Progress = silent, note: str = ""
    ) -> tuple[Tensor, bool]:
        """Logits (total, K) on the CPU of `pictures(start, stop) -> (B, 3, S, S)`, by the path prepared for inference.

        The flag tells whether memory ran out and batches were halved on the way.
        """
        found: dict[int, Tensor] = {}

        def work(start: int, stop: int) -> None:
            with torch.inference_mode():
                found[start] = self.prepared(pictures(start, stop)).float().cpu()

        halved = in_batches(total, batch_size(self.device, gradients=False), work, progress, note)
        return torch.cat([found[start] for start in sorted(found)]), halved

    @cached_property
    def prepared(self) -> Callable[[Tensor], Tensor]:
        """(B, 3, S, S) -> logits (B, K) without gradients: the fastest path whose outputs were checked."""
        side = self.preprocess.crop
        return prepare(self.module, (3, side, side))

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer with a spatial output, input to output."""
        return spatial_layers(self.module, self.probe())

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """What may be destroyed one after the other, input to output; every tensor is in exactly one."""
        return self.given_blocks or found_blocks(self.module, self.probe())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over names, shapes and values of all weights and buffers."""
        return fingerprint(self.module)

    @cached_property
    def other_activations(self) -> tuple[str, ...]:
        """Names of activation functions other than ReLU and ReLU6 that a pass calls."""
        return self._activations[1]

    @cached_property
    def traits(self) -> frozenset[Need]:
        """What methods may need: "spatial" layers, "relu" as the only activation, "attention" weights."""
        found: set[Need] = set()
        if self.cam_layer:
            found.add("spatial")
        if self._activations[0] and not self._activations[1]:
            found.add("relu")
        if any(isinstance(child, nn.MultiheadAttention) for child in self.module.modules()):
            found.add("attention")
        return frozenset(found)

    @cached_property
    def _activations(self) -> tuple[bool, tuple[str, ...]]:
        with torch.no_grad(), hooks.activations_used() as used:
            self.module(self.probe())
        return used.relu, tuple(sorted(used.others))

    def probe(self) -> Tensor:
        side = self.preprocess.crop
        return torch.zeros(1, 3, side, side, device=self.device)


def freeze(module: nn.Module, device: torch.device) -> nn.Module:
    """The same network in eval mode on `device`, channels last, no parameter collecting gradients."""
    return module.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)


def fingerprint(module: nn.Module) -> str:
    """SHA-256, hexadecimal, over names, shapes and values of all weights and buffers."""
    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
