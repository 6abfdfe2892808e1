"""Grad-CAM and its relatives: against pytorch-grad-cam and Captum, and against what must hold by mathematics."""

from __future__ import annotations

from copy import deepcopy

import captum.attr
import numpy as np
import pytest
import pytorch_grad_cam
import torch
import torchvision
from maps import evidence_of, relative, run, without_inplace
from torch import Tensor, nn

from conftest import make_toy, toy_network
from xai_core.classifier import Classifier, freeze
from xai_core.errors import UnsupportedMethod
from xai_core.evidence import Evidence
from xai_core.explain import Explain, refusal
from xai_core.framing import Framing, Preprocess
from xai_core.hub import Hub
from xai_core.method import methods
from xai_core.picture import Picture

ESPRESSO = 967
PEERS = {
    "gradcam": pytorch_grad_cam.GradCAM,
    "gradcam_plus_plus": pytorch_grad_cam.GradCAMPlusPlus,
    "hirescam": pytorch_grad_cam.HiResCAM,
    "layercam": pytorch_grad_cam.LayerCAM,
}
every = pytest.mark.parametrize("key", PEERS)


def thousand(module: nn.Module, side: int, cam_layer: str) -> Classifier:
    labels = tuple(str(i) for i in range(1000))
    preprocess = Preprocess(side, side, (0.5,) * 3, (0.25,) * 3)
    return Classifier("net", freeze(module, torch.device("cpu")), labels, preprocess, cam_layer)


@pytest.fixture(scope="module")
def real(lite0: Classifier, coffee: Picture) -> Evidence:
    return evidence_of(lite0, coffee, ESPRESSO)


@pytest.fixture(scope="module")
def resnet(coffee: Picture) -> Evidence:
    torch.manual_seed(0)
    return evidence_of(thousand(torchvision.models.resnet18(weights=None), 96, "layer4"), coffee, 3)


@pytest.fixture(scope="module")
def vit(coffee: Picture) -> Evidence:
    torch.manual_seed(0)
    module = torchvision.models.VisionTransformer(32, 8, 3, 2, 16, 32)
    nn.init.normal_(module.heads.head.weight)  # torchvision starts from zeros, which explain nothing
    return evidence_of(thousand(module, 32, "encoder.layers.encoder_layer_2.ln_1"), coffee, 3)


@pytest.fixture
def small(toy: Classifier, picture: Picture) -> Evidence:
    return evidence_of(toy, picture)


def as_tokens(output: Tensor) -> Tensor:
    """pytorch-grad-cam's own advice for vision transformers: no class token, channels first."""
    return output[:, 1:].reshape(len(output), 4, 4, -1).permute(0, 3, 1, 2)


def theirs(evidence: Evidence, layer: str, *keys: str, **extra: object) -> dict[str, Tensor]:
    """pytorch-grad-cam's maps at the layer's own resolution, before its scaling to [0, 1] and to the picture."""
    module = without_inplace(deepcopy(evidence.classifier.module))
    target, wanted = module.get_submodule(layer), [lambda logits: logits[evidence.target]]
    with pytorch_grad_cam.GradCAM(module, [target], **extra) as peer:
        peer(evidence.x.clone().requires_grad_(), wanted)
        seen = peer.activations_and_grads
        features, gradient = seen.activations[0].numpy(), seen.gradients[0].numpy()
    maps = {}
    for key in keys:
        with PEERS[key](module, [target]) as peer:
            maps[key] = torch.from_numpy(np.array(peer.get_cam_image(None, target, wanted, features, gradient, False)))[
                0
            ]
    return maps


def assert_equal_to_theirs(evidence: Evidence, layer: str, *keys: str, **extra: object) -> None:
    for key, values in theirs(evidence, layer, *keys, **extra).items():
        found = run(key, evidence, layer=layer)
        assert relative(found.values, values if found.signed else values.relu()) < 1e-4, key


SIMPLE = ("gradcam", "hirescam", "layercam")


