"""Gradient, gradient × input, SmoothGrad and guided backpropagation: against other people's."""

from __future__ import annotations

import captum.attr
import pytest
import torch
import torchvision
from maps import evidence_of, relative, run, without_inplace
from torch import Tensor, nn

from conftest import make_toy, toy_network
from xai_core.channels import ChannelParams, reduce_channels
from xai_core.classifier import Classifier, freeze
from xai_core.evidence import Evidence
from xai_core.explain import Explain, refusal
from xai_core.framing import Framing, Preprocess
from xai_core.hub import Hub
from xai_core.knobs import Params
from xai_core.method import methods
from xai_core.methods.integrated_gradients import IntegratedGradientsParams
from xai_core.methods.smoothgrad import SmoothgradParams
from xai_core.picture import Picture

ESPRESSO = 967


@pytest.fixture(scope="module")
def real(lite0: Classifier, coffee: Picture) -> Evidence:
    return evidence_of(lite0, coffee, ESPRESSO)


@pytest.fixture
def small(toy: Classifier, picture: Picture) -> Evidence:
    return evidence_of(toy, picture)


@pytest.fixture(scope="module")
def resnet(coffee: Picture) -> Evidence:
    torch.manual_seed(0)
    module = freeze(torchvision.models.resnet18(weights=None), torch.device("cpu"))
    labels = tuple(str(i) for i in range(1000))
    classifier = Classifier("resnet18", module, labels, Preprocess(70, 64, (0.5,) * 3, (0.25,) * 3), "layer4")
    return evidence_of(classifier, coffee, 3)


def test_the_gradient_equals_captums_saliency_under_every_channel_rule(real: Evidence) -> None:
    theirs = captum.attr.Saliency(real.classifier.module).attribute(real.x.clone(), target=ESPRESSO, abs=False)[0]
    size = theirs.abs()
    for rule, joined in {"sum": size.sum(0), "largest": size.amax(0), "mean": size.mean(0)}.items():
        assert relative(run("gradient", real, channels=rule).values, joined) < 1e-4
    assert relative(run("gradient", real, channels="sum", signed=True).values, theirs.sum(0)) < 1e-4


def test_the_gradient_predicts_what_a_small_change_does(picture: Picture) -> None:
    small = evidence_of(make_toy(toy_network().double()), picture)
    small.x = small.x.double()  # differences of 1e-6 need double precision
    for channel, row, column in [(0, 5, 7), (1, 16, 16), (2, 30, 20)]:
        step = torch.zeros_like(small.x)
        step[0, channel, row, column] = 1e-6
        up, down = (small.classifier.module(small.x + sign * step)[0, 1] for sign in (1, -1))
        assert float(small.gradient[channel, row, column]) == pytest.approx(
            float((up - down) / 2e-6), rel=1e-4, abs=1e-8
        )


def test_the_largest_signed_channel_is_the_one_farthest_from_zero() -> None:
    gradient = torch.tensor([[[1.0, -1.0]], [[-3.0, 2.0]], [[2.0, 0.5]]])
    assert reduce_channels(gradient, ChannelParams(signed=True)).tolist() == [[-3.0, 2.0]]
    assert reduce_channels(gradient, ChannelParams(signed=True, channels="sum")).tolist() == [[0.0, 1.5]]
    assert reduce_channels(gradient, ChannelParams(channels="sum")).tolist() == [[6.0, 3.5]]


def test_gradient_times_input_equals_captums(real: Evidence) -> None:
    theirs = captum.attr.InputXGradient(real.classifier.module).attribute(real.x.clone(), target=ESPRESSO)[0]
    found = run("gradient_x_input", real)
    assert found.signed
    assert relative(found.values, theirs.sum(0)) < 1e-4


