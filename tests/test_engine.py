"""The optional engine gives the network's own answers, and only to those who ask for it."""

from __future__ import annotations

import logging

import pytest
import torch

from xai_core import engine
from xai_core.classifier import Classifier, fingerprint
from xai_core.prepared import inference, prepare

SHAPE = (3, 224, 224)


def test_nobody_gets_it_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(engine.CHOICE, raising=False)
    assert not engine.wanted()


def test_a_wish_that_cannot_be_granted_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(engine.CHOICE, "openvino")
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    with caplog.at_level(logging.WARNING, "second-look"):
        assert not engine.wanted()
    assert "pip install openvino" in caplog.text


def test_its_answers_are_the_networks_own(lite0: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(engine.CHOICE, "openvino")
    before = fingerprint(lite0.module)
    forward = prepare(lite0.module, SHAPE)
    assert forward.__module__ == engine.__name__
    for count in (1, 3):
        x = torch.randn(count, *SHAPE, generator=torch.Generator().manual_seed(count))
        expected = inference(lite0.module)(x)
        assert torch.allclose(forward(x), expected, atol=1e-4 * float(expected.max() - expected.min()))
        assert torch.equal(forward(x), forward(x))
    assert fingerprint(lite0.module) == before


def test_a_network_it_cannot_compile_takes_the_usual_path(monkeypatch: pytest.MonkeyPatch, toy: Classifier) -> None:
    def unable(*_: object) -> None:
        raise RuntimeError("no such operation")

    monkeypatch.setenv(engine.CHOICE, "openvino")
    monkeypatch.setattr(engine, "compiled", unable)
    x = torch.zeros(2, 3, 32, 32)
    assert torch.allclose(prepare(toy.module, (3, 32, 32))(x), inference(toy.module)(x), atol=1e-5)
