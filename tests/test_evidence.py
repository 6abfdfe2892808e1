"""Passes are made once, give what they say, and fail in words."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from conftest import make_toy
from xai_core import hooks
from xai_core.classifier import Classifier
from xai_core.errors import OutOfMemory, UnsupportedMethod
from xai_core.evidence import Evidence
from xai_core.framing import Framing, frame
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.progress import silent


@pytest.fixture
def evidence(toy: Classifier, picture: Picture) -> Evidence:
    return Evidence(toy, frame(picture.pixels, toy.preprocess, Framing.AS_TRAINED).square, 1)


def count_passes(classifier: Classifier) -> list[int]:
    """A list that grows by one with each pass of the network."""
    passes: list[int] = []
    classifier.module.register_forward_hook(lambda *_: passes.append(1))
    return passes


CAMS = ("gradcam", "gradcam_plus_plus", "hirescam", "layercam")
FAST = ("gradient", "gradient_x_input", "guided_backprop", *CAMS, "guided_gradcam")


def test_eight_fast_methods_together_make_three_passes(evidence: Evidence) -> None:
    passes = count_passes(evidence.classifier)
    for key in (*FAST, *FAST):
        methods()[key].run(evidence, methods()[key].params(), silent)
    assert len(passes) == 3  # plain, guided, and to the layer


@pytest.mark.parametrize("order", [FAST, FAST[::-1]])
def test_a_methods_bits_do_not_depend_on_what_was_asked_before(order: tuple[str, ...], evidence: Evidence) -> None:
    shared = {key: methods()[key].run(evidence, methods()[key].params(), silent).values for key in order}
    for key in FAST:
        alone = Evidence(make_toy(), evidence.square, evidence.target)
        assert torch.equal(shared[key], methods()[key].run(alone, methods()[key].params(), silent).values)


def test_nothing_shared_is_written_to_by_a_method(evidence: Evidence) -> None:
    kept = [evidence.x, evidence.gradient, evidence.guided_gradient, *evidence.layer()]
    before = [tensor.clone() for tensor in kept]
    for key in FAST:
        methods()[key].run(evidence, methods()[key].params(), silent)
    assert all(torch.equal(now, then) for now, then in zip(kept, before, strict=True))
    assert not any(tensor.requires_grad for tensor in kept)


def test_logits_label_and_probability_are_the_targets(evidence: Evidence) -> None:
    with torch.no_grad():
        logits = evidence.classifier.module(evidence.x)[0]
    torch.testing.assert_close(torch.tensor(evidence.logits.tolist()), logits, rtol=1e-4, atol=1e-5)
    assert evidence.probability == pytest.approx(float(logits.softmax(0)[1]), rel=1e-4)
    assert evidence.label == "dog"


@pytest.mark.parametrize("name", ["5", "6", "7", "nowhere", "4.conv"])
def test_a_layer_that_is_absent_or_has_no_grid_is_named(name: str, evidence: Evidence) -> None:
    with pytest.raises(UnsupportedMethod, match=name):
        evidence.layer(name)
    assert hooks.count(evidence.classifier.module) == 0
    assert not hooks.touched()


def test_a_classifier_without_a_default_layer_says_so_instead_of_crashing(picture: Picture) -> None:
    classifier = make_toy(cam_layer="")
    square = frame(picture.pixels, classifier.preprocess, Framing.AS_TRAINED).square
    with pytest.raises(UnsupportedMethod, match="choose one"):
        Evidence(classifier, square, 1).layer()


@pytest.mark.parametrize("ask", ["logits", "gradient", "guided_gradient", "layer"])
def test_a_device_without_room_for_one_picture_is_an_error_with_advice(
    ask: str, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(x: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    evidence.classifier.prepared = full
    monkeypatch.setattr(evidence.classifier.module, "forward", full)
    with pytest.raises(OutOfMemory, match="smaller model"):
        evidence.layer() if ask == "layer" else getattr(evidence, ask)
    assert hooks.count(evidence.classifier.module) == 0
    assert not hooks.touched()