@pytest.mark.parametrize("layer", ["bn2", "blocks.4", "blocks.2"])
def test_the_default_models_maps_equal_pytorch_grad_cams(layer: str, real: Evidence) -> None:
    assert_equal_to_theirs(real, layer, *SIMPLE)


@pytest.mark.parametrize("layer", ["layer4", "layer2", "layer3.0.bn1"])
def test_a_resnets_maps_equal_pytorch_grad_cams(layer: str, resnet: Evidence) -> None:
    assert_equal_to_theirs(resnet, layer, *SIMPLE)


def test_a_vision_transformers_maps_equal_pytorch_grad_cams(vit: Evidence) -> None:
    assert run("gradcam", vit).values.shape == (4, 4)
    assert_equal_to_theirs(vit, vit.classifier.cam_layer, *SIMPLE, reshape_transform=as_tokens)


def louder(evidence: Evidence) -> Evidence:
    """The same network with its scores times 10,000: pytorch-grad-cam adds 1e-6 to squares of gradients."""
    module = deepcopy(evidence.classifier.module)
    *_, head = (child for child in module.modules() if isinstance(child, nn.Linear))
    head.weight *= 10_000
    classifier = Classifier("louder", module, evidence.classifier.labels, evidence.classifier.preprocess)
    return Evidence(classifier, evidence.square, evidence.target)


def test_grad_cam_plus_plus_equals_pytorch_grad_cams(real: Evidence, resnet: Evidence) -> None:
    for evidence, layer in [(louder(real), "bn2"), (louder(resnet), "layer4"), (louder(resnet), "layer2")]:
        assert_equal_to_theirs(evidence, layer, "gradcam_plus_plus")


def test_grad_cam_plus_plus_is_the_papers_formula_where_gradients_are_tiny(small: Evidence) -> None:
    features, gradient = (t.double() for t in small.layer())
    values = torch.zeros(8, 8).double()
    for k in range(len(features)):
        weight = 0.0
        for g in gradient[k].flatten().tolist():
            if g != 0:
                weight += g**2 / (2 * g**2 + float(features[k].sum()) * g**3) * max(g, 0)
        values += weight * features[k]
    assert relative(run("gradcam_plus_plus", small).values, values.relu().float()) < 1e-5
    whisper = small.classifier
    with torch.no_grad():
        whisper.module[7].weight *= 1e-25  # squares vanish in single precision
    quiet = Evidence(whisper, small.square, 1)
    assert float(run("gradcam_plus_plus", quiet).values.max()) > 0


def test_grad_cam_plus_plus_says_that_negative_features_break_its_weights(real: Evidence) -> None:
    assert "negative" in " ".join(run("gradcam_plus_plus", real, layer="blocks.4").notes)
    assert run("gradcam_plus_plus", real).notes == ()


@pytest.mark.parametrize("layer", ["bn2", "blocks.4"])
@pytest.mark.parametrize("relu", [True, False])
def test_grad_cam_equals_captums(layer: str, relu: bool, real: Evidence) -> None:
    module = real.classifier.module
    peer = captum.attr.LayerGradCam(module, module.get_submodule(layer))
    expected = peer.attribute(real.x.clone().requires_grad_(), target=ESPRESSO, relu_attributions=relu)[0, 0]
    assert relative(run("gradcam", real, layer=layer, relu=relu).values, expected) < 1e-4


def test_guided_grad_cam_equals_captums_when_both_enlarge_bilinearly(resnet: Evidence) -> None:
    module = without_inplace(deepcopy(resnet.classifier.module))
    expected = captum.attr.GuidedGradCam(module, module.layer3).attribute(
        resnet.x.clone().requires_grad_(), target=3, interpolate_mode="bilinear"
    )[0]
    found = run("guided_gradcam", resnet, layer="layer3", signed=True, channels="sum")
    assert found.signed
    assert relative(found.values, expected.sum(0)) < 1e-4


# what must hold


