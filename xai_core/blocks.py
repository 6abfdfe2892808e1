"""The blocks of a network that no table describes: what may be destroyed one after the other."""

from __future__ import annotations

from itertools import groupby

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from xai_core import hooks
from xai_core.zoo import Block

MOST = 20  # blocks: more stages than anybody would look at
_NORMS = (_NormBase, nn.LayerNorm, nn.GroupNorm)


def within(name: str, block: Block) -> bool:
    """Whether a tensor or module of that dotted name belongs to the block."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in block)


def found_blocks(module: nn.Module, probe: Tensor, most: int = MOST) -> tuple[Block, ...]:
    """Every tensor of a network in exactly one block, in the order in which a pass of `probe` uses them.

    Modules are grouped by the beginnings of their names, as finely as `most` allows; a normalisation goes with the
    layer before it.
    """
    order = _order(module, probe)
    names = sorted(order, key=order.__getitem__)
    depth = max(name.count(".") for name in names)
    cut = next((d for d in range(depth, 0, -1) if len(_groups(module, names, d)) <= most), 1)
    return tuple(_named(group, names) for group in _groups(module, names, cut))


def _order(module: nn.Module, probe: Tensor) -> dict[str, int]:
    """When a pass first uses each tensor: the number of the call of the innermost module that holds it."""
    with torch.no_grad(), hooks.outputs_of(module) as seen:
        module(probe)
    calls: dict[str, int] = {}
    for number, call in enumerate(seen):
        calls.setdefault(call.name, number)
    order: dict[str, int] = {}
    for name in module.state_dict():
        owner = name.rpartition(".")[0]
        inside = [number for called, number in calls.items() if not owner or called.startswith(f"{owner}.")]
        # a tensor beside modules (a class token) is used with the first of them
        order[name] = min(inside) if inside else _innermost(owner, calls, len(seen))
    return order


def _innermost(owner: str, calls: dict[str, int], last: int) -> int:
    while owner and owner not in calls:
        owner = owner.rpartition(".")[0]
    return calls.get(owner, last)


def _groups(module: nn.Module, names: list[str], depth: int) -> list[list[str]]:
    """The tensors, group by group; what stands between modules of a group joins it."""
    groups: dict[str, list[str]] = {}
    for key, run in groupby(names, lambda name: ".".join(name.split(".")[: min(depth, name.count("."))])):
        groups.setdefault(key, []).extend(run)
    merged: list[list[str]] = []
    for key, members in groups.items():
        # tensors of the network itself have no module to be named after: they join their first neighbours
        alone = key and not all(isinstance(_owner(module, name), _NORMS) for name in members)
        if merged and (not alone or not _named_after(merged[-1])):
            merged[-1].extend(members)
        else:
            merged.append(list(members))
    return merged


def _named_after(group: list[str]) -> bool:
    return any("." in name for name in group)


def _owner(module: nn.Module, name: str) -> nn.Module:
    return module.get_submodule(name.rpartition(".")[0])


def _named(group: list[str], names: list[str]) -> Block:
    """The shortest names that cover a group and nothing else."""
    others = [name for name in names if name not in set(group)]
    found: list[str] = []
    for name in group:
        if within(name, tuple(found)):
            continue
        parts = name.split(".")
        prefixes = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
        found.append(next(p for p in prefixes if not any(within(other, (p,)) for other in others)))
    return tuple(found)
