"""Rows of features and gradients: what they are, against plain passes and captum, and which pictures get one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from captum.attr import LayerActivation, LayerGradientXActivation
from numpy.typing import NDArray
from torch import Tensor, nn

from conftest import make_toy
from xai_core import hooks
from xai_core.classifier import Classifier
from xai_core.datasets.dataset import Dataset, save
from xai_core.errors import UnsupportedMethod, XaiError
from xai_core.features.answers import answers
from xai_core.features.features import features
from xai_core.features.gradients import gradients, slopes
from xai_core.features.located import Located
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture

LAYERS = ("0", "1", "4", "5", "6")  # a grid, one that is overwritten behind, the last grid, (B, C, 1, 1) and (B, C)


def pictures(count: int, seed: int = 0) -> list[Picture]:
    random = np.random.default_rng(seed)
    return [Picture.of(random.integers(0, 256, (40, 44, 3), np.uint8), f"{seed}-{n}.png") for n in range(count)]


def located(given: list[Picture], title: str = "noise") -> list[Located]:
    data: Dataset = save(title, (title,), [(each, each.name, 0, "") for each in given], {})
    return [(data, item) for item in data.items]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


@pytest.fixture
def shown() -> list[Located]:
    return located(pictures(11))


def encoded(classifier: Classifier, shown: list[Located]) -> Tensor:
    squares = [
        frame(data.picture(item).pixels, classifier.preprocess, Framing.AS_TRAINED).square for data, item in shown
    ]
    return torch.cat([classifier.encode(square) for square in squares])


def over_space(values: Tensor, how: Callable[[Tensor], Tensor]) -> NDArray[np.float32]:
    return how(values.flatten(2)).numpy() if values.dim() > 2 else values.numpy()


def close(found: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


def test_features_are_the_means_of_what_the_layers_answer(hub: Hub, toy: Classifier, shown: list[Located]) -> None:
    found = features(hub, "toy", LAYERS, shown)
    x = encoded(toy, shown)
    assert isinstance(toy.module, nn.Sequential)
    for layer in LAYERS:
        with torch.no_grad():
            expected = toy.module[: int(layer) + 1](x)  # a pass that ends there: nothing behind can overwrite it
        assert found[layer].dtype == np.float32
        close(found[layer], over_space(expected, lambda grid: grid.mean(2)))


def test_gradients_are_those_of_captum_added_up_over_space(hub: Hub, toy: Classifier, shown: list[Located]) -> None:
    found = gradients(hub, "toy", ("0", "4", "6"), 3, shown)
    for layer, rows in found.items():
        theirs = LayerGradientXActivation(toy.module, toy.module.get_submodule(layer), multiply_by_inputs=False)
        x = encoded(toy, shown).requires_grad_()
        close(rows, over_space(theirs.attribute(x, target=3).detach(), lambda grid: grid.sum(2)))
        assert np.abs(rows).max() > 0


def test_the_gradient_before_a_layer_in_place_is_that_of_what_it_was_given(
    hub: Hub, toy: Classifier, shown: list[Located]
) -> None:
    assert isinstance(toy.module, nn.Sequential)
    leaf = toy.module[:2](encoded(toy, shown)).detach().requires_grad_()
    (expected,) = torch.autograd.grad(toy.module[2:](leaf.clone())[:, 1].sum(), leaf)
    close(gradients(hub, "toy", ("1",), 1, shown)["1"], over_space(expected, lambda grid: grid.sum(2)))


def test_a_real_network_agrees_with_captum(lite0: Classifier) -> None:
    hub = Hub(lambda key, device: lite0, torch.device("cpu"))
    shown = located(pictures(2))
    module, x = lite0.module, encoded(lite0, shown)
    layer = module.get_submodule("blocks.5")
    there = LayerActivation(module, layer).attribute(x).detach()
    back = LayerGradientXActivation(module, layer, multiply_by_inputs=False)
    close(features(hub, "lite0", ("blocks.5",), shown)["blocks.5"], over_space(there, lambda grid: grid.mean(2)))
    expected = over_space(back.attribute(x.requires_grad_(), target=340).detach(), lambda grid: grid.sum(2))
    close(gradients(hub, "lite0", ("blocks.5",), 340, shown)["blocks.5"], expected)


def test_flattened_rows_are_the_grid_itself_and_their_gradient_is_not_added_up(
    hub: Hub, toy: Classifier, shown: list[Located]
) -> None:
    x = encoded(toy, shown)
    flat, slope = features(hub, "toy", ("4",), shown, "flatten"), gradients(hub, "toy", ("4",), 2, shown, "flatten")
    close(flat["4"], LayerActivation(toy.module, toy.module[4]).attribute(x).detach().flatten(1).numpy())  # type: ignore[index]
    average = gradients(hub, "toy", ("4",), 2, shown)["4"]
    close(slope["4"].reshape(11, 16, 64).sum(2), average)


def test_the_product_with_a_direction_is_how_fast_the_logit_rises(
    hub: Hub, toy: Classifier, shown: list[Located]
) -> None:
    direction = np.random.default_rng(1).normal(size=16)
    promised = gradients(hub, "toy", ("4",), 0, shown)["4"] @ direction

    def moved(step: float) -> Callable[[Tensor], Tensor]:
        return lambda output: output + step * torch.from_numpy(direction).view(1, 16, 1, 1)

    double = toy.module.double()
    x, logits = encoded(toy, shown).double(), []
    for step in (1e-6, -1e-6):
        with torch.no_grad(), hooks.reading(double, {"4": moved(step)}):
            logits.append(double(x)[:, 0].numpy())
    np.testing.assert_allclose(promised, (logits[0] - logits[1]) / 2e-6, rtol=1e-4, atol=1e-6)


def test_the_logits_come_with_the_gradients_and_the_answers_are_the_networks(
    hub: Hub, toy: Classifier, shown: list[Located]
) -> None:
    with torch.no_grad():
        expected = toy.module(encoded(toy, shown)).numpy()
    close(slopes(hub, "toy", ("4",), 2, shown)[1], expected[:, 2])
    close(answers(hub, "toy", shown), expected)


def test_a_row_does_not_hang_on_what_else_was_in_its_batch(
    hub: Hub, shown: list[Located], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = features(hub, "toy", LAYERS, shown)
    for number in (0, 10):
        monkeypatch.setattr("xai_core.features.kept.FOLDER", f"another {number}")
        alone = features(hub, "toy", LAYERS, [shown[number]])
        for layer in LAYERS:
            np.testing.assert_allclose(alone[layer][0], together[layer][number], rtol=1e-5, atol=1e-6)


def test_the_same_picture_twice_gets_the_same_row_twice(hub: Hub, shown: list[Located]) -> None:
    found = features(hub, "toy", ("4",), [shown[2], shown[0], shown[2]])["4"]
    assert np.array_equal(found[0], found[2])
    assert not np.array_equal(found[0], found[1])


class Tokens(nn.Module):
    """A vision transformer's shapes, and a grid with its channels last: (B, 17, 6), then (B, 4, 4, 6)."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.patches, self.tokens, self.last = nn.Conv2d(3, 6, 8, 8), nn.Linear(6, 6), nn.Linear(6, 6)
        self.pair, self.rows, self.head = Pair(), nn.Linear(8, 8), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        grid = self.patches(x).flatten(2).transpose(1, 2)
        tokens = self.tokens(torch.cat([grid.mean(1, keepdim=True), grid], 1))
        places = self.last(tokens[:, 1:].unflatten(1, (4, 4)))
        self.rows(x.flatten(2)[..., :8]), self.rows(x.flatten(2)[..., :8])
        return self.head(places.relu().mean((1, 2)) + self.pair(tokens)[0][:, 0])


