"""Every touch on a network's forward or backward pass, each as a `with` block that leaves nothing behind.

No other file registers a hook. Hooks belong to the module, so all of this runs on the device's one worker;
`touched()` tells it when a pass must not be interrupted by another request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

_depth = 0


def touched() -> bool:
    """Whether any block of this file is open in this process."""
    return _depth > 0


@contextmanager
def _touching() -> Iterator[ExitStack]:
    global _depth
    _depth += 1
    try:
        with ExitStack() as hooks:
            yield hooks
    finally:
        _depth -= 1


@contextmanager
def cut_at(module: nn.Module, layer: str) -> Iterator[list[Tensor]]:
    """Make the output of `layer` a leaf that gradients stop at; yields a list that the pass fills with it.

    What follows receives a copy, so an in-place layer behind it cannot alter what was kept.
    """
    kept: list[Tensor] = []

    def cut(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        leaf = output.detach().requires_grad_()
        kept.append(leaf)
        return leaf.clone()

    with _touching() as hooks:
        hooks.callback(module.get_submodule(layer).register_forward_hook(cut).remove)
        yield kept


@contextmanager
def outputs_of(module: nn.Module) -> Iterator[list[tuple[str, nn.Module, Any]]]:
    """Collect (name, submodule, output) of every submodule's call, in the order in which calls end."""
    seen: list[tuple[str, nn.Module, Any]] = []

    def note(name: str) -> Callable[..., None]:
        return lambda child, _inputs, output: seen.append((name, child, output))

    with _touching() as hooks:
        for name, child in module.named_modules():
            if name:
                hooks.callback(child.register_forward_hook(note(name)).remove)
        yield seen


@contextmanager
def attention_weights(module: nn.Module) -> Iterator[list[Tensor]]:
    """Ask every nn.MultiheadAttention for its weights; yields (B, heads, N, N) per layer, first layer first."""
    kept: list[Tensor] = []

    def ask(_module: nn.Module, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        return args, {**kwargs, "need_weights": True, "average_attn_weights": False}

    def keep(_module: nn.Module, _inputs: Any, output: tuple[Tensor, Tensor]) -> None:
        kept.append(output[1])

    with _touching() as hooks:
        for child in module.modules():
            if isinstance(child, nn.MultiheadAttention):
                hooks.callback(child.register_forward_pre_hook(ask, with_kwargs=True).remove)
                hooks.callback(child.register_forward_hook(keep).remove)
        yield kept


class _Guided(torch.autograd.Function):
    """ReLU with an optional ceiling (6 for ReLU6) that passes back positive gradients only."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, ceiling: float) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward((x > 0) & (x < ceiling))
        return x.clamp(0, ceiling)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        (passed,) = ctx.saved_tensors
        return upstream * passed * (upstream > 0), None


_RELUS = {F.relu, F.relu_, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_}
_OTHER_ACTIVATIONS = {
    F.silu: "SiLU",
    F.gelu: "GELU",
    F.hardswish: "Hardswish",
    F.elu: "ELU",
    F.celu: "CELU",
    F.selu: "SELU",
    F.leaky_relu: "LeakyReLU",
    F.prelu: "PReLU",
    F.mish: "Mish",
    F.softplus: "Softplus",
    torch.tanh: "tanh",
    Tensor.tanh: "tanh",
}


def _ceiling(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> float | None:
    """The upper end of a ReLU-like call, or None for any other call."""
    if func in _RELUS:
        return float("inf")
    if func is F.relu6:
        return 6.0
    if func is F.hardtanh:
        low = args[1] if len(args) > 1 else kwargs.get("min_val", -1.0)
        high = args[2] if len(args) > 2 else kwargs.get("max_val", 1.0)
        return float(high) if low == 0 else None
    return None


class _GuidedMode(TorchFunctionMode):
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if (ceiling := _ceiling(func, args, kwargs)) is not None:
            return _Guided.apply(args[0] if args else kwargs["input"], ceiling)
        return func(*args, **kwargs)


class _ActivationsMode(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.relu, self.others = False, set[str]()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if _ceiling(func, args, kwargs) is not None:
            self.relu = True
        elif func in _OTHER_ACTIVATIONS:
            self.others.add(_OTHER_ACTIVATIONS[func])
        return func(*args, **kwargs)


@contextmanager
def guided_relu() -> Iterator[None]:
    """Inside, every ReLU and ReLU6, module or function, follows the guided rule (Springenberg 2015, fig. 1c)."""
    with _touching(), _GuidedMode():
        yield


@contextmanager
def activations_used() -> Iterator[_ActivationsMode]:
    """Note which activation functions a pass calls: `.relu`, and the names of `.others`."""
    with _touching(), _ActivationsMode() as mode:
        yield mode


def count(module: nn.Module) -> int:
    """How many hooks are registered anywhere in `module`."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(child, kind)) for child in module.modules() for kind in kinds)
