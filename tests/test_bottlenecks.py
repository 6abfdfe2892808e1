"""Where concepts can be looked for: a layer for each part of any network, and a default that tells pictures apart."""

from __future__ import annotations

import pytest
import timm
import torch
from torch import Tensor, nn

from conftest import make_toy
from xai_core import build, hooks
from xai_core.bottlenecks import LEAST, MOST, Bottleneck, bottlenecks, usual
from xai_core.classifier import Classifier, freeze
from xai_core.describe import Describe
from xai_core.framing import Preprocess
from xai_core.hub import Hub
from xai_core.own_model import classifier_of


@pytest.fixture(scope="module")
def offered(lite0: Classifier) -> tuple[Bottleneck, ...]:
    return bottlenecks(lite0)


def test_the_default_model_offers_its_stages_and_begins_at_the_one_before_the_last_two(
    lite0: Classifier, offered: tuple[Bottleneck, ...]
) -> None:
    assert [layer.name for layer in offered] == ["bn1", *(f"blocks.{number}" for number in range(7)), "bn2"]
    assert usual(offered) == "blocks.5"
    assert offered[6].words == "7/9 late: blocks.5"
    assert len({layer.words[:4] for layer in offered}) == 9  # what is seen of them where there is little room
    assert hooks.count(lite0.module) == 0


def test_a_layer_from_which_only_a_linear_map_is_left_is_named_and_never_the_default(
    offered: tuple[Bottleneck, ...],
) -> None:
    assert [layer.name for layer in offered if layer.same] == ["bn2"]
    assert offered[-1].words.endswith("every picture has the same gradient here")
    assert usual(offered[-1:] * 3) == "bn2"
    assert usual((offered[0], *offered[-1:] * 3)) == "bn1"


@pytest.mark.parametrize("model", ["demo/honest", "demo/cheater"])
def test_the_demo_worlds_models_offer_their_blocks(model: str) -> None:
    offered = bottlenecks(build.load(model, torch.device("cpu")))
    assert [layer.name for layer in offered] == ["block1", "block2", "block3", "block4"]
    assert usual(offered) == "block3"


def uploaded(module: nn.Module, side: int) -> Classifier:
    preprocess = Preprocess(side, side, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    return classifier_of(freeze(module, torch.device("cpu")), "mine", ("a", "b", "c"), preprocess)


def test_a_vision_transformer_offers_its_blocks_but_not_the_last_whose_patches_move_nothing() -> None:
    torch.manual_seed(0)
    module = timm.create_model("vit_tiny_patch16_224", num_classes=3, img_size=64, depth=6, embed_dim=48, num_heads=3)
    offered = bottlenecks(uploaded(module, 64))
    assert [layer.name for layer in offered] == ["patch_embed.proj", *(f"blocks.{number}" for number in range(5))]
    assert usual(offered) == "blocks.2"


def test_of_many_blocks_only_some_are_offered_the_last_among_them() -> None:
    torch.manual_seed(0)
    convolutions = [nn.Sequential(nn.Conv2d(3 if n == 0 else 4, 4, 3, padding=1), nn.Tanh()) for n in range(17)]
    module = nn.Sequential(*convolutions, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    offered = bottlenecks(uploaded(module, 16))
    assert LEAST <= len(offered) <= MOST
    assert [layer.name for layer in offered] == [str(number) for number in range(0, 17, 2)]


def test_a_network_without_places_offers_nothing() -> None:
    module = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 5))
    offered = bottlenecks(make_toy(module, cam_layer=""))
    assert offered == ()
    assert usual(offered) == ""


class Deaf(nn.Module):
    """Answers the same whatever it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(0 * self.first(x).mean((2, 3)))


def test_a_network_that_nothing_moves_still_offers_its_layers() -> None:
    assert [layer.name for layer in bottlenecks(make_toy(Deaf(), cam_layer="first"))] == ["first"]


def test_the_models_card_carries_them(hub: Hub, toy: Classifier) -> None:
    card = hub.run(Describe("toy"))
    assert card.bottlenecks == tuple((layer.name, layer.words) for layer in bottlenecks(toy))
    assert card.bottleneck in dict(card.bottlenecks)