class Pair(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


@pytest.fixture
def token_hub() -> Hub:
    return Hub(lambda key, device: make_toy(Tokens(), cam_layer="last", name="tokens"), torch.device("cpu"))


def test_a_class_token_is_left_out_and_channels_may_come_last(token_hub: Hub, shown: list[Located]) -> None:
    classifier = token_hub.classifier("tokens")
    found = features(token_hub, "tokens", ("tokens", "last"), shown)
    kept: dict[str, Tensor] = {}
    layers = {name: lambda output, name=name: kept.update({name: output}) for name in ("tokens", "last")}
    with torch.no_grad(), hooks.reading(classifier.module, layers):
        classifier.module(encoded(classifier, shown))
    close(found["tokens"], kept["tokens"][:, 1:].mean(1).numpy())
    close(found["last"], kept["last"].mean((1, 2)).numpy())
    assert gradients(token_hub, "tokens", ("tokens", "last"), 0, shown)["last"].shape == (11, 6)


@pytest.mark.parametrize("layer", ["", "nowhere", "pair", "rows"])
@pytest.mark.parametrize("ask", [features, lambda hub, model, layers, shown: gradients(hub, model, layers, 0, shown)])
def test_a_layer_without_one_row_for_each_picture_is_refused_in_words(
    token_hub: Hub, shown: list[Located], layer: str, ask: Callable[..., object]
) -> None:
    with pytest.raises(UnsupportedMethod, match=r"[Cc]hoose another layer|choose one from the list"):
        ask(token_hub, "tokens", (layer,), shown)
    assert hooks.count(token_hub.classifier("tokens").module) == 0


def test_too_many_numbers_to_compare_one_by_one_are_refused_with_their_count(lite0: Classifier) -> None:
    hub = Hub(lambda key, device: lite0, torch.device("cpu"))
    with pytest.raises(UnsupportedMethod, match=r"200,704 numbers .* 50,000"):
        features(hub, "lite0", ("blocks.0",), located(pictures(1)), "flatten")
    assert hooks.count(lite0.module) == 0


def test_a_class_that_the_model_does_not_have_is_named(hub: Hub, shown: list[Located]) -> None:
    with pytest.raises(XaiError, match="classes 0 to 4; there is no class 5"):
        gradients(hub, "toy", ("4",), 5, shown)


def test_answers_that_are_no_numbers_are_an_error_and_not_kept(shown: list[Located]) -> None:
    broken = make_toy()
    broken.module.get_submodule("3").bias[0] = float("nan")  # type: ignore[union-attr,index,operator]
    hub = Hub(lambda key, device: broken, torch.device("cpu"))
    for _ in range(2):
        with pytest.raises(XaiError, match="not numbers at 4"):
            features(hub, "toy", ("4",), shown)
