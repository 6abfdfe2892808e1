"""The forward-only path answers as the network does, or is not used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.fx.experimental.optimization
from torch import Tensor, nn
from torch.nn import functional as F

from conftest import make_toy, toy_network
from xai_core.classifier import Classifier, fingerprint, freeze
from xai_core.prepared import EXACT, agrees, half_precision, inference, prepare, private_copy

SHAPE = (3, 32, 32)


def settled(module: nn.Module) -> nn.Module:
    """Frozen, with batch-norm statistics far from the initial ones, so that ignoring them shows."""
    draws = torch.Generator().manual_seed(3)
    for child in module.modules():
        if isinstance(child, nn.BatchNorm2d):
            for tensor, low, high in (
                (child.running_mean, -1.0, 1.0),
                (child.running_var, 0.3, 2.0),
                (child.weight, 0.5, 2.0),
                (child.bias, -1.0, 1.0),
            ):
                assert tensor is not None
                tensor.data.uniform_(low, high, generator=draws)
    return freeze(module, torch.device("cpu"))


def pictures(count: int = 4) -> Tensor:
    return torch.randn((count, *SHAPE), generator=torch.Generator().manual_seed(1))


class Pair(nn.Module):
    """A convolution and a batch norm joined in one of several ways, then a pair that can be folded, then a head."""

    def __init__(self, joined: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.joined = joined
        self.norm = nn.BatchNorm2d(6)  # registered first: the order of registration says nothing
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 6, 3, padding=1)
        self.last, self.last_norm = nn.Conv2d(6, 6, 1), nn.BatchNorm2d(6)
        self.head = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        a = self.first(x)
        ways = {
            "plain": lambda: self.second(self.norm(a)),
            "norm before convolution": lambda: self.second(self.norm(F.relu(a))),
            "output used twice": lambda: self.second(self.norm(a)) + a,
            "output used in a list": lambda: (
                self.second(torch.cat([self.norm(a), a])[: len(x)]) + torch.cat([a, a])[: len(x)]
            ),
            "norm used twice": lambda: self.norm(self.second(self.norm(a))),
            "convolution used twice": lambda: self.norm(self.second(self.second(a))),
            "through a function": lambda: F.batch_norm(a, self.norm.running_mean, self.norm.running_var),
        }
        found: Tensor = self.head(self.last_norm(self.last(ways[self.joined]())).relu().mean(dim=(2, 3)))
        return found


def norms_called(forward: Callable[[Tensor], Tensor], x: Tensor) -> int:
    """How many batch norms a pass of `x` computes."""
    count = 0

    class Counting(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            nonlocal count
            count += func is F.batch_norm
            return func(*args, **(kwargs or {}))

    with Counting():
        forward(x)
    return count


WAYS = (
    ("plain", 0),
    ("norm before convolution", 1),
    ("output used twice", 1),
    ("output used in a list", 1),
    ("norm used twice", 2),
    ("convolution used twice", 1),
)


@pytest.mark.parametrize(("joined", "left"), WAYS)
def test_only_a_batch_norm_that_alone_reads_a_convolution_is_folded(joined: str, left: int) -> None:
    module = settled(Pair(joined))
    prepared = prepare(module, SHAPE)
    assert norms_called(prepared, pictures(1)) == left
    with torch.no_grad():
        expected = module(pictures())
    assert (prepared(pictures()) - expected).abs().max() < 1e-5 * (expected.max() - expected.min())


def test_a_batch_norm_called_as_a_function_without_its_scale_falls_back_to_the_network_itself() -> None:
    module = settled(Pair("through a function"))
    prepared = prepare(module, SHAPE)
    with torch.no_grad():
        assert torch.equal(prepared(pictures()), module(pictures()))


def test_a_network_that_changes_its_wiring_between_passes_falls_back_to_itself() -> None:
    class Fickle(Pair):
        def forward(self, x: Tensor) -> Tensor:
            # alone, the first convolution meets the norm; among others it does not
            self.joined = "plain" if len(x) == 1 else "norm before convolution"
            return super().forward(x)

    module = settled(Fickle("plain"))
    with torch.no_grad():
        assert torch.equal(prepare(module, SHAPE)(pictures()), module(pictures()))


def test_a_network_that_cannot_be_copied_is_used_as_it_is() -> None:
    class Uncopied(Pair):
        def __deepcopy__(self, memo: object) -> object:
            raise TypeError("no copies")

    module = settled(Uncopied("plain"))
    with torch.no_grad():
        assert torch.equal(prepare(module, SHAPE)(pictures()), module(pictures()))


def test_the_network_itself_keeps_every_bit_and_its_hooks() -> None:
    module = settled(toy_network())
    handle = module[0].register_forward_hook(lambda *_: None)
    before, kinds = fingerprint(module), [type(child) for child in module.modules()]
    prepare(module, SHAPE)(pictures())
    assert fingerprint(module) == before
    assert [type(child) for child in module.modules()] == kinds
    assert len(module[0]._forward_hooks) == 1
    handle.remove()


def test_the_private_copy_has_no_hooks_and_shares_every_tensor() -> None:
    module = settled(toy_network())
    handle = module[0].register_forward_hook(lambda *_: torch.zeros(1))
    private = private_copy(module)
    handle.remove()
    assert not private[0]._forward_hooks  # type: ignore[index,operator]
    assert [id(p) for p in private.parameters()] == [id(p) for p in module.parameters()]
    assert not {id(m) for m in private.modules()} & {id(m) for m in module.modules()}


def test_one_layer_under_two_names_is_replaced_under_both() -> None:
    class Twice(Pair):
        def __init__(self) -> None:
            super().__init__("plain")
            self.again = self.norm

    module = settled(Twice())
    prepared = prepare(module, SHAPE)
    assert norms_called(prepared, pictures(1)) == 0
    with torch.no_grad():
        torch.testing.assert_close(prepared(pictures()), module(pictures()))


def test_the_default_model_is_folded_and_its_logits_agree(lite0: Classifier) -> None:
    x = torch.randn((2, 3, 224, 224), generator=torch.Generator().manual_seed(5))
    assert norms_called(lite0.prepared, x) == 0
    with torch.no_grad():
        expected = lite0.module(x)
    assert (lite0.prepared(x) - expected).abs().max() < 1e-5 * (expected.max() - expected.min())


def test_answers_carry_no_gradient_and_need_none(toy: Classifier) -> None:
    assert not toy.prepared(pictures().requires_grad_()).requires_grad


def test_disagreement_failure_and_nan_all_refuse_a_candidate() -> None:
    module = settled(toy_network())
    plain, probes = inference(module), pictures()
    expected, spread = plain(probes), float(plain(probes).max() - plain(probes).min())

    def broken(x: Tensor) -> Tensor:
        raise RuntimeError("no such kernel")

    assert agrees(plain, probes, expected, EXACT)
    assert agrees(lambda x: plain(x) + 0.5 * EXACT * spread, probes, expected, EXACT)
    assert not agrees(lambda x: plain(x) + 2 * EXACT * spread, probes, expected, EXACT)
    assert not agrees(broken, probes, expected, EXACT)
    assert not agrees(lambda x: plain(x)[:, :2], probes, expected, EXACT)
    assert not agrees(lambda x: plain(x) * torch.nan, probes, expected, EXACT)


def test_half_precision_answers_in_single_precision_and_is_measurably_coarser() -> None:
    module = settled(toy_network())
    plain = inference(module)
    coarse = half_precision(plain)(pictures())
    assert coarse.dtype == torch.float32
    assert 0 < (coarse - plain(pictures())).abs().max() < 0.1


def test_reference_fusion_of_torch_gives_the_same_logits() -> None:
    module = settled(toy_network())
    fused = torch.fx.experimental.optimization.fuse(private_copy(module))
    with torch.no_grad():
        torch.testing.assert_close(make_toy(module).prepared(pictures()), fused(pictures()), rtol=1e-5, atol=1e-6)
