"""The forward-only path: the same answers as the network itself, faster."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from xai_core import engine

Forward = Callable[[Tensor], Tensor]

EXACT = 1e-4  # of the spread of the logits: what folding may change, far above its rounding (1e-6 to 7e-5)
HALF = 1e-3  # the same for half precision on a GPU: below what one masked picture in a thousand changes
# what calling a rewritten network can raise; memory running out is a RuntimeError too
_FAILURES = (RuntimeError, TypeError, ValueError, AttributeError, NotImplementedError, KeyError)


def prepare(module: nn.Module, shape: tuple[int, int, int]) -> Forward:
    """The fastest checked way from (B, *shape) float32 to logits (B, K), without gradients, channels last.

    Batch norms are folded into the convolutions before them in a private copy that shares every tensor it does
    not change; on CUDA it then computes in half precision, on a CPU the optional engine may take over. Each is
    used only where its logits for probe inputs agree with those of `module`, which is neither changed nor kept
    waiting for gradients; else `module` itself.
    """
    plain = inference(module)
    probes = _probes(module, shape)
    expected = plain(probes)
    exact = plain
    for candidate in _folded(module, probes[:1]):
        if agrees(candidate, probes, expected, EXACT):
            exact = candidate
    if probes.device.type == "cpu" and engine.wanted():
        for candidate in _compiled(module, shape):
            if agrees(candidate, probes, expected, EXACT):
                return candidate
    if probes.device.type == "cuda" and agrees(halved := half_precision(exact), probes, expected, HALF):
        return halved
    return exact


def inference(module: nn.Module) -> Forward:
    """`module` under inference mode, fed channels last."""

    def forward(x: Tensor) -> Tensor:
        with torch.inference_mode():
            logits: Tensor = module(x.contiguous(memory_format=torch.channels_last))
            return logits

    return forward


def half_precision(forward: Forward) -> Forward:
    """The same with matrix products and convolutions in half precision; logits come back as float32."""

    def quick(x: Tensor) -> Tensor:
        with torch.autocast(x.device.type):
            return forward(x).float()

    return quick


def agrees(candidate: Forward, probes: Tensor, expected: Tensor, tolerance: float) -> bool:
    """Whether all logits lie within `tolerance` x (largest - smallest expected logit) of the expected ones."""
    try:
        found = candidate(probes)
    except _FAILURES:
        return False
    if found.shape != expected.shape:
        return False
    # written so that NaN on either side is a disagreement
    return bool((found - expected).abs().max() <= tolerance * (expected.max() - expected.min()))


def _probes(module: nn.Module, shape: tuple[int, int, int]) -> Tensor:
    """(3, *shape): a smooth picture with fine grain, plain noise, and zeros, at the scale of normalised pictures."""
    draws = torch.Generator().manual_seed(0)
    grain, noise = torch.randn((2, 1, *shape), generator=draws)
    coarse = torch.randn((1, shape[0], 7, 7), generator=draws)
    smooth = F.interpolate(coarse, shape[1:], mode="bilinear", align_corners=False)
    device = next((tensor.device for tensor in module.parameters()), torch.device("cpu"))
    return torch.cat([smooth + 0.2 * grain, noise, torch.zeros_like(noise)]).to(device)


def _folded(module: nn.Module, probe: Tensor) -> Iterator[Forward]:
    """A private copy with its batch norms folded, or nothing where there is none to fold or no copy to be had."""
    try:
        private = private_copy(module)
        with torch.inference_mode(), _Wiring() as wiring:
            private(probe)
        pairs = _pairs(private, wiring)
        if not pairs:
            return
        _fold(private, pairs)
    except _FAILURES:
        return
    yield inference(private)


def _compiled(module: nn.Module, shape: tuple[int, int, int]) -> Iterator[Forward]:
    """The network compiled by the optional engine, or nothing where it cannot be."""
    try:
        yield engine.compiled(private_copy(module), shape)
    except _FAILURES:
        return


def private_copy(module: nn.Module) -> nn.Module:
    """The same network as modules of its own without hooks, sharing parameters and buffers with the original."""
    tensors = [*module.parameters(), *module.buffers()]
    private = copy.deepcopy(module, {id(tensor): tensor for tensor in tensors})
    for child in private.modules():
        for hooks in (child._forward_hooks, child._forward_pre_hooks, child._backward_hooks, child._backward_pre_hooks):
            hooks.clear()
    return private


class _Wiring(TorchFunctionMode):
    """Follows one pass: which weight made which tensor, which batch norm read it, and how many others did.

    Tensors are told apart by identity, so neither the order of registration nor that of the calls matters.
    """

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[int, Tensor] = {}  # id of an output -> the convolution's weight
        self.readers: dict[int, list[Tensor | None]] = {}  # id of an output -> running means of its batch norms
        self._kept: list[Tensor] = []  # alive, so that no id is used twice

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor | tuple | list):  # reading a size or a flag is not a use of the values
            for tensor in tree_leaves((args, kwargs)):
                if id(tensor) in self.made:
                    self.readers[id(tensor)].append(args[1] if func is F.batch_norm and len(args) > 1 else None)
        if func in (F.conv2d, torch.conv2d):
            self._kept.append(result)
            self.made[id(result)], self.readers[id(result)] = args[1], []
        return result


def _pairs(module: nn.Module, wiring: _Wiring) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Convolutions used once whose output one batch norm, used once, reads and nothing else."""
    convolutions = {id(m.weight): m for m in module.modules() if isinstance(m, nn.Conv2d)}
    norms = {
        id(m.running_mean): m
        for m in module.modules()
        if isinstance(m, nn.BatchNorm2d) and m.running_mean is not None and not m.training
    }
    weights = [id(weight) for weight in wiring.made.values()]
    means = [id(mean) for readers in wiring.readers.values() for mean in readers]
    pairs = []
    for output, weight in wiring.made.items():
        readers = wiring.readers[output]
        once = len(readers) == 1 and weights.count(id(weight)) == 1 and means.count(id(readers[0])) == 1
        if once and id(weight) in convolutions and id(readers[0]) in norms:
            pairs.append((convolutions[id(weight)], norms[id(readers[0])]))
    return pairs


def _fold(module: nn.Module, pairs: list[tuple[nn.Conv2d, nn.BatchNorm2d]]) -> None:
    """Replace each convolution by its folded one, and each batch norm by whatever it did besides normalising."""
    replaced: dict[nn.Module, nn.Module] = {}
    for convolution, norm in pairs:
        replaced[convolution] = _fused(convolution, norm)
        # timm's batch norms carry their activation as a child; the plain ones have none
        replaced[norm] = nn.Sequential(*norm.children())
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if child in replaced:
                setattr(parent, name, replaced[child])


def _fused(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Module:
    device, dtype = convolution.weight.device, convolution.weight.dtype
    # in double precision, so that folding costs one rounding and not four; on the CPU, as Apple's devices lack it
    fused = fuse_conv_bn_eval(copy.deepcopy(convolution).cpu().double(), copy.deepcopy(norm).cpu().double())
    return fused.to(device=device, dtype=dtype).to(memory_format=torch.channels_last).requires_grad_(False)
