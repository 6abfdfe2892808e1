"""Deep explanation: the search works, is repeatable, and its processing is the source's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage
from skimage import morphology
from torch import Tensor, nn

from conftest import make_toy
from xai_core.classifier import Classifier
from xai_core.details import Curve, Figure, Panel
from xai_core.errors import OutOfMemory
from xai_core.evidence import Evidence, Finding
from xai_core.framing import Framing, frame
from xai_core.methods.deep_explanation import DeepExplanationParams, deep_explanation
from xai_core.perturbation_net import PerturbationNet, Search, alive_net, centre_of_mass, processed
from xai_core.picture import Picture
from xai_core.progress import silent


def evidence(classifier: Classifier, picture: Picture, target: int = 1) -> Evidence:
    return Evidence(classifier, frame(picture.pixels, classifier.preprocess, Framing.WHOLE).square, target)


def draws(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def of_source(net: PerturbationNet, x: Tensor) -> Tensor:
    """The source's network, as its text describes it, with our weights in torch's own layer."""
    conv = nn.Conv2d(3, 3, net.weight.shape[-1], padding=net.weight.shape[-1] // 2)
    conv.weight.data, conv.bias.data = net.weight.data, net.bias.data  # type: ignore[union-attr]
    low, high = x.min(), x.max()
    for _ in range(net.blocks):
        for _ in range(net.layers):
            x = conv(x)
        x = torch.relu(x)
    return (x - x.min()) / (x.max() - x.min()) * (high - low) + low


@pytest.mark.parametrize(("kernel", "blocks", "layers"), [(3, 3, 3), (5, 2, 3), (7, 1, 1), (4, 2, 1)])
def test_the_network_is_the_sources(kernel: int, blocks: int, layers: int) -> None:
    x = torch.randn((1, 3, 20, 20), generator=draws(5))
    net = alive_net(kernel, blocks, layers, 0, x)
    assert net is not None
    assert net.weight.shape[-1] % 2 == 1
    torch.testing.assert_close(net(x), of_source(net, x), rtol=1e-4, atol=1e-5)


def test_the_default_network_has_the_84_weights_of_the_source() -> None:
    assert sum(p.numel() for p in PerturbationNet(3, 3, 3, draws()).parameters()) == 84


def test_weights_are_drawn_as_torch_draws_a_convolutions() -> None:
    torch.manual_seed(0)
    reference = torch.cat([nn.Conv2d(3, 3, 5).weight.detach().flatten() for _ in range(60)])
    ours = torch.cat([PerturbationNet(5, 1, 1, draws(seed)).weight.detach().flatten() for seed in range(60)])
    assert abs(float(ours.std() / reference.std()) - 1) < 0.02
    assert float(ours.abs().max()) <= 1 / np.sqrt(75)


def test_the_redrawn_picture_has_the_range_of_the_picture() -> None:
    x = torch.rand((1, 3, 16, 16), generator=draws()) * 5 - 2
    net = alive_net(3, 3, 3, 0, x)
    assert net is not None
    torch.testing.assert_close(torch.stack(net(x).aminmax()), torch.stack(x.aminmax()))


def test_starting_points_with_shut_relus_are_passed_over() -> None:
    x = torch.randn((1, 3, 16, 16), generator=draws(1))
    generator = draws(0)
    alive = [PerturbationNet(3, 6, 3, generator).alive(x) for _ in range(40)]
    assert not all(alive)  # dead starts do happen
    for seed in range(20):
        net = alive_net(3, 6, 3, seed, x)
        assert net is None or torch.isfinite(net(x)).all()


def search(seen: Evidence, epochs: int, seed: int = 0, rate: float = 0.01) -> Search:
    net = alive_net(3, 1, 1, seed, seen.x)
    assert net is not None
    found = Search(net, seen.classifier.module, seen.x, seen.target, 1.0, rate)
    for _ in range(epochs):
        found.epoch()
    return found


def test_the_loss_falls_and_the_best_epoch_is_kept(toy: Classifier, picture: Picture) -> None:
    seen = evidence(toy, picture)
    found = search(seen, 80, rate=0.1)  # a rough rate, so that the last epoch is not the best
    assert min(found.losses) < 0.9 * found.losses[0]
    assert found.best_epoch == int(np.argmin(found.losses))
    assert found.best_picture is not None
    with torch.no_grad():
        probability = float(toy.module(found.best_picture).softmax(1)[0, 1])
    change = float((seen.x - found.best_picture).abs().mean())
    assert probability == pytest.approx(found.best_probability, rel=1e-4)
    assert probability + change == pytest.approx(min(found.losses), rel=1e-4)


def test_a_step_is_adams_on_the_sources_loss(toy: Classifier, picture: Picture) -> None:
    seen = evidence(toy, picture)
    first = alive_net(3, 1, 1, 0, seen.x)
    assert first is not None
    weights = [p.detach().clone().requires_grad_() for p in first.parameters()]
    twin = alive_net(3, 1, 1, 0, seen.x)
    redrawn = torch.func.functional_call(twin, dict(zip(("weight", "bias"), weights, strict=True)), seen.x)
    loss = toy.module(redrawn).softmax(1)[0, 1] + (seen.x - redrawn).abs().mean()
    gradients = torch.autograd.grad(loss, weights)
    stepped = search(seen, 1).net
    for before, gradient, after in zip(weights, gradients, stepped.parameters(), strict=True):
        # Adam's first step is the learning rate times the gradient's sign, but for its epsilon
        expected = before.detach() - 0.01 * gradient / (gradient.abs() + 1e-8)
        torch.testing.assert_close(after.detach(), expected, rtol=1e-3, atol=1e-5)


class Patch(nn.Module):
    """The first class is likely as long as rows 6 to 15 and columns 18 to 27 differ from column to column."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((1,), 4.0))

    def forward(self, x: Tensor) -> Tensor:
        inside = x[:, :, 6:16, 18:28]
        edges = inside.diff(dim=3).abs().mean(dim=(1, 2, 3)) * self.scale
        return torch.stack([edges, torch.full_like(edges, 3.0)], dim=1)


