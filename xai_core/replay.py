"""Input gradients of networks that begin alike: what they have in common is computed once.

One pass of the trained network is recorded, call by call. A network whose first blocks are the same tensors gets
the recorded results, graph and all, until a call uses a tensor of its own; only from there on it computes. The
backward passes go through the shared graph. Bits are those of separate passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from xai_core.classifier import Target, score


class Diverged(Exception):
    """The recording cannot stand in for this pass; the network has to be run by itself."""


@dataclass(frozen=True)
class _Call:
    func: Any
    result: Any
    versions: dict[int, int]  # of its tensor arguments by identity: how often each had been changed in place


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    """The tensors of a call's arguments; torch's own walk over nested values takes ten times as long."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple | list):
            yield from _tensors(value)


class _Recording(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[_Call] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        versions = {id(tensor): tensor._version for tensor in _tensors((*args, *kwargs.values()))}
        result = func(*args, **kwargs)
        self.calls.append(_Call(func, result, versions))
        return result


class _Replaying(TorchFunctionMode):
    def __init__(self, calls: Sequence[_Call], own: frozenset[int]) -> None:
        super().__init__()
        self._calls, self._own, self._at, self._alone = calls, own, 0, False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self._at >= len(self._calls) or self._calls[self._at].func != func:
            raise Diverged
        call, tensors = self._calls[self._at], list(_tensors((*args, *kwargs.values())))
        self._at += 1
        self._alone = self._alone or any(id(tensor) in self._own for tensor in tensors)
        if not self._alone:
            return call.result
        # a recorded tensor that was changed in place since then is no longer what the call was given
        if any(call.versions.get(id(tensor), tensor._version) != tensor._version for tensor in tensors):
            raise Diverged
        return func(*args, **kwargs)


def gradients(
    trained: nn.Module, networks: Sequence[nn.Module], x: Tensor, targets: Sequence[Target], between: Callable[[], None]
) -> Iterator[Tensor]:
    """d logit[target] / d x of each network in its order, each (B, 3, S, S); `between` is called before each.

    The networks share with `trained` the very tensors that they have not changed. Diverged where their passes
    cannot be told apart call by call; what was yielded before stands.
    """
    shared = {id(tensor) for tensor in (*trained.parameters(), *trained.buffers())}
    x = x.detach().requires_grad_()
    with torch.enable_grad(), _Recording() as tape:
        trained(x)
    for network, target in zip(networks, targets, strict=True):
        between()
        own = frozenset(id(t) for t in (*network.parameters(), *network.buffers())) - shared
        with torch.enable_grad(), _Replaying(tape.calls, own):
            logits = network(x)
        (gradient,) = torch.autograd.grad(score(logits, target), x, retain_graph=True)
        del logits  # and with it the graph of what is not shared
        yield gradient
