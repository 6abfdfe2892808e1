"""A concept on one picture, on sorted pictures and in real steps: planted networks whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics.pairwise import cosine_similarity
from tcav_sets import QUICK, drawn, entry, kept_set
from test_features import Tokens, encoded
from torch import Tensor, nn

from conftest import make_toy
from xai_core import hooks
from xai_core.datasets.dataset import Dataset
from xai_core.errors import UnsupportedMethod, UnusableData, XaiError
from xai_core.features.features import features
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.picture import Picture
from xai_core.render import Display, overlay
from xai_core.tcav.direction import Direction, Trained
from xai_core.tcav.heatmap import ConceptMap, ConceptMapped
from xai_core.tcav.on_picture import FLAT, OTHERWISE, ConceptOnPicture, Moved
from xai_core.tcav.request import Entry
from xai_core.tcav.sorting import SortByConcept, Sorted
from xai_core.tcav.stepping import follows, stepped

CAT, DOG, FOX, OWL = range(4)
FLOOR = 3.0  # added to the encoded picture, so that the ReLU behind changes nothing


class Planted(nn.Module):
    """`grid` is the picture itself. Cat is its red less its blue, dog the opposite; fox is highest at `peak`."""

    def __init__(self, peak: float = 0.0) -> None:
        super().__init__()
        self.grid, self.behind, self.pool, self.peak = nn.Conv2d(3, 3, 1), nn.ReLU(inplace=True), nn.Flatten(1), peak
        nn.init.constant_(self.grid.bias, FLOOR)
        self.grid.weight.data = torch.eye(3)[:, :, None, None]

    def forward(self, x: Tensor) -> Tensor:
        mean = self.pool(self.behind(self.grid(x)).mean((2, 3), keepdim=True))
        red = mean[:, 0] - mean[:, 2]
        return torch.stack([red, -red, -((red - self.peak) ** 2), 0 * red, 0 * red], 1)


def hub_of(peak: float = 0.0) -> Hub:
    return Hub(lambda key, device: make_toy(Planted(peak), cam_layer="grid", name="planted"), torch.device("cpu"))


@pytest.fixture(scope="module")
def hub() -> Hub:
    return hub_of()


@pytest.fixture(scope="module")
def pool(library: None) -> Dataset:
    return kept_set("usual", [drawn("any", number) for number in range(60)])


@pytest.fixture(scope="module")
def red(library: None) -> Entry:
    return entry(kept_set("red ones", [drawn("red", number) for number in range(12)]))


@pytest.fixture(scope="module")
def direction(pool: Dataset, red: Entry) -> Direction:
    return Direction("planted", red, (entry(pool),), "grid", settings=QUICK)


@pytest.fixture(scope="module")
def half_red() -> Picture:
    """Red on the left, grey on the right."""
    pixels = np.full((40, 40, 3), 120, np.uint8)
    pixels[:, :20] = (230, 20, 20)
    return Picture.of(pixels, "half red.png")


def grid_of(pixels: NDArray[np.uint8], framing: Framing) -> NDArray[np.float64]:
    """What the planted layer makes of a picture: (32, 32, 3)."""
    square = frame(pixels, make_toy().preprocess, framing).square
    return (square / 255 - 0.5) / 0.25 + FLOOR


def test_the_map_is_each_places_projection_in_deviations_of_the_usual_ones(
    hub: Hub, direction: Direction, pool: Dataset, half_red: Picture
) -> None:
    trained: Trained = hub.run(direction)
    found: ConceptMapped = hub.run(ConceptMap(direction, half_red, Framing.WHOLE))
    usual = np.concatenate([grid_of(pool.picture(item).pixels, Framing.AS_TRAINED) for item in pool.items])
    projected = usual @ trained.vector
    expected = (grid_of(half_red.pixels, Framing.WHOLE) @ trained.vector - projected.mean()) / projected.std()
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-4)
    assert found.values[:, :15].min() > 0 > found.values[:, 17:].max()
    assert found.box == (0.0, 0.0, 40.0, 40.0)
    assert not found.values.flags.writeable
    assert found.made.startswith("32 × 32 places of grid: how much further along red ones each lies")


def test_the_map_is_drawn_like_any_other(hub: Hub, direction: Direction, half_red: Picture) -> None:
    found: ConceptMapped = hub.run(ConceptMap(direction, half_red, Framing.AS_TRAINED))
    painted = overlay(half_red.pixels, found.box, found.values, found.signed, Display())
    assert painted.shape == (40, 40, 3)
    assert not np.array_equal(painted[:, 5:15], half_red.pixels[:, 5:15])


def test_the_places_of_a_flattened_direction_add_up_to_the_whole(hub: Hub, direction: Direction, pool: Dataset) -> None:
    flat = replace(direction, settings=replace(QUICK, pooling="flatten"))
    trained: Trained = hub.run(flat)
    assert trained.vector.shape == (3 * 32 * 32,)
    picture = pool.picture(pool.items[0])
    found: ConceptMapped = hub.run(ConceptMap(flat, picture, Framing.AS_TRAINED))
    whole = features(hub, "planted", ("grid",), [(pool, pool.items[0])], "flatten")["grid"] @ trained.vector
    by_hand = grid_of(picture.pixels, Framing.AS_TRAINED).transpose(2, 0, 1).reshape(-1) @ trained.vector
    assert whole[0] == pytest.approx(by_hand, rel=1e-4)
    places = (grid_of(picture.pixels, Framing.AS_TRAINED).transpose(2, 0, 1) * trained.vector.reshape(3, 32, 32)).sum(0)
    assert np.corrcoef(found.values.ravel(), places.ravel())[0, 1] == pytest.approx(1)


def test_a_layer_without_places_has_no_map(hub: Hub, direction: Direction, half_red: Picture) -> None:
    with pytest.raises(UnsupportedMethod, match="no places to look at"):
        hub.run(ConceptMap(replace(direction, layer="pool"), half_red, Framing.WHOLE))
    assert hooks.count(hub.classifier("planted").module) == 0


def test_a_linear_network_moves_exactly_as_the_derivative_says(
    hub: Hub, direction: Direction, half_red: Picture
) -> None:
    trained: Trained = hub.run(direction)
    said: Moved = hub.run(ConceptOnPicture(direction, half_red, Framing.WHOLE, CAT))
    mean = grid_of(half_red.pixels, Framing.WHOLE).mean((0, 1))
    before = mean[0] - mean[2]
    slope = trained.spread * (trained.vector[0] - trained.vector[2])
    assert said.derivative == pytest.approx(slope, rel=1e-4)
    assert said.logits == pytest.approx((before, before + slope, before - slope), rel=1e-4)
    logits = np.array([[v, -v, -(v**2), 0, 0] for v in (before, before + slope, before - slope)])
    assert said.probabilities == pytest.approx(
        tuple((np.exp(logits) / np.exp(logits).sum(1)[:, None])[:, CAT]), rel=1e-4
    )
    assert said.agrees
    assert said.headline.text.startswith("For this picture, more red ones at grid would raise cat from ")
    assert " of it would lower it to " in said.headline.text
    assert said.headline.warning == ""
    other: Moved = hub.run(ConceptOnPicture(direction, half_red, Framing.WHOLE, DOG))
    assert "would lower dog from" in other.headline.text
    assert other.agrees


def test_a_step_that_does_not_do_what_the_derivative_says_is_told(direction: Direction, half_red: Picture) -> None:
    mean = grid_of(half_red.pixels, Framing.WHOLE).mean((0, 1))
    hub = hub_of(peak=float(mean[0] - mean[2]) + 0.01)
    said: Moved = hub.run(ConceptOnPicture(direction, half_red, Framing.WHOLE, FOX))
    assert said.derivative > 0
    assert said.logits[1] < said.logits[0]
    assert not said.agrees
    assert said.headline.warning == OTHERWISE
    deaf: Moved = hub.run(ConceptOnPicture(direction, half_red, Framing.WHOLE, OWL))
    assert deaf.derivative == 0
    assert deaf.headline.warning == FLAT


def test_a_class_that_the_model_does_not_have_is_an_error_in_words(
    hub: Hub, direction: Direction, half_red: Picture
) -> None:
    with pytest.raises(XaiError, match="there is no class 5"):
        hub.run(ConceptOnPicture(direction, half_red, Framing.WHOLE, 5))


def test_pictures_are_sorted_by_cosine_without_those_that_were_trained_on(
    hub: Hub, direction: Direction, pool: Dataset
) -> None:
    trained: Trained = hub.run(direction)
    trained_on = [drawn("red", 3), drawn("any", 5)]
    new = [*(drawn("blue", number) for number in range(4)), *(drawn("red", number) for number in range(30, 34))]
    mixed = kept_set("mixed lot", [trained_on[0], *new, trained_on[1], new[2]], "datasets")
    found: Sorted = hub.run(SortByConcept(direction, "datasets", *entry(mixed)))
    assert found.left_out == 2
    assert sorted(found.items) == list(range(1, 9))
    assert set(found.items[:4]) == set(range(5, 9))
    rows = features(hub, "planted", ("grid",), [(mixed, mixed.items[number]) for number in found.items])["grid"]
    np.testing.assert_allclose(found.likeness, cosine_similarity(rows, trained.vector[None])[:, 0], rtol=1e-5)
    assert (np.diff(found.likeness) <= 0).all()


def test_a_data_set_that_was_all_trained_on_leaves_nothing_to_sort(
    hub: Hub, direction: Direction, pool: Dataset
) -> None:
    with pytest.raises(UnusableData, match="“usual” is left to sort"):
        hub.run(SortByConcept(direction, "concepts", *entry(pool)))


def test_a_direction_needs_enough_pictures_that_the_network_can_tell_apart(
    hub: Hub, direction: Direction, library: None
) -> None:
    few = entry(kept_set("eight", [drawn("red", number) for number in range(8)]))
    with pytest.raises(UnusableData, match="at least 10 different pictures"):
        hub.run(replace(direction, concept=few))


def test_a_step_moves_every_place_and_no_class_token() -> None:
    classifier = make_toy(Tokens(), cam_layer="last", name="tokens")
    x, step, seen = torch.randn(2, 3, 32, 32), np.arange(6.0), list[Tensor]()
    handle = classifier.module.get_submodule("pair").register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    plain, moved = stepped(classifier, x), stepped(classifier, x, "tokens", step)
    still = stepped(classifier, x, "tokens", np.zeros(16 * 6))
    handle.remove()
    assert not torch.equal(plain, moved)
    assert torch.equal(plain, still)
    change = (seen[1] - seen[0]).numpy()
    assert not change[:, 0].any()
    np.testing.assert_allclose(change[:, 1:], np.broadcast_to(step, (2, 16, 6)), atol=1e-5)
    last = stepped(classifier, x, "last", step)  # a grid with its channels last
    assert not torch.equal(plain, last)
    assert hooks.count(classifier.module) == 0


def test_the_share_that_follows_counts_signs_and_leaves_out_what_has_no_derivative(hub: Hub, pool: Dataset) -> None:
    classifier = hub.classifier("planted")
    shown = [(pool, item) for item in pool.items[:8]]
    before = stepped(classifier, encoded(classifier, shown))[:, CAT].numpy()
    step = {"grid": np.array([1.0, 0.0, 0.0])}
    for expected, share in ((np.ones(8), 1.0), (-np.ones(8), 0.0), (np.array([1, 1, 1, -1, 0, 0, 0, 0]), 0.75)):
        assert follows(classifier, CAT, shown, before, step, {"grid": expected.astype(float)}) == {"grid": share}
    assert np.isnan(follows(classifier, CAT, shown, before, step, {"grid": np.zeros(8)})["grid"])
    # a logit that does not move at all does not follow
    assert follows(classifier, OWL, shown, 0 * before, step, {"grid": np.ones(8)}) == {"grid": 0.0}
