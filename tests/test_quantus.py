"""Agreement with Quantus' model parameter randomisation test where its definition is sound, and where it is not.

Sound: the rank correlation of strengths over all pixels, normalised map by map. Not sound: its SSIM looks at pixels in
a row, not in a square; layers of equal shape get equal weights; and what has no `reset_parameters` of its own
(attention's projections, class tokens, position embeddings) stays trained: a quarter of ViT-B/16.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import quantus
import torch
from maps import run
from numpy.typing import NDArray
from quantus.helpers.model.pytorch_model import PyTorchModel
from skimage.metrics import structural_similarity
from torch import nn
from torchvision.models import VisionTransformer, vit_b_16

from conftest import make_toy, toy_network
from xai_core.blocks import found_blocks
from xai_core.cascade import Law, Norms
from xai_core.evidence import Evidence
from xai_core.framing import Framing, frame
from xai_core.picture import Picture
from xai_core.randomise import redrawn
from xai_core.similarity import RANKS, Prepared, normalised

Floats = NDArray[np.float32]
TARGET = 1


def random_maps(seed: int, count: int = 4, side: int = 24) -> Floats:
    return np.random.default_rng(seed).normal(size=(count, side, side)).astype(np.float32)


class Recorder:
    """Explains whatever network Quantus hands over by our gradient, and keeps the maps."""

    def __init__(self, picture: Picture) -> None:
        self.square = frame(picture.pixels, make_toy().preprocess, Framing.AS_TRAINED).square
        self.maps: list[Floats] = []

    def __call__(self, model: nn.Module, inputs: object, targets: object, **_rest: object) -> Floats:
        network = toy_network()
        network.load_state_dict(model.state_dict())
        values = run("gradient", Evidence(make_toy(network), self.square, TARGET), signed=True, channels="sum").values
        self.maps.append(values.numpy())
        return self.maps[-1][None, None]


def quantus_scores(recorder: Recorder, **options: object) -> dict[str, float]:
    """Quantus' score of every stage by the name of the layer that it destroyed last."""
    toy = make_toy()
    metric = quantus.MPRT(disable_warnings=True, **options)
    x = toy.encode(recorder.square).numpy()
    found = metric(model=toy.module, x_batch=x, y_batch=np.array([TARGET]), explain_func=recorder, device="cpu")
    return {layer: float(score) for layer, (score,) in found.items()}


def our_scores(recorder: Recorder) -> list[float]:
    trained, _again, *stages = (Prepared.of(values, len(values)) for values in recorder.maps)
    return [float(trained.compare(stage)[RANKS]) for stage in stages]


@pytest.mark.parametrize("order", ["top_down", "bottom_up", "independent"])
def test_the_same_weights_and_maps_score_the_same_at_every_stage(order: str, picture: Picture) -> None:
    recorder = Recorder(picture)
    theirs = quantus_scores(recorder, layer_order=order, normalise_func=lambda a: normalised(a[0, 0])[None, None])
    assert theirs.pop("original") == pytest.approx(1)
    assert set(theirs) == {"0", "1", "3", "7"}
    assert our_scores(recorder) == pytest.approx(list(theirs.values()), abs=1e-9)
    assert min(theirs.values()) < 0.9


def test_cutting_at_the_99th_percentile_is_all_that_differs_from_its_own_normalisation(picture: Picture) -> None:
    recorder = Recorder(picture)
    theirs = quantus_scores(recorder)
    theirs.pop("original")
    # of a hundred pixels one is tied with others above the cut
    assert our_scores(recorder) == pytest.approx(list(theirs.values()), abs=0.01)


def test_rank_correlation_of_flattened_strengths_is_quantus() -> None:
    first = random_maps(0)
    second = first + random_maps(1)
    theirs = quantus.correlation_spearman(
        *(np.array([np.abs(normalised(one)).ravel() for one in maps]) for maps in (first, second)), batched=True
    )
    ours = [Prepared.of(a, 24).compare(Prepared.of(b, 24))[RANKS] for a, b in zip(first, second, strict=True)]
    assert ours == pytest.approx(theirs.tolist(), abs=1e-12)


def test_a_blank_map_is_undefined_there_and_here() -> None:
    blank, other = np.zeros((24, 24), np.float32), random_maps(0)[0]
    with pytest.warns(match="constant"):
        assert np.isnan(quantus.correlation_spearman(blank.ravel(), np.abs(other).ravel()))
    assert np.isnan(Prepared.of(blank, 24).compare(Prepared.of(other, 24))).all()


def test_its_structural_similarity_reads_pixels_in_a_row_so_that_turning_both_maps_changes_it() -> None:
    rng = np.random.default_rng(0)
    first, second = (np.repeat(rng.random((24, 1)).astype(np.float32), 24, axis=1) for _ in range(2))
    lying, standing = ((first, second), (first.T, second.T))  # the same two unrelated patterns of stripes
    squares = [structural_similarity(*pair, win_size=5, data_range=1.0) for pair in (lying, standing)]
    rows = [quantus.ssim(pair[0].ravel(), pair[1].ravel(), win_size=5) for pair in (lying, standing)]
    assert squares == pytest.approx([0.03, 0.03], abs=0.01)
    assert rows == pytest.approx([0.59, -0.05], abs=0.01)


def test_its_randomisation_test_cannot_use_its_own_structural_similarity(picture: Picture) -> None:
    with pytest.raises(AttributeError, match="tolist"):
        quantus_scores(Recorder(picture), similarity_func=quantus.ssim)


def test_it_gives_layers_of_equal_shape_equal_weights_and_we_do_not() -> None:
    network = nn.Sequential(nn.Conv2d(3, 3, 3), nn.ReLU(), nn.Conv2d(3, 3, 3))
    *_, (_, theirs) = PyTorchModel(network).get_random_layer_generator(order="top_down", seed=42)
    assert torch.equal(theirs[0].weight, theirs[2].weight)
    ours = redrawn(network, ("0", "2"), Law.OWN, Norms.RESET, 42)
    assert not torch.equal(ours["0.weight"], ours["2.weight"])


def small_transformer() -> VisionTransformer:
    """As if trained: no parameter is where its initialiser puts it."""
    network = VisionTransformer(32, 16, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=64, num_classes=5).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter))
    return network


def test_it_leaves_attention_and_tokens_as_trained_and_we_do_not() -> None:
    torch.manual_seed(0)
    network = small_transformer()
    trained = dict(network.named_parameters())
    *_, (_, theirs) = PyTorchModel(network).get_random_layer_generator(order="top_down", seed=42)
    kept = {name.split(".")[-1] for name, tensor in theirs.named_parameters() if torch.equal(tensor, trained[name])}
    assert kept == {"class_token", "pos_embedding", "in_proj_weight", "in_proj_bias"}
    for block in found_blocks(network, torch.zeros(1, 3, 32, 32)):
        for name, tensor in redrawn(network, block, Law.OWN, Norms.RESET, 42).items():
            assert not torch.equal(tensor, trained.pop(name)), name
    assert not trained


def test_a_quarter_of_a_vit_stays_trained_in_it() -> None:
    with torch.device("meta"):
        network = vit_b_16()
    reached = {
        f"{name}.{leaf}"
        for name, child in network.named_modules()
        if hasattr(child, "reset_parameters")
        for leaf, _ in child.named_parameters(recurse=False)
    }
    kept = sum(math.prod(p.shape) for name, p in network.named_parameters() if name not in reached)
    total = sum(math.prod(p.shape) for p in network.parameters())
    assert kept / total == pytest.approx(0.248, abs=0.001)
