"""SmoothGrad and integrated gradients, which average gradients of many pictures: against other people's."""

from __future__ import annotations

from collections.abc import Callable

import captum.attr
import numpy as np
import pytest
import saliency.core as pair
import torch
from maps import evidence_of, relative, run
from torch import Tensor, nn

from conftest import make_toy, toy_network
from xai_core.batches import HALVED
from xai_core.classifier import Classifier
from xai_core.evidence import Evidence
from xai_core.fills import filled
from xai_core.methods.integrated_gradients import integrate
from xai_core.methods.smoothgrad import Noise
from xai_core.picture import Picture
from xai_core.progress import silent

ESPRESSO = 967


def baseline(evidence: Evidence, kind: str) -> torch.Tensor:
    """The starting picture of a setting."""
    return filled(evidence.classifier, evidence.x, kind)


@pytest.fixture(scope="module")
def real(lite0: Classifier, coffee: Picture) -> Evidence:
    return evidence_of(lite0, coffee, ESPRESSO)


@pytest.fixture
def small(toy: Classifier, picture: Picture) -> Evidence:
    return evidence_of(toy, picture)


def test_smoothgrad_equals_captums_noise_tunnel_with_the_same_noise(
    real: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    deviation = 0.15 * float(real.x.max() - real.x.min())
    noise = Noise(real.x, deviation, seed=3)
    monkeypatch.setattr(torch, "normal", lambda *_: noise(0, 4))
    theirs = captum.attr.NoiseTunnel(captum.attr.Saliency(real.classifier.module)).attribute(
        real.x.clone(), nt_type="smoothgrad", nt_samples=4, stdevs=deviation, target=ESPRESSO, abs=False
    )[0]
    ours = run("smoothgrad", real, samples=4, seed=3, signed=True, channels="sum").values
    assert relative(ours, theirs.sum(0)) < 1e-4


def call_of(classifier: Classifier, target: int) -> Callable[..., dict[str, np.ndarray]]:
    """PAIR's way of asking a model: pictures (B, S, S, 3) to gradients of the same shape."""

    def call(
        pictures: np.ndarray, call_model_args: object = None, expected_keys: object = None
    ) -> dict[str, np.ndarray]:
        x = torch.from_numpy(np.ascontiguousarray(pictures)).float().permute(0, 3, 1, 2)
        return {pair.INPUT_OUTPUT_GRADIENTS: classifier.gradient(x, target).permute(0, 2, 3, 1).numpy()}

    return call


def test_smoothgrad_equals_pairs_without_its_squares(small: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    x, asked = small.x[0].permute(1, 2, 0).numpy(), []

    def draw(mean: float, deviation: float, shape: tuple[int, ...]) -> np.ndarray:
        asked.append(deviation)
        number = len(asked) - 1
        if number == 0:
            draw.noise = Noise(small.x, float(deviation), seed=0)  # type: ignore[attr-defined]
        return draw.noise(number, number + 1)[0].permute(1, 2, 0).numpy()  # type: ignore[attr-defined]

    monkeypatch.setattr(np.random, "normal", draw)
    theirs = pair.GradientSaliency().GetSmoothedMask(
        x, call_of(small.classifier, 1), stdev_spread=0.15, nsamples=20, magnitude=False
    )
    ours = run("smoothgrad", small, samples=20, signed=True, channels="sum").values
    assert relative(ours, torch.from_numpy(theirs).sum(-1)) < 1e-4


@pytest.mark.parametrize("side", [32, 33])  # 3·33·33 is no multiple of 16, where joint and single draws part
def test_noise_does_not_depend_on_how_samples_are_batched(side: int) -> None:
    like = torch.zeros(1, 3, side, side)
    together, apart = Noise(like, 1.0, 5), Noise(like, 1.0, 5)
    first = together(0, 5)
    assert torch.equal(first, torch.cat([apart(0, 2), apart(2, 5)]))
    assert torch.equal(first[:3], together(0, 3))  # asked again, as after memory ran out
    assert not torch.equal(first, Noise(like, 1.0, 6)(0, 5))
    assert float(first.std()) == pytest.approx(1.0, abs=0.02)


def test_smoothgrad_survives_memory_running_out_and_says_so(small: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = run("smoothgrad", small, samples=20)
    plain = Classifier.gradient

    def cramped(self: Classifier, x: Tensor, target: int) -> Tensor:
        if len(x) > 2:
            raise torch.OutOfMemoryError("no room")
        return plain(self, x, target)

    monkeypatch.setattr(Classifier, "gradient", cramped)
    found = run("smoothgrad", small, samples=20)
    assert found.notes == (HALVED,)
    assert relative(found.values, quiet.values) < 1e-5


def test_another_seed_gives_another_smoothgrad_but_not_very(real: Evidence) -> None:
    first, second = (run("smoothgrad", real, samples=8, seed=seed).values.flatten() for seed in (0, 1))
    assert not torch.equal(first, second)
    assert float(torch.corrcoef(torch.stack([first, second]))[0, 1]) > 0.2


# integrated gradients


@pytest.mark.parametrize("kind", ["black", "grey", "white", "blurred"])
def test_integrated_gradients_equal_captums_midpoint_rule(real: Evidence, kind: str) -> None:
    # eighths are exact: another rounding of the same place flips gates of ReLU6, and single pixels with them
    theirs = captum.attr.IntegratedGradients(real.classifier.module).attribute(
        real.x.clone(), baseline(real, kind), target=ESPRESSO, n_steps=4, method="riemann_middle", internal_batch_size=4
    )[0]
    found = run("integrated_gradients", real, steps=4, baseline=kind)
    assert found.signed
    assert relative(found.values, theirs.float().sum(0)) < 1e-4


def test_integrated_gradients_approach_pairs_trapezoids(small: Evidence) -> None:
    x, start = (t[0].permute(1, 2, 0).numpy() for t in (small.x, baseline(small, "black")))
    theirs = pair.IntegratedGradients().GetMask(
        x, call_of(small.classifier, 1), x_baseline=start, x_steps=300, batch_size=8
    )
    ours = run("integrated_gradients", small, steps=300).values
    assert relative(ours, torch.from_numpy(theirs).sum(-1)) < 0.02


def in_double(module: nn.Module, picture: Picture) -> Evidence:
    evidence = evidence_of(make_toy(module.double(), cam_layer="0"), picture)
    evidence.x = evidence.x.double()
    return evidence


def test_integrated_gradients_add_up_to_the_change_of_the_score(picture: Picture) -> None:
    smooth = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Softplus(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))
    exact = in_double(smooth, picture)
    start = baseline(exact, "white")
    shares, _ = integrate(exact.classifier, exact.x, start, 1, 300, silent)
    change = exact.classifier.module(exact.x)[0, 1] - exact.classifier.module(start)[0, 1]
    assert float(shares.sum()) == pytest.approx(float(change), rel=1e-5)


def test_integrated_gradients_of_a_linear_model_are_exact_in_two_steps(picture: Picture) -> None:
    exact = in_double(nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 5)), picture)
    start = baseline(exact, "grey")
    shares, _ = integrate(exact.classifier, exact.x, start, 1, 2, silent)
    weights = exact.classifier.module[1].weight[1].view(3, 32, 32)
    torch.testing.assert_close(shares, weights * (exact.x - start)[0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("kind", "shade"), [("black", 0), ("white", 255)])
def test_a_named_baseline_is_that_picture(real: Evidence, kind: str, shade: int) -> None:
    picture = np.full((224, 224, 3), shade, np.uint8)
    torch.testing.assert_close(baseline(real, kind), real.classifier.encode(picture))
    assert float(real.classifier.denormalise(baseline(real, "grey")).mean()) == pytest.approx(0.5)


def test_a_blurred_baseline_keeps_the_colours_and_loses_the_detail(real: Evidence) -> None:
    blurred = baseline(real, "blurred")
    assert float(blurred.mean()) == pytest.approx(float(real.x.mean()), abs=0.03)
    assert float(blurred.diff(dim=-1).abs().mean()) < 0.2 * float(real.x.diff(dim=-1).abs().mean())


def test_the_completeness_error_is_told_and_remarked_on(small: Evidence, toy: Classifier) -> None:
    exact = run("integrated_gradients", small, steps=100)
    assert float(exact.details[0].value.rstrip("%")) <= 5
    assert exact.notes == ()
    steep = toy_network()
    with torch.no_grad():
        steep[3].weight *= 20
    coarse = run("integrated_gradients", evidence_of(make_toy(steep), Picture.of(small.square, "square")), steps=2)
    assert float(coarse.details[0].value.rstrip("%")) > 5
    assert "more steps" in coarse.notes[0]
    black = Evidence(toy, np.zeros((32, 32, 3), np.uint8), 1)
    nothing = run("integrated_gradients", black, steps=4)
    assert not nothing.values.any()
    assert nothing.details[0].value == "undefined"
    assert nothing.notes
