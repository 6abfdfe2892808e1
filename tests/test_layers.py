"""Which layers are offered, under which name, and how their outputs become a grid."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import Tensor, nn

from conftest import make_toy
from xai_core import hooks
from xai_core.classifier import Classifier
from xai_core.layers import as_grid, spatial_layers


def test_the_default_models_layers_run_from_fine_to_coarse_and_hold_the_cam_layer(lite0: Classifier) -> None:
    layers = lite0.layers
    assert str(layers[0]) == "conv_stem (112 × 112, 32 channels)"
    assert (layers[-1].name, layers[-1].height, layers[-1].channels) == ("bn2", 7, 1280)
    heights = [layer.height for layer in layers]
    assert heights == sorted(heights, reverse=True)
    assert lite0.cam_layer in {layer.name for layer in layers}
    assert hooks.count(lite0.module) == 0


def test_a_layer_before_an_in_place_one_is_offered_too(toy: Classifier) -> None:
    assert [layer.name for layer in toy.layers] == ["0", "1", "2", "3", "4"]


class Nested(nn.Module):
    """A block whose output is its last child's, with a placeholder behind it, and a layer that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True))
        self.nothing, self.dropout = nn.Identity(), nn.Dropout(0.5)
        self.twice = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dropout(self.nothing(self.block(x)))
        return self.twice(self.twice(x)).mean(dim=(2, 3))


def test_a_tensor_is_offered_once_under_its_outermost_name_and_never_as_a_placeholder() -> None:
    layers = spatial_layers(Nested().eval(), torch.zeros(1, 3, 8, 8))
    assert [layer.name for layer in layers] == ["block.0", "block"]


def test_every_offered_layer_of_a_convnext_and_a_swin_has_its_true_grid() -> None:
    # their inner layers put channels last; a grid must be square, and channels must not pass for places
    for module, sides in [
        (torchvision.models.convnext_tiny(), {16, 8, 4, 2}),
        (torchvision.models.swin_t(), {16, 8, 4, 2}),
    ]:
        layers = spatial_layers(module.eval(), torch.zeros(1, 3, 64, 64))
        assert {(layer.height, layer.width) for layer in layers} == {(side, side) for side in sides}


def test_a_vision_transformers_tokens_are_a_grid() -> None:
    module = torchvision.models.VisionTransformer(32, 8, 2, 2, 16, 32)
    layers = {layer.name: layer for layer in spatial_layers(module.eval(), torch.zeros(1, 3, 32, 32))}
    found = layers["encoder.layers.encoder_layer_1.ln_1"]
    assert (found.height, found.width, found.channels) == (4, 4, 16)
    assert "encoder.layers.encoder_layer_1.self_attention" not in layers


@pytest.mark.parametrize(
    ("shape", "grid"),
    [
        ((2, 5, 4, 4), (2, 5, 4, 4)),
        ((2, 4, 4, 4), (2, 4, 4, 4)),
        ((2, 4, 4, 5), (2, 5, 4, 4)),  # channels last
        ((2, 5, 3, 6), (2, 5, 3, 6)),
        ((2, 17, 5), (2, 5, 4, 4)),  # class token and 4 × 4 patches
        ((2, 5, 1, 1), None),
        ((2, 1, 1, 5), None),
        ((2, 16, 5), None),  # no class token
        ((2, 2, 5), None),
        ((2, 5), None),
    ],
)
def test_an_outputs_shape_tells_its_grid(shape: tuple[int, ...], grid: tuple[int, ...] | None) -> None:
    found = as_grid(torch.zeros(shape))
    assert (None if found is None else tuple(found.shape)) == grid


def test_a_grid_keeps_every_place_where_it_was() -> None:
    places = torch.arange(16.0).view(1, 1, 4, 4).expand(1, 5, 4, 4)
    tokens = torch.cat([torch.full((1, 1, 5), -1.0), places.flatten(2).transpose(1, 2)], dim=1)
    for given in (places, places.permute(0, 2, 3, 1), tokens):
        assert torch.equal(as_grid(given), places)


@pytest.mark.parametrize("softmax", [nn.Softmax(dim=-1)])
def test_attention_between_tokens_is_no_grid_of_places(softmax: nn.Module) -> None:
    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.softmax = softmax

        def forward(self, x: Tensor) -> Tensor:
            return self.softmax(x[:, :, :, None] - x[:, :, None, :])[:, :, 0].mean(dim=-1)

    assert spatial_layers(Attention(), torch.zeros(1, 3, 8)) == ()


def test_listing_layers_needs_no_grid_at_all() -> None:
    assert make_toy(nn.Sequential(nn.Flatten(), nn.Linear(3072, 5)), cam_layer="").layers == ()
