"""What any method must do. A new file in methods/ is tested here without being named."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from conftest import make_toy
from xai_core import hooks
from xai_core.classifier import Classifier, fingerprint
from xai_core.explain import Explain, Explanation, refusal
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.knobs import Params, settings
from xai_core.method import Method, methods
from xai_core.picture import Picture

every = pytest.mark.parametrize("card", methods().values(), ids=lambda card: card.key)
FEW = {"samples": 40, "masks": 40, "steps": 4, "epochs": 6, "window": 8, "stride": 8}  # enough to run, quick


def quick(card: Method) -> Params:
    """The method's defaults, with loops short enough for a toy."""
    names = {setting.name for setting in settings(card.params)}
    return replace(card.params(), **{name: value for name, value in FEW.items() if name in names})


def explain(card: Method, toy: Classifier, picture: Picture, target: int = 1, **changed: object) -> Explanation:
    """An answer of a fresh hub, so that nothing is remembered."""
    hub = Hub(lambda key, device: toy, torch.device("cpu"))
    request = Explain("toy", picture, Framing.AS_TRAINED, target, card.key, replace(quick(card), **changed))
    answer: Explanation = hub.run(request)
    return answer


def applies(card: Method, toy: Classifier) -> bool:
    return refusal(card, toy) is None


@every
def test_a_map_is_finite_read_only_and_honest_about_its_sign(card: Method, toy: Classifier, picture: Picture) -> None:
    if not applies(card, toy):
        assert card.title in str(refusal(card, toy))
        return
    found = explain(card, toy, picture)
    assert found.values.ndim == 2
    assert found.values.dtype == np.float32
    assert np.isfinite(found.values).all()
    assert not found.values.flags.writeable
    assert found.signed or found.values.min() >= 0


@every
def test_the_same_request_gives_the_same_bits(card: Method, toy: Classifier, picture: Picture) -> None:
    if applies(card, toy):
        first, second = explain(card, toy, picture), explain(card, toy, picture)
        assert np.array_equal(first.values, second.values)


@every
def test_two_classes_get_different_maps(card: Method, toy: Classifier, picture: Picture) -> None:
    if applies(card, toy):
        maps = [explain(card, toy, picture, target).values for target in (0, 1, 2)]
        assert not all(np.allclose(maps[0], other) for other in maps[1:])


@every
def test_global_random_states_are_left_alone(card: Method, toy: Classifier, picture: Picture) -> None:
    if applies(card, toy):
        before = torch.get_rng_state().numpy().copy(), np.random.get_state()[1].copy()
        explain(card, toy, picture)
        assert np.array_equal(before[0], torch.get_rng_state().numpy())
        assert np.array_equal(before[1], np.random.get_state()[1])


@every
def test_every_setting_has_help_and_refuses_what_is_out_of_bounds(card: Method) -> None:
    for setting in settings(card.params):
        assert setting.knob.help
        if setting.knob.high is not None:
            with pytest.raises(ValueError, match=setting.name):
                card.params(**{setting.name: setting.kind(setting.knob.high + 1)})


class StopAt:
    """A progress that raises at its n-th report."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, fraction: float, note: str = "") -> None:
        assert 0 <= fraction <= 1
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


@every
@pytest.mark.parametrize("at", [0, 1, 3])
def test_stopping_anywhere_leaves_the_model_as_it_was(card: Method, at: int, picture: Picture) -> None:
    toy = make_toy()
    if not applies(card, toy):
        return
    before = fingerprint(toy.module)
    hub = Hub(lambda key, device: toy, torch.device("cpu"))
    with contextlib.suppress(KeyboardInterrupt):  # fewer reports than that: it simply finishes
        hub.run(Explain("toy", picture, Framing.WHOLE, 0, card.key, quick(card)), StopAt(at))
    assert hooks.count(toy.module) == 0
    assert not hooks.touched()
    assert fingerprint(toy.module) == before
    assert not toy.module.training
    assert all(p.grad is None and not p.requires_grad for p in toy.module.parameters())
    assert [m.inplace for m in toy.module if isinstance(m, torch.nn.ReLU | torch.nn.ReLU6)] == [True, True]
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()


@every
def test_a_constant_picture_is_answered_without_crashing(card: Method, toy: Classifier) -> None:
    if applies(card, toy):
        found = explain(card, toy, Picture.of(np.full((40, 40, 3), 127, np.uint8), "grey"))
        assert np.isfinite(found.values).all()
        assert found.status == "ok" or found.reasons
