"""The default models know what they see; every architecture of the table is described and explained."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from skimage import data
from torch import nn
from torchvision.models import VisionTransformer

from random_models import random_network
from xai_core import build
from xai_core.classifier import Classifier, freeze
from xai_core.describe import Describe, ModelCard
from xai_core.errors import UnsupportedMethod
from xai_core.explain import Explain, Explanation, refusal
from xai_core.framing import Framing, Preprocess
from xai_core.hub import Hub
from xai_core.knobs import Params, settings
from xai_core.method import Method, methods
from xai_core.picture import Picture
from xai_core.predict import Predict, Prediction
from xai_core.zoo import IMAGENET_MEAN, IMAGENET_STD, MODELS

CPU = torch.device("cpu")
# enough to run every line, and not a pass more: whole networks are slow
LITTLE = {"samples": 2, "masks": 2, "steps": 2, "epochs": 2, "window": 56, "stride": 56, "patches": 8}
SMALLEST = {"inception_v3": 107, "vit_b_16": 224}  # px that leave a grid to look at; the others are content with 64

# what Grad-CAM's default layer must look like: side of its grid, channels
GRIDS = {
    "vgg19": (14, 512),
    "inception_v3": (8, 2048),
    "resnet50": (7, 2048),
    "mobilenet_v3_large": (7, 960),
    "convnext_tiny": (7, 768),
    "vit_b_16": (14, 768),
}
NOT_ONLY_RELU = {"mobilenet_v3_large": "Hardswish", "convnext_tiny": "GELU", "vit_b_16": "GELU"}


def see(hub: Hub, model: str, pixels: np.ndarray) -> Prediction:
    colour = pixels if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1)
    seen: Prediction = hub.run(Predict(model, Picture.of(colour, "picture"), Framing.AS_TRAINED))
    return seen


@pytest.fixture(scope="module")
def real(lite0: Classifier) -> Hub:
    hub = Hub(build.load, CPU)
    hub.adopt(lite0)
    return hub


def test_the_default_model_knows_three_well_known_pictures(real: Hub) -> None:
    (cup,) = see(real, "lite0", data.coffee()).top(1)
    assert (cup.label, cup.probability) == ("espresso", pytest.approx(0.95, abs=0.02))
    (stand,) = see(real, "lite0", data.camera()).top(1)
    assert (stand.label, stand.probability) == ("tripod", pytest.approx(0.94, abs=0.02))
    first, second = see(real, "lite0", data.chelsea()).top(2)
    assert (first.label, first.probability) == ("tiger cat", pytest.approx(0.39, abs=0.02))
    assert (second.label, second.probability) == ("Egyptian cat", pytest.approx(0.36, abs=0.02))


def test_a_cat_leaves_the_default_model_undecided_and_a_cup_does_not(real: Hub) -> None:
    assert see(real, "lite0", data.chelsea()).undecided
    assert not see(real, "lite0", data.coffee()).undecided


@pytest.mark.parametrize("key", ["lite1", "lite2"])
def test_its_larger_sisters_agree(key: str, real: Hub) -> None:
    for pixels, label in ((data.coffee(), "espresso"), (data.camera(), "tripod")):
        (best,) = see(real, key, pixels).top(1)
        assert best.label == label
        assert best.probability > 0.5


def test_the_default_model_with_imagenets_mean_and_std_would_be_another(lite0: Classifier, real: Hub) -> None:
    preprocess = replace(lite0.preprocess, mean=IMAGENET_MEAN, std=IMAGENET_STD)
    hub = Hub(lambda key, device: Classifier("wrong", lite0.module, lite0.labels, preprocess, lite0.cam_layer), CPU)
    right, wrong = see(real, "lite0", data.chelsea()), see(hub, "wrong", data.chelsea())
    assert np.abs(right.probabilities - wrong.probabilities).max() > 0.05


def wrap(key: str, module: nn.Module, side: int | None = None) -> Classifier:
    line = MODELS[key]
    preprocess = line.preprocess if side is None else replace(line.preprocess, crop=side, resize=side)
    return Classifier(key, freeze(module, CPU), build.imagenet_labels(), preprocess, line.cam_layer)


@pytest.fixture(scope="module", params=list(GRIDS))
def downloaded(request: pytest.FixtureRequest) -> Iterator[Classifier]:
    """Every model of torchvision, with random weights, at its own size; one at a time."""
    classifier = wrap(request.param, random_network(request.param))
    yield classifier
    classifier.__dict__.clear()  # VGG19 alone holds half a gigabyte


def shallow(module: nn.Module) -> nn.Module:
    """A transformer with its first and last block only, as it cannot be given a smaller picture; others as they are."""
    if not isinstance(module, VisionTransformer):
        return module
    module, blocks = deepcopy(module), dict(module.encoder.layers.named_children())
    ends = {name: deepcopy(blocks[name]) for name in ("encoder_layer_0", "encoder_layer_11")}
    module.encoder.layers = nn.Sequential(OrderedDict(ends))
    return module


def hub_of(classifier: Classifier) -> Hub:
    return Hub(lambda key, device: classifier, CPU)


def test_it_is_described_with_layers_that_are_grids(downloaded: Classifier) -> None:
    card: ModelCard = hub_of(downloaded).run(Describe(downloaded.name))
    grids = {layer.name: layer for layer in downloaded.layers}
    own = grids[card.cam_layer]
    assert (own.height, own.width, own.channels) == (GRIDS[card.model][0], *GRIDS[card.model])
    assert [name for name, _ in card.layers] == list(grids)
    assert all(layer.height == layer.width > 1 for layer in grids.values())
    sides = [layer.height for layer in grids.values() if "downsample" not in layer.name]
    assert sides[0] > sides[-1] or card.model == "vit_b_16"  # a transformer's grid never shrinks
    assert len(card.weights) == 64
    assert card.labels[967] == "espresso"


def test_what_rewires_relu_is_refused_where_there_is_another_activation(downloaded: Classifier) -> None:
    other = NOT_ONLY_RELU.get(downloaded.name, "")
    for card in methods().values():
        if "relu" in card.needs:
            reason = refusal(card, downloaded)
            assert (reason is None) == (not other)
            assert reason is None or f"also computes with {other}" in reason or f"with {other}" in reason


def test_attention_is_only_found_in_the_transformer(downloaded: Classifier) -> None:
    assert ("attention" in downloaded.traits) == (downloaded.name == "vit_b_16")


def test_grad_cam_works_at_full_size(downloaded: Classifier, coffee: Picture) -> None:
    found = explain(downloaded, methods()["gradcam"], coffee, relu=False)  # random weights may speak against anything
    side = GRIDS[downloaded.name][0]
    assert found.values.shape == (side, side)
    assert found.status == "ok"
    assert len(np.unique(found.values)) > side


def test_every_method_runs_or_says_why_not(downloaded: Classifier, coffee: Picture) -> None:
    small = wrap(downloaded.name, shallow(downloaded.module), SMALLEST.get(downloaded.name, 64))
    for card in methods().values():
        if refusal(card, small):
            with pytest.raises(UnsupportedMethod, match=f"{card.title} does not apply to this model: it "):
                explain(small, card, coffee)
        else:
            found = explain(small, card, coffee)
            assert np.isfinite(found.values).all(), card.key
            assert found.status == "ok" or found.reasons, card.key


def explain(classifier: Classifier, card: Method, picture: Picture, **changed: object) -> Explanation:
    params = replace(little(card), **changed)
    request = Explain(classifier.name, picture, Framing.WHOLE, 967, card.key, params)
    found: Explanation = hub_of(classifier).run(request)
    return found


def little(card: Method) -> Params:
    few = {setting: LITTLE[setting.name] for setting in settings(card.params) if setting.name in LITTLE}
    return replace(card.params(), **{setting.name: max(few[setting], setting.knob.low or 0) for setting in few})


@pytest.fixture
def flat() -> Classifier:
    """A network that forgets where things are in its first layer."""
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 16), nn.ReLU(), nn.Linear(16, 4))
    preprocess = Preprocess(32, 32, (0.5,) * 3, (0.25,) * 3)
    return Classifier("flat", freeze(layers, CPU), ("a", "b", "c", "d"), preprocess)


def test_a_network_without_places_refuses_cams_with_a_reason_and_keeps_the_rest(
    flat: Classifier, picture: Picture
) -> None:
    assert flat.layers == ()
    ask = partial(Explain, "flat", picture, Framing.WHOLE, 1)
    for card in methods().values():
        if "spatial" in card.needs:
            with pytest.raises(UnsupportedMethod, match="needs a layer that still knows where things are"):
                hub_of(flat).run(ask(card.key, card.params()))
    for key in ("gradient", "guided_backprop", "smoothgrad", "integrated_gradients"):
        assert hub_of(flat).run(ask(key, little(methods()[key]))).status == "ok"
    card = hub_of(flat).run(Describe("flat"))
    assert {key for key, _ in card.refusals} >= {"gradcam", "guided_gradcam"}
    assert "gradient" not in dict(card.refusals)