def test_before_a_pooled_linear_head_grad_cam_hirescam_and_cam_agree(small: Evidence) -> None:
    features, _ = small.layer("4")
    weights = small.classifier.module[7].weight[1]
    cam = torch.einsum("k,khw->hw", weights, features) / 64  # Zhou 2016; the mean over 8 × 8 places
    assert relative(run("hirescam", small).values, cam) < 1e-5
    assert relative(run("gradcam", small, relu=False).values, cam) < 1e-5
    # and it shares out the score exactly, the head's offset apart
    total = small.classifier.module(small.x)[0, 1] - small.classifier.module[7].bias[1]
    assert float(run("hirescam", small).values.sum()) == pytest.approx(float(total), rel=1e-4)


def test_an_in_place_layer_behind_the_chosen_one_does_not_alter_its_features(picture: Picture) -> None:
    behind = run("hirescam", evidence_of(make_toy(cam_layer="3"), picture)).values
    module = without_inplace(toy_network())
    torch.testing.assert_close(behind, run("hirescam", evidence_of(make_toy(module, "3"), picture)).values)


def test_the_shortened_pass_gives_the_gradient_of_the_whole_one(real: Evidence) -> None:
    module, x = real.classifier.module, real.x.clone().requires_grad_()
    kept: list[Tensor] = []
    handle = module.blocks[4].register_forward_hook(lambda _m, _i, output: kept.append(output))
    score = module(x)[0, ESPRESSO]
    handle.remove()
    (gradient,) = torch.autograd.grad(score, kept[0])
    assert torch.equal(real.layer("blocks.4")[1], gradient[0])


# blank maps


def against(target: int = 1) -> nn.Sequential:
    """A toy whose head holds every feature against one class."""
    module = toy_network()
    with torch.no_grad():
        module[7].weight[target] = -module[7].weight[target].abs()
    return module


@pytest.mark.parametrize("key", ["gradcam", "gradcam_plus_plus", "layercam", "guided_gradcam"])
def test_where_everything_speaks_against_the_class_the_map_is_blank_and_says_why(key: str, picture: Picture) -> None:
    classifier = make_toy(against())
    hub = Hub(lambda name, device: classifier, torch.device("cpu"))
    answer = hub.run(Explain("toy", picture, Framing.WHOLE, 1, key, methods()[key].params()))
    assert answer.status == "blank"
    assert not answer.values.any()
    assert any("No positive evidence" in note for note in answer.notes)


def test_a_layer_behind_the_verdict_is_blank_and_says_so(vit: Evidence) -> None:
    # only the class token goes on from the last block; no patch token of it reaches the score
    found = run("gradcam", vit, layer="encoder.layers.encoder_layer_2")
    assert not found.values.any()
    assert "does not depend" in found.notes[0]


@every
def test_a_layer_without_a_grid_is_refused_with_its_name(key: str, small: Evidence, vit: Evidence) -> None:
    for evidence, layer in [(small, "5"), (small, "nowhere"), (vit, "encoder.layers.encoder_layer_0.self_attention")]:
        with pytest.raises(UnsupportedMethod, match=layer):
            run(key, evidence, layer=layer)


def test_a_network_without_a_spatial_layer_is_refused() -> None:
    flat = make_toy(nn.Sequential(nn.Flatten(), nn.Linear(3072, 5), nn.ReLU()), cam_layer="")
    for key in (*PEERS, "guided_gradcam"):
        assert "knows where things are" in str(refusal(methods()[key], flat))


@every
@pytest.mark.parametrize("side", [32, 45])
@pytest.mark.parametrize("framing", Framing)
def test_any_picture_shape_and_input_size_is_explained(key: str, side: int, framing: Framing, picture: Picture) -> None:
    classifier = make_toy()
    classifier.preprocess = Preprocess(side + 4, side, (0.5,) * 3, (0.25,) * 3)
    hub = Hub(lambda name, device: classifier, torch.device("cpu"))
    answer = hub.run(Explain("toy", picture, framing, 0, key, methods()[key].params()))
    assert answer.values.shape == ((side + 3) // 4, (side + 3) // 4)
    left, top, right, bottom = answer.box
    assert (right - left) / (bottom - top) == pytest.approx(64 / 48 if framing is Framing.WHOLE else 1, rel=0.01)
