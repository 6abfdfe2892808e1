"""What a law makes of a block: everything in it is new, nothing outside it, and the same again from the same seed."""

from __future__ import annotations

import pytest
import torch
from scipy import stats
from torch import nn

from conftest import make_toy, toy_network
from random_models import random_network
from xai_core import build
from xai_core.blocks import found_blocks, within
from xai_core.cascade import Law, Norms
from xai_core.randomise import redrawn
from xai_core.zoo import MODELS

WHOLE = [Law.OWN, Law.TRUNCATED, Law.UNIFORM, Law.SHUFFLED]
whole = pytest.mark.parametrize("law", WHOLE, ids=lambda law: law.name)


def trained(seed: int = 0) -> nn.Sequential:
    """The toy with normalisation that is not at its beginning any more."""
    network = toy_network(seed)
    nn.init.uniform_(network[1].weight, 0.5, 2)
    nn.init.uniform_(network[1].bias, -1, 1)
    network[1].running_mean.uniform_(-1, 1)
    network[1].running_var.uniform_(0.5, 2)
    return network.eval()


@whole
def test_every_parameter_of_the_block_is_new_and_no_other(law: Law) -> None:
    network = trained()
    fresh = redrawn(network, ("0", "1"), law, Norms.RESET, seed=0)
    own = {name for name, _ in network.named_parameters() if within(name, ("0", "1"))}
    assert own <= fresh.keys() <= {name for name in network.state_dict() if within(name, ("0", "1"))}
    for name in own:
        assert not torch.equal(fresh[name], network.state_dict()[name]), name
        assert fresh[name].shape == network.state_dict()[name].shape


@whole
def test_the_network_itself_and_the_global_seed_are_left_alone(law: Law) -> None:
    network = trained()
    before, state = {k: v.clone() for k, v in network.state_dict().items()}, torch.get_rng_state()
    redrawn(network, ("0", "1"), law, Norms.RESET, seed=0)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[k], v) for k, v in network.state_dict().items())


@pytest.mark.parametrize("law", [*WHOLE, Law.SOURCE], ids=lambda law: law.name)
def test_a_seed_gives_the_same_weights_again_and_another_seed_others(law: Law) -> None:
    norms = Norms.KEPT if law is Law.SOURCE else Norms.RESET
    first, again, other = (redrawn(trained(), ("0", "1"), law, norms, seed) for seed in (3, 3, 4))
    assert first.keys() == again.keys()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["0.weight"], other["0.weight"])


@whole
def test_layers_of_equal_shape_get_different_weights(law: Law) -> None:
    network = nn.Sequential(*(nn.Conv2d(8, 8, 3) for _ in range(3)))
    network.load_state_dict({f"{i}.{k}": v for i in range(3) for k, v in network[0].state_dict().items()})
    fresh = redrawn(network, ("0", "1", "2"), law, Norms.RESET, seed=0)
    assert not torch.equal(fresh["0.weight"], fresh["1.weight"])
    assert not torch.equal(fresh["1.weight"], fresh["2.weight"])


def test_the_layers_own_initialiser_is_torchs() -> None:
    layer = nn.Conv2d(64, 64, 3)
    fresh = redrawn(nn.Sequential(layer), ("0",), Law.OWN, Norms.RESET, seed=0)["0.weight"]
    bound = (1 / (64 * 9)) ** 0.5  # kaiming_uniform with a = sqrt(5)
    uniform = stats.uniform(-bound, 2 * bound)
    assert stats.kstest(fresh.flatten().numpy(), uniform.cdf).pvalue > 0.001


def test_the_papers_law_is_a_normal_cut_at_two_deviations() -> None:
    fresh = redrawn(nn.Sequential(nn.Conv2d(64, 64, 3)), ("0",), Law.TRUNCATED, Norms.RESET, seed=0)["0.weight"]
    assert stats.kstest(fresh.flatten().numpy(), stats.truncnorm(-2, 2, 0, 0.01).cdf).pvalue > 0.001


def test_the_uniform_law_reaches_from_minus_one_to_one() -> None:
    fresh = redrawn(nn.Sequential(nn.Conv2d(64, 64, 3)), ("0",), Law.UNIFORM, Norms.RESET, seed=0)["0.weight"]
    assert stats.kstest(fresh.flatten().numpy(), stats.uniform(-1, 2).cdf).pvalue > 0.001