def test_gradient_times_input_adds_up_to_the_score_of_a_network_without_offsets(picture: Picture) -> None:
    torch.manual_seed(2)
    homogeneous = nn.Sequential(
        nn.Conv2d(3, 6, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 30 * 30, 5, bias=False)
    )
    evidence = evidence_of(make_toy(homogeneous, cam_layer="0"), picture)
    total = float(run("gradient_x_input", evidence).values.sum())
    assert total == pytest.approx(float(evidence.logits[1]), rel=1e-4)  # Euler's theorem


# guided backpropagation


def test_guided_backpropagation_equals_captums_on_a_relu_network(resnet: Evidence) -> None:
    torch.manual_seed(0)
    peer = without_inplace(torchvision.models.resnet18(weights=None)).eval()
    peer.load_state_dict(resnet.classifier.module.state_dict())
    theirs = captum.attr.GuidedBackprop(peer).attribute(resnet.x.clone(), target=3)[0]
    assert relative(run("guided_backprop", resnet, channels="sum", signed=True).values, theirs.detach().sum(0)) < 1e-4


def by_hand(module: nn.Sequential, x: Tensor, target: int) -> Tensor:
    """Guided backpropagation of a chain of layers, one vector-Jacobian product after the other."""
    inputs = [x]
    for layer in without_inplace(module):
        inputs.append(layer(inputs[-1]))
    upstream = torch.nn.functional.one_hot(torch.tensor([target]), inputs[-1].shape[1]).to(x.dtype)
    for layer, given in zip(reversed(module), reversed(inputs[:-1]), strict=True):
        if isinstance(layer, nn.ReLU | nn.ReLU6):
            open_gate = (given > 0) & (given < (6 if isinstance(layer, nn.ReLU6) else float("inf")))
            upstream = torch.where(open_gate & (upstream > 0), upstream, torch.zeros(()))
        else:
            _, back = torch.func.vjp(layer, given)
            (upstream,) = back(upstream)
    return upstream[0]


@pytest.mark.parametrize("target", range(5))
def test_guided_backpropagation_through_relu_and_relu6_equals_a_pass_by_hand(picture: Picture, target: int) -> None:
    small = evidence_of(make_toy(loud()), picture, target)
    theirs = by_hand(make_toy(loud()).module, small.x, target)
    assert relative(small.guided_gradient, theirs) < 1e-5
    assert relative(small.gradient, theirs) > 0.01


def loud() -> nn.Sequential:
    """The toy with features large enough to be cut off at 6."""
    module = toy_network()
    with torch.no_grad():
        module[3].weight *= 20
    return module


def test_guided_backpropagation_is_not_the_plain_gradient_on_the_default_model(real: Evidence) -> None:
    together = torch.stack([real.guided_gradient.flatten(), real.gradient.flatten()])
    assert abs(float(torch.corrcoef(together)[0, 1])) < 0.9


def test_guided_backpropagation_refuses_networks_with_other_activations() -> None:
    mixed = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.SiLU(), nn.Flatten(), nn.Linear(3136, 5)
    )
    for key in ("guided_backprop", "guided_gradcam"):
        assert "SiLU" in str(refusal(methods()[key], make_toy(mixed, cam_layer="2")))
        assert refusal(methods()[key], make_toy()) is None


# all of them


@pytest.mark.parametrize(
    "key", ["gradient", "gradient_x_input", "smoothgrad", "guided_backprop", "integrated_gradients"]
)
@pytest.mark.parametrize("side", [32, 45])
@pytest.mark.parametrize("framing", Framing)
def test_any_picture_shape_and_input_size_is_explained(key: str, side: int, framing: Framing, picture: Picture) -> None:
    preprocess = Preprocess(side + 4, side, (0.5,) * 3, (0.25,) * 3)
    classifier = make_toy()
    classifier.preprocess = preprocess
    hub = Hub(lambda key, device: classifier, torch.device("cpu"))
    params: dict[str, Params] = {
        "smoothgrad": SmoothgradParams(samples=4),
        "integrated_gradients": IntegratedGradientsParams(steps=4),
    }
    request = Explain("toy", picture, framing, 0, key, params.get(key, methods()[key].params()))
    assert hub.run(request).values.shape == (side, side)
