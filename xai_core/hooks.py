"""Every touch on a network's forward or backward pass, each as a `with` block that leaves nothing behind.

No other file registers a hook. Hooks belong to the module, so all of this runs on the device's one worker;
`touched()` tells it when a pass must not be interrupted by another request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

_open = threading.local()  # a model that is being imported is looked at on a thread beside the device's


def touched() -> bool:
    """Whether any block of this file is open in this thread."""
    return getattr(_open, "depth", 0) > 0


@contextmanager
def _touching() -> Iterator[ExitStack]:
    _open.depth = getattr(_open, "depth", 0) + 1
    try:
        with ExitStack() as hooks:
            yield hooks
    finally:
        _open.depth -= 1


@contextmanager
def cut_at(module: nn.Module, layer: str) -> Iterator[list[Tensor]]:
    """Make the output of `layer` a leaf that gradients stop at; yields a list that the pass fills with it.

    What follows receives a copy, so an in-place layer behind it cannot alter what was kept. Nothing is kept of a
    layer that answers with something other than one tensor.
    """
    kept: list[Tensor] = []

    def cut(_module: nn.Module, _inputs: Any, output: object) -> Tensor | None:
        if not isinstance(output, Tensor):
            return None
        leaf = output.detach().requires_grad_()
        kept.append(leaf)
        return leaf.clone()

    with _touching() as hooks:
        hooks.callback(module.get_submodule(layer).register_forward_hook(cut).remove)
        yield kept


@contextmanager
def reading(module: nn.Module, layers: Mapping[str, Callable[[Tensor], Tensor | None]]) -> Iterator[None]:
    """Hand the output of each named layer to its function; a tensor that it returns goes on in the output's place.

    Without one the output itself goes on, and an in-place layer behind it may change it after it was read. An output
    that is no single tensor is handed to nobody.
    """

    def hook(read: Callable[[Tensor], Tensor | None]) -> Callable[..., Tensor | None]:
        return lambda _module, _inputs, output: read(output) if isinstance(output, Tensor) else None

    with _touching() as hooks:
        for layer, read in layers.items():
            hooks.callback(module.get_submodule(layer).register_forward_hook(hook(read)).remove)
        yield


@contextmanager
def entering(module: nn.Module, layer: str, read: Callable[[Tensor], None]) -> Iterator[None]:
    """Hand what the named layer is about to read, its first argument, to a function."""
    with _touching() as hooks:
        child = module.get_submodule(layer)
        hooks.callback(child.register_forward_pre_hook(lambda _module, inputs: read(inputs[0])).remove)
        yield


class Call(NamedTuple):
    """One submodule's call. The output is not copied: later layers may still change it in place."""

    name: str
    module: nn.Module
    output: Any
    version: int  # how often the output had been changed in place when the call ended; -1 where it is no tensor


@contextmanager
def outputs_of(module: nn.Module) -> Iterator[list[Call]]:
    """Collect every submodule's call, in the order in which calls end. Not for inference mode, which counts nothing."""
    seen: list[Call] = []

    def note(name: str) -> Callable[..., None]:
        def keep(child: nn.Module, _inputs: Any, output: Any) -> None:
            seen.append(Call(name, child, output, output._version if isinstance(output, Tensor) else -1))

        return keep

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
    def forward(ctx: Any, x: Tensor, ceiling: float, inplace: bool) -> Tensor:
        ctx.ceiling = ceiling
        if inplace:
            ctx.mark_dirty(x)
        y = x.clamp_(0, ceiling) if inplace else x.clamp(0, ceiling)
        # which of the two torch itself keeps, so that whatever may be overwritten later still may
        ctx.save_for_backward(x if ceiling < float("inf") and not inplace else y)
        return y

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None, None]:
        (kept,) = ctx.saved_tensors
        # the gate is open for 0 < kept < ceiling
        return torch.ops.aten.hardtanh_backward(upstream.clamp(min=0), kept, 0.0, ctx.ceiling), None, None


_INPLACE = {torch.relu_, Tensor.relu_, F.hardtanh_}
_RELUS = {F.relu, torch.relu, Tensor.relu, torch.relu_, Tensor.relu_}
_HARDTANHS = {F.hardtanh, F.hardtanh_}
# sigmoid is left out: it gates channels in networks that are ReLU networks otherwise
_OTHER_ACTIVATIONS = {
    F.silu: "SiLU",
    F.gelu: "GELU",
    F.glu: "GLU",
    F.hardswish: "Hardswish",
    F.elu: "ELU",
    F.elu_: "ELU",
    F.celu: "CELU",
    torch.celu: "CELU",
    F.selu: "SELU",
    torch.selu: "SELU",
    F.leaky_relu: "LeakyReLU",
    F.leaky_relu_: "LeakyReLU",
    F.rrelu: "RReLU",
    F.prelu: "PReLU",
    F.mish: "Mish",
    F.softplus: "Softplus",
    F.softsign: "Softsign",
    F.logsigmoid: "LogSigmoid",
    torch.tanh: "tanh",
    Tensor.tanh: "tanh",
}


def _argument(place: int, name: str, default: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    return args[place] if len(args) > place else kwargs.get(name, default)


def _ceiling(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> float | None:
    """The upper end of a ReLU-like call, or None for any other call."""
    if func in _RELUS:
        return float("inf")
    if func is F.relu6:
        return 6.0
    if func in _HARDTANHS and _argument(1, "min_val", -1.0, args, kwargs) == 0:
        return float(_argument(2, "max_val", 1.0, args, kwargs))
    return None


def _inplace(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    """Whether a ReLU-like call overwrites its input, as code that drops the returned tensor relies on."""
    return func in _INPLACE or bool(_argument(3 if func is F.hardtanh else 1, "inplace", False, args, kwargs))


class _GuidedMode(TorchFunctionMode):
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if (ceiling := _ceiling(func, args, kwargs)) is not None:
            x = _argument(0, "input", None, args, kwargs)
            return _Guided.apply(x, ceiling, _inplace(func, args, kwargs))
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
        elif func in _HARDTANHS:
            self.others.add("Hardtanh")
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