def test_shuffling_keeps_the_values_and_moves_them() -> None:
    network = trained()
    fresh = redrawn(network, ("3",), Law.SHUFFLED, Norms.RESET, seed=0)["3.weight"]
    old = network[3].weight.detach()
    assert torch.equal(fresh.flatten().sort().values, old.flatten().sort().values)
    assert float((fresh == old).float().mean()) < 0.02


@pytest.mark.parametrize("law", [Law.TRUNCATED, Law.UNIFORM], ids=lambda law: law.name)
def test_gains_of_a_normalisation_go_back_to_one(law: Law) -> None:
    fresh = redrawn(trained(), ("0", "1"), law, Norms.RESET, seed=0)
    assert torch.equal(fresh["1.weight"], torch.ones(8))


def test_the_source_replaces_the_first_weight_of_a_block_alone() -> None:
    network = trained()
    fresh = redrawn(network, ("0", "1"), Law.SOURCE, Norms.KEPT, seed=0)
    assert set(fresh) == {"0.weight"}
    assert float(fresh["0.weight"].abs().max()) > 0.9


@pytest.mark.parametrize("norms", list(Norms), ids=lambda norms: norms.name)
def test_running_statistics_follow_the_policy(norms: Norms) -> None:
    fresh = redrawn(trained(), ("0", "1"), Law.OWN, norms, seed=0)
    if norms is Norms.KEPT:
        assert not any("running" in name for name in fresh)
    else:
        assert torch.equal(fresh["1.running_mean"], torch.zeros(8))
        assert torch.equal(fresh["1.running_var"], torch.ones(8))


def test_a_transformers_token_positions_and_attention_are_new_too() -> None:
    network, line = random_network("vit_b_16"), MODELS["vit_b_16"]
    nn.init.normal_(network.class_token)  # zeros before any training
    first, second = line.blocks[0], line.blocks[1]
    fresh = redrawn(network, first, Law.OWN, Norms.RESET, 0) | redrawn(network, second, Law.OWN, Norms.RESET, 0)
    own = dict(network.named_parameters())
    attention = next(name for name in fresh if name.endswith("in_proj_weight"))
    for name in ("class_token", "encoder.pos_embedding", attention):
        assert not torch.equal(fresh[name], own[name]), name


def test_layer_scales_do_not_stay_trained() -> None:
    network, line = random_network("convnext_tiny"), MODELS["convnext_tiny"]
    scales = [name for name, _ in network.named_parameters() if name.endswith("layer_scale")]
    with torch.no_grad():
        for name in scales:
            network.get_parameter(name).uniform_(0.1, 1)
    fresh: dict[str, torch.Tensor] = {}
    for block in line.blocks:
        fresh |= redrawn(network, block, Law.OWN, Norms.RESET, 0)
    assert fresh.keys() == dict(network.named_parameters()).keys()
    assert all(not torch.equal(fresh[name], network.get_parameter(name)) for name in scales)


@pytest.mark.parametrize("key", ["lite1", "resnet50", "mobilenet_v3_large", "inception_v3"])
def test_blocks_found_by_looking_are_those_of_the_table(key: str) -> None:
    line = MODELS[key]
    with torch.device("meta"):
        network, side = build.build(line).eval(), line.preprocess.crop
        assert found_blocks(network, torch.zeros(1, 3, side, side)) == line.blocks


def test_blocks_of_an_unknown_network_hold_every_tensor_once() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(8, 5)  # registered first, used last
            self.token = nn.Parameter(torch.zeros(8))
            self.begin = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 8, 3))
            self.norm = nn.BatchNorm2d(8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            features = self.norm(self.begin(x)).mean(dim=(2, 3)) + self.token
            return self.head(features)

    network = Odd().eval()
    blocks = found_blocks(network, torch.zeros(1, 3, 16, 16))
    owners = [[n for n, block in enumerate(blocks) if within(name, block)] for name in network.state_dict()]
    assert all(len(found) == 1 for found in owners)
    assert within("head.weight", blocks[-1])
    assert not within("norm.weight", blocks[-1])
    assert within("token", blocks[0])


def test_a_toys_blocks_take_their_normalisation_along() -> None:
    assert make_toy().blocks == (("0", "1"), ("3",), ("7",))
