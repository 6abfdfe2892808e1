"""New weights for one block of a network, drawn by a law from a seed; the network itself is only read."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from xai_core.blocks import within
from xai_core.cascade import Law, Norms
from xai_core.zoo import Block

DEVIATION = 0.01  # of the paper's truncated normal, cut at two deviations


def redrawn(module: nn.Module, block: Block, law: Law, norms: Norms, seed: int) -> dict[str, Tensor]:
    """New parameters and running statistics of a block by dotted name, on the CPU.

    Every owner of tensors draws from a seed of its own, so that layers of equal shape get different weights.
    """
    if law is Law.SOURCE:
        return _first_weight(module, block, seed)
    fresh: dict[str, Tensor] = {}
    for name, owner in _owners(module, block):
        generator = _generator(seed, name)
        for leaf, tensor in _parameters(owner, law, generator).items():
            fresh[f"{name}.{leaf}".lstrip(".")] = tensor
        if norms is not Norms.KEPT and isinstance(owner, _NormBase):
            for leaf, tensor in _statistics(owner).items():
                fresh[f"{name}.{leaf}".lstrip(".")] = tensor
    own = [key for key, _ in module.named_parameters() if within(key, block)]
    kept = {key: tensor for key, tensor in fresh.items() if within(key, block)}
    missing = set(own) - set(kept)
    assert not missing, f"parameters without new values: {sorted(missing)}"
    return kept


def _owners(module: nn.Module, block: Block) -> Iterator[tuple[str, nn.Module]]:
    """Every module that holds tensors of the block itself, not only in its children."""
    for name, child in module.named_modules():
        leaves = [*child.named_parameters(recurse=False), *child.named_buffers(recurse=False)]
        if any(within(f"{name}.{leaf}".lstrip("."), block) for leaf, _ in leaves):
            yield name, child


def _parameters(owner: nn.Module, law: Law, generator: torch.Generator) -> dict[str, Tensor]:
    """New values of a module's own parameters."""
    trained = {leaf: tensor.detach().cpu() for leaf, tensor in owner.named_parameters(recurse=False)}
    if law is Law.SHUFFLED:
        return {leaf: _shuffled(tensor, generator) for leaf, tensor in trained.items()}
    # gains of normalisations go back to 1 under every law: drawn near 0, they would switch the network off, and the
    # paper's network has none
    if law is Law.OWN or isinstance(owner, _NormBase | nn.LayerNorm | nn.GroupNorm):
        fresh = _initialised(owner, generator)
        # what has no initialiser of its own (class tokens, position embeddings, layer scales) or went back to what it
        # was must not stay as trained
        return {
            leaf: _shuffled(tensor, generator) if leaf not in fresh or torch.equal(fresh[leaf], tensor) else fresh[leaf]
            for leaf, tensor in trained.items()
        }
    return {leaf: _drawn(tensor, law, generator) for leaf, tensor in trained.items()}


def _drawn(like: Tensor, law: Law, generator: torch.Generator) -> Tensor:
    fresh = torch.empty_like(like)
    if law is Law.UNIFORM:
        return fresh.uniform_(-1, 1, generator=generator)
    nn.init.trunc_normal_(fresh, 0.0, DEVIATION, -2 * DEVIATION, 2 * DEVIATION, generator=generator)
    return fresh


def _initialised(owner: nn.Module, generator: torch.Generator) -> dict[str, Tensor]:
    """What the module's own initialiser makes of its parameters; nothing where it has none."""
    # nn.MultiheadAttention's has an underscore
    reset = "reset_parameters" if hasattr(owner, "reset_parameters") else "_reset_parameters"
    if not hasattr(owner, reset):
        return {}
    private = copy.deepcopy(owner).cpu()
    # initialisers take no generator: the global one is lent to them and given back
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(generator.initial_seed())
        getattr(private, reset)()
    return {leaf: tensor.detach() for leaf, tensor in private.named_parameters(recurse=False)}


def _statistics(norm: _NormBase) -> dict[str, Tensor]:
    """Running statistics as before any training."""
    private = copy.deepcopy(norm).cpu()
    private.reset_running_stats()
    return dict(private.named_buffers(recurse=False))


def _shuffled(tensor: Tensor, generator: torch.Generator) -> Tensor:
    order = torch.randperm(tensor.numel(), generator=generator)
    # in the order in which the entries are written, whatever the layout in memory
    return tensor.contiguous().flatten()[order].reshape(tensor.shape)


def _first_weight(module: nn.Module, block: Block, seed: int) -> dict[str, Tensor]:
    """The one tensor of a block that the source's loop replaces before it breaks off."""
    for name, owner in _owners(module, block):
        for leaf, tensor in owner.named_parameters(recurse=False):
            if "weight" in leaf and tensor.dim() > 1:
                drawn = _drawn(tensor.detach().cpu(), Law.UNIFORM, _generator(seed, name))
                return {f"{name}.{leaf}".lstrip("."): drawn}
    return {}


def _generator(seed: int, name: str) -> torch.Generator:
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:6], "big"))