def test_a_patch_of_stripes_that_alone_counts_is_what_changes() -> None:
    pixels = np.full((32, 32, 3), 128, np.uint8)
    pixels[6:16, 18:28:2], pixels[6:16, 19:28:2] = 255, 0
    seen = evidence(make_toy(Patch(), cam_layer=""), Picture.of(pixels, "stripes"), 0)
    found = deep_explanation(seen, DeepExplanationParams(epochs=300, blocks=1, layers=1, learning_rate=0.05), silent)
    inside = torch.zeros(32, 32, dtype=torch.bool)
    inside[6:16, 18:28] = True
    # the stretch to the picture's range shifts the flat rest too, but less
    assert found.values[inside].mean() > 2 * found.values[~inside].mean()
    assert inside.flatten()[found.values.argmax()]
    assert not any("failed" in note for note in found.notes)
    sharpened = processed(found.values[None].numpy(), average_first=False, power=6, wipe_border=True, dilation=20)
    row, column = centre_of_mass(sharpened) or (0, 0)
    assert 6 <= row <= 16
    assert 16 <= column <= 28


def of_source_processing(difference: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.mean(difference.transpose(1, 2, 0), axis=2) ** 6
    high, wide = values.shape
    mask = np.zeros_like(values)
    mask[int(0.1 * high) : int(0.9 * high), int(0.1 * wide) : int(0.9 * wide)] = 1
    return morphology.dilation(values * mask, np.ones((20, 20)))


@pytest.mark.parametrize("side", [32, 57, 224])
def test_processing_as_in_the_source_is_the_sources(side: int) -> None:
    difference = np.random.default_rng(side).normal(size=(3, side, side))
    found = processed(difference, average_first=True, power=6, wipe_border=True, dilation=20)
    np.testing.assert_allclose(found, of_source_processing(difference), rtol=1e-12)
    assert centre_of_mass(found) == pytest.approx(ndimage.center_of_mass(of_source_processing(difference)))


@pytest.mark.parametrize("dilation", [0, 1, 2, 3, 20, 21])
def test_widening_is_scikit_images_for_even_and_odd_squares(dilation: int) -> None:
    difference = np.random.default_rng(0).normal(size=(3, 40, 40))
    found = processed(difference, average_first=False, power=1, wipe_border=False, dilation=dilation)
    side = max(dilation, 1)
    expected = morphology.dilation(np.abs(difference).mean(axis=0), np.ones((side, side)))
    np.testing.assert_allclose(found, expected)


def test_opposite_changes_of_two_colours_cancel_only_where_asked() -> None:
    difference = np.zeros((3, 4, 4))
    difference[0, 1, 1], difference[1, 1, 1] = 1, -1
    plain = {"power": 1, "wipe_border": False, "dilation": 0}
    assert processed(difference, average_first=True, **plain).max() == 0  # type: ignore[arg-type]
    assert processed(difference, average_first=False, **plain).max() > 0  # type: ignore[arg-type]


def test_a_map_of_zeros_has_no_centre() -> None:
    assert centre_of_mass(np.zeros((4, 4))) is None


def explained(toy: Classifier, picture: Picture, **settings: float) -> Finding:
    return deep_explanation(evidence(toy, picture), DeepExplanationParams(**{"epochs": 20, **settings}), silent)  # type: ignore[arg-type]


def test_details_tell_how_the_search_went(toy: Classifier, picture: Picture) -> None:
    details = explained(toy, picture).details
    labels = {detail.label for detail in details if isinstance(detail, Figure)}
    assert {"Probability before", "Probability after", "Change (L1)", "Centre of mass"} <= labels
    (curve,) = (detail for detail in details if isinstance(detail, Curve))
    assert len(curve.y) == len(curve.x) == 20
    assert {panel.pixels.shape for panel in details if isinstance(panel, Panel)} == {(32, 32, 3)}


def test_a_search_that_did_not_lower_the_probability_is_called_failed(toy: Classifier, picture: Picture) -> None:
    notes = explained(toy, picture, epochs=3, l1_weight=100.0).notes
    assert any("failed" in note for note in notes)


def test_the_seed_decides(toy: Classifier, picture: Picture) -> None:
    maps = [explained(toy, picture, seed=seed).values for seed in (0, 0, 1)]
    assert torch.equal(maps[0], maps[1])
    assert not torch.allclose(maps[0], maps[2])


def test_a_score_looked_at_before_does_not_stand_in_the_way(toy: Classifier, picture: Picture) -> None:
    seen = evidence(toy, picture)
    assert 0 < seen.probability < 1
    assert deep_explanation(seen, DeepExplanationParams(epochs=3), silent).values.any()


def test_a_net_that_dies_leaves_the_best_picture_until_then(toy: Classifier, picture: Picture) -> None:
    found = search(evidence(toy, picture), 1)
    with torch.no_grad():
        found.net.weight.zero_()
        found.net.bias.fill_(-1)
    kept = found.best_picture
    for _ in range(3):
        found.epoch()
    assert found.died
    assert found.best_picture is kept
    assert len(found.losses) == 1


def test_progress_comes_once_per_epoch(toy: Classifier, picture: Picture) -> None:
    notes: list[str] = []
    params = DeepExplanationParams(epochs=5)
    deep_explanation(evidence(toy, picture), params, lambda fraction, note="": notes.append(note))
    assert notes == [f"epoch {epoch} of 5" for epoch in range(6)]


def test_no_room_for_one_picture_says_what_to_change(picture: Picture) -> None:
    class Full(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1))

        def forward(self, x: Tensor) -> Tensor:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(OutOfMemory, match="smaller model"):
        deep_explanation(evidence(make_toy(Full(), cam_layer=""), picture), DeepExplanationParams(), silent)
