"""Touching a pass changes what it should, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from conftest import make_toy, toy_network
from xai_core import hooks
from xai_core.classifier import fingerprint

BLOCKS: dict[str, Callable[[nn.Module], AbstractContextManager[object]]] = {
    "cut_at": lambda module: hooks.cut_at(module, "3"),
    "reading": lambda module: hooks.reading(module, {"3": lambda output: output.clone(), "4": lambda output: None}),
    "outputs_of": hooks.outputs_of,
    "attention_weights": hooks.attention_weights,
    "guided_relu": lambda module: hooks.guided_relu(),
    "activations_used": lambda module: hooks.activations_used(),
}


class Broken(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("the pass broke")


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_left_after_success_or_after_an_error_inside_the_pass(
    block: Callable[[nn.Module], AbstractContextManager[object]], fails: bool
) -> None:
    module = make_toy(nn.Sequential(*toy_network()[:5], Broken()) if fails else None).module
    x, before = torch.randn(1, 3, 32, 32), fingerprint(module)
    plain = None if fails else module(x)
    expected = pytest.raises(RuntimeError, match="the pass broke") if fails else nullcontext()
    with expected, block(module):
        assert hooks.touched()
        module(x)
    assert not hooks.touched()
    assert hooks.count(module) == 0
    assert fingerprint(module) == before
    assert torch.is_grad_enabled()
    if plain is not None:
        assert torch.equal(module(x), plain)
    # the guided rule is off again
    leaf = torch.tensor([-1.0, 1.0], requires_grad=True)
    (-leaf.relu()).sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [0.0, -1.0]


RELUS: dict[str, Callable[[Tensor], Tensor]] = {
    "module": nn.ReLU(),
    "module in place": nn.ReLU(inplace=True),
    "ReLU6": nn.ReLU6(),
    "ReLU6 in place": nn.ReLU6(inplace=True),
    "Hardtanh from 0": nn.Hardtanh(0, 6),
    "F.relu": F.relu,
    "F.relu in place": lambda x: F.relu(x, inplace=True),
    "F.relu in place by position": lambda x: F.relu(x, True),
    "F.relu by name": lambda x: F.relu(input=x),
    "F.relu_": F.relu_,
    "F.relu6": F.relu6,
    "F.relu6 in place": lambda x: F.relu6(x, inplace=True),
    "torch.relu": torch.relu,
    "torch.relu_": torch.relu_,
    "Tensor.relu": lambda x: x.relu(),
    "Tensor.relu_": lambda x: x.relu_(),
}
every_relu = pytest.mark.parametrize("name", RELUS)


@every_relu
def test_every_way_to_write_relu_follows_the_guided_rule(name: str) -> None:
    values, upstream = torch.tensor([-1.0, 1.0, 2.0, 7.0]), torch.tensor([5.0, 5.0, -5.0, 5.0])
    capped = "6" in name or "Hardtanh" in name
    x = values.clone().requires_grad_()
    with hooks.guided_relu(), hooks.activations_used() as used:
        y = RELUS[name](x * 1)  # a copy, so that it may be overwritten
    assert y.tolist() == [0.0, 1.0, 2.0, 6.0 if capped else 7.0]
    y.backward(upstream)
    assert x.grad is not None
    # the negative gradient is dropped as well as the closed gates
    assert x.grad.tolist() == [0.0, 5.0, 0.0, 0.0 if capped else 5.0]
    assert used.relu
    assert not used.others


@every_relu
def test_what_overwrites_its_input_still_does_under_the_guided_rule(name: str) -> None:
    for guided in (False, True):
        given = torch.tensor([-1.0, 1.0]).requires_grad_() * 1
        if guided:
            with hooks.guided_relu():
                RELUS[name](given)
        else:
            RELUS[name](given)
        inplace = "in place" in name or name.endswith("_")
        assert given.tolist() == ([0.0, 1.0] if inplace else [-1.0, 1.0])


class Inception(nn.Module):
    """InceptionV3's habit: batch norm, then a functional ReLU that overwrites it and whose result is dropped."""

    def __init__(self, inplace: bool) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.convolution, self.norm = nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6)
        self.inplace = inplace

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.convolution(x))
        if self.inplace:
            F.relu(x, inplace=True)
        else:
            x = F.relu(x)
        return (x * torch.linspace(-1, 1, 6).view(6, 1, 1)).sum(dim=(2, 3))


def test_the_guided_gradient_is_the_same_in_place_or_not() -> None:
    gradients = []
    for inplace in (False, True):
        module, x = Inception(inplace).eval(), torch.ones(1, 3, 8, 8).requires_grad_()
        with hooks.guided_relu():
            gradients.append(torch.autograd.grad(module(x).sum(), x)[0])
    assert gradients[0].abs().max() > 0
    assert torch.equal(*gradients)


OTHERS = {
    "SiLU": nn.SiLU(inplace=True),
    "GELU": nn.GELU(),
    "Hardswish": nn.Hardswish(inplace=True),
    "LeakyReLU": nn.LeakyReLU(inplace=True),
    "ELU": nn.ELU(),
    "PReLU": nn.PReLU(),
    "Mish": nn.Mish(),
    "Softplus": nn.Softplus(),
    "tanh": nn.Tanh(),
    "Hardtanh": nn.Hardtanh(),
    "CELU": nn.CELU(),
    "SELU": nn.SELU(),
    "GLU": nn.GLU(dim=0),
    "LogSigmoid": nn.LogSigmoid(),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_activations_are_noticed_by_name(name: str) -> None:
    with hooks.activations_used() as used:
        OTHERS[name](torch.randn(2, 3))
    assert used.others == {name}
    assert not used.relu


def test_a_cut_layer_is_a_leaf_and_what_follows_works_on_a_copy() -> None:
    module = toy_network().eval()
    with hooks.cut_at(module, "3") as kept:
        module(torch.randn(1, 3, 32, 32))
    (leaf,) = kept
    assert leaf.is_leaf
    assert leaf.requires_grad
    assert float(leaf.min()) < 0  # the in-place ReLU6 behind it did not reach it


def test_an_output_that_is_no_tensor_is_let_through() -> None:
    module = nn.Sequential(nn.Identity())
    module.add_module("attention", nn.MultiheadAttention(4, 2, batch_first=True))
    x = torch.randn(1, 3, 4)
    with hooks.cut_at(module, "attention") as kept:
        output, weights = module.attention(x, x, x)
    assert kept == []
    assert output.shape == (1, 3, 4)
    assert weights.shape == (1, 3, 3)
