"""A map from request to points: row i is picture i by every path, and passes are shared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from planted_maps import CLASSES, EACH, coloured, source, toy_hub, world
from torch import nn

from conftest import make_toy, toy_network
from xai_core import hooks
from xai_core.classifier import Classifier
from xai_core.datasets.dataset import Dataset
from xai_core.embedding import penultimate, pictures
from xai_core.embedding.apart import SetApart
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.placing import PlaceOnMap
from xai_core.embedding.request import DrawMap, Source
from xai_core.embedding.settings import Settings
from xai_core.errors import UnsupportedMethod, UnusableData
from xai_core.explain import Explain
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.method import methods

pytest_plugins = ["fixtures_map"]
pytestmark = pytest.mark.usefixtures("data")  # the library of its own

QUICK = Settings(perplexity=8.0, early=50, iterations=100)
PCA = Settings(layout="pca")


@pytest.fixture(scope="module")
def drawing(data: Dataset) -> DrawMap:
    return DrawMap("toy", (source(data),), settings=QUICK)


@pytest.fixture(scope="module")
def drawn(shared: Hub, drawing: DrawMap) -> PictureMap:
    found = shared.run(drawing)
    assert isinstance(found, PictureMap)
    return found


def seen(toy: Classifier, number: int) -> tuple[np.ndarray, np.ndarray]:
    """What the toy's last layer reads of a picture, and its logits, by torch alone."""
    x = toy.encode(frame(coloured(number).pixels, toy.preprocess, Framing.AS_TRAINED).square)
    with torch.no_grad():
        features = toy.module[:-1](x)
        return features[0].numpy(), toy.module[-1](features)[0].numpy()


def test_every_row_is_its_own_picture(drawn: PictureMap, shared: Hub, drawing: DrawMap) -> None:
    toy, gathered = shared.classifier("toy"), shared.run(drawing.gather())
    features = np.stack([seen(toy, number)[0] for number in range(3 * EACH)])
    logits = np.stack([seen(toy, number)[1] for number in range(3 * EACH)])
    mine = gathered.features.rows[gathered.features.of] * gathered.features.scale + gathered.features.centre
    np.testing.assert_allclose(mine, features, atol=1e-4)
    np.testing.assert_array_equal(drawn.predicted, logits.argmax(1))
    np.testing.assert_allclose(drawn.confidence, torch.tensor(logits).softmax(1).amax(1), atol=1e-4)
    np.testing.assert_array_equal(drawn.items, np.arange(3 * EACH))
    np.testing.assert_array_equal(drawn.label, np.arange(3 * EACH) % 3)
    np.testing.assert_array_equal(drawn.truth, np.arange(3 * EACH) % 3)
    assert [drawn.located(row)[1].name for row in (0, 20)] == ["0.png", "20.png"]
    apart = np.linalg.norm(features[:, None] - features[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(drawn.neighbours[:, 0], apart.argmin(1))
    # colours are what the toy tells apart, so neighbours on the map share theirs
    flat = np.linalg.norm(drawn.points[:, None] - drawn.points[None], axis=2)
    np.fill_diagonal(flat, np.inf)
    assert (drawn.label[flat.argmin(1)] == drawn.label).mean() > 0.95


def test_rows_keep_to_their_pictures_shuffled_filtered_doubled_and_from_two_data_sets(
    drawn: PictureMap, shared: Hub, data: Dataset
) -> None:
    order = np.random.default_rng(0).permutation(3 * EACH)[:40]
    other = world("others", [5, 100, 5, 101, 102, 7])
    sources = (Source(data.key, data.revision, items=tuple(order.tolist())), source(other))
    found = shared.run(DrawMap("toy", sources, settings=PCA))
    numbers = [*order.tolist(), 5, 100, 5, 101, 102, 7]
    np.testing.assert_array_equal(found.sources, [0] * 40 + [1] * 6)
    np.testing.assert_array_equal(found.items, [*order.tolist(), *range(6)])
    np.testing.assert_array_equal(found.label, np.array(numbers) % 3)
    for row in (0, 17, 39, 41, 44):
        features, logits = seen(shared.classifier("toy"), numbers[row])
        assert found.predicted[row] == logits.argmax()
        np.testing.assert_allclose(found.projection.apply(features[None])[0, :2], found.points[row], atol=1e-4)
        assert found.located(row)[1].name.startswith(str(numbers[row]))
    first = {number: numbers.index(number) for number in numbers}
    np.testing.assert_array_equal(found.twins, [first[number] for number in numbers])
    assert found.duplicates == 46 - len(first)
    assert f"{found.duplicates} pictures look exactly like another one to the model" in " ".join(found.notes)
    np.testing.assert_array_equal(found.points[found.twins], found.points)


def test_the_same_request_draws_the_same_map_and_another_layout_makes_no_pass(
    drawn: PictureMap, drawing: DrawMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = toy_hub()

    def no_pass(*_: object) -> None:
        raise AssertionError("a pass was made")

    monkeypatch.setattr("xai_core.embedding.looking._Passes.compute", no_pass)
    np.testing.assert_array_equal(again.run(drawing).points, drawn.points)
    first = again.run(drawing.first())
    assert (first.iterations, first.perplexity, first.request.settings.layout) == (0, 0, "pca")
    np.testing.assert_array_equal(first.neighbours, drawn.neighbours)
    np.testing.assert_array_equal(first.items, drawn.items)


def test_answers_are_read_only(drawn: PictureMap) -> None:
    with pytest.raises(ValueError, match="read-only"):
        drawn.points[0] = 0


def test_another_layer_is_looked_at_where_it_stands(shared: Hub, drawing: DrawMap) -> None:
    toy = shared.classifier("toy")
    found = shared.run(replace(drawing, layer="2", settings=PCA))
    x = toy.encode(frame(coloured(4).pixels, toy.preprocess, Framing.AS_TRAINED).square)
    with torch.no_grad():
        row = toy.module[:3](x).mean((2, 3)).numpy()
    np.testing.assert_allclose(found.projection.apply(row)[0, :2], found.points[4], atol=1e-4)
    np.testing.assert_array_equal(found.predicted, shared.run(drawing).predicted)
    assert hooks.count(toy.module) == 0


def test_heatmaps_can_be_mapped_and_are_those_of_the_method(shared: Hub, drawing: DrawMap, drawn: PictureMap) -> None:
    found = shared.run(replace(drawing, of="gradcam", settings=PCA))
    assert found.layer == "where Grad-CAM points for the class that the model names"
    number = int(np.flatnonzero(drawn.predicted != np.bincount(drawn.predicted).argmax())[0])
    target = int(drawn.predicted[number])
    ask = Explain("toy", coloured(number), Framing.AS_TRAINED, target, "gradcam", methods()["gradcam"].params())
    values = shared.run(ask).values.ravel()
    np.testing.assert_allclose(
        found.projection.apply((values / np.abs(values).sum())[None].astype(np.float32))[0, :2],
        found.points[number],
        atol=1e-3,
    )


@pytest.mark.parametrize("of", ["lime", "nonsense"])
def test_a_method_that_takes_too_long_cannot_be_mapped(shared: Hub, drawing: DrawMap, of: str) -> None:
    with pytest.raises(UnsupportedMethod, match=r"one of these methods: .*Grad-CAM"):
        shared.run(replace(drawing, of=of))


def test_pictures_and_layers_that_are_not_there_are_refused(shared: Hub, data: Dataset, drawing: DrawMap) -> None:
    with pytest.raises(UnusableData, match="no number 400"):
        shared.run(replace(drawing, sources=(source(data, 1, 400),)))
    with pytest.raises(UnusableData, match="at least 10 pictures, and there are 3"):
        shared.run(replace(drawing, sources=(source(data, 1, 2, 3),)))
    with pytest.raises(UnusableData, match="revision 9"):
        shared.run(replace(drawing, sources=(Source(data.key, 9),)))
    with pytest.raises(UnsupportedMethod, match="no layer 'attic'"):
        shared.run(replace(drawing, layer="attic"))


def test_classes_that_the_model_has_not_are_unknown_and_said(shared: Hub) -> None:
    odd = world("odd")
    renamed = replace(odd, classes=("cat", "house", "barn"))
    found = pictures.pictures((source(odd),))
    truth, notes = replace(found, sources=(renamed,)).truth(shared.classifier("toy").labels)
    np.testing.assert_array_equal(truth, np.where(np.arange(3 * EACH) % 3 == 0, 0, -1))
    assert "“house”, “barn” count as neither right nor wrong" in notes[0]
    truth, notes = found.truth(("1", "2"))
    assert (truth == -1).all()
    assert notes[0].startswith("Right and wrong cannot be told in “odd”. None of the data set's classes")


@pytest.mark.parametrize("settings", [QUICK, PCA], ids=["t-SNE", "PCA"])
def test_a_new_picture_falls_among_its_like(shared: Hub, drawing: DrawMap, settings: Settings) -> None:
    shown = shared.run(replace(drawing, settings=settings))
    for number in (300, 301, 302):
        placed = shared.run(PlaceOnMap(shown.request, coloured(number), Framing.AS_TRAINED))
        around = np.linalg.norm(shown.points - placed.point, axis=1).argsort()[:3]
        assert {int(each) for each in shown.label[around]} == {number % 3}
        assert {int(each) for each in shown.label[placed.neighbours]} == {number % 3}
        assert placed.label == shared.classifier("toy").labels[placed.predicted]
    known = shared.run(PlaceOnMap(shown.request, coloured(11), Framing.AS_TRAINED))
    assert known.neighbours[0] == 11
    assert known.distances[0] == pytest.approx(0, abs=1e-5)
    assert known.predicted == shown.predicted[11]


def test_what_sets_pictures_apart_is_a_direction_in_the_features(shared: Hub, drawing: DrawMap) -> None:
    reds = tuple(range(0, 30, 3))
    found = shared.run(SetApart(drawing, reds))
    assert found.separation > 0.9
    assert set(found.typical) | set(found.odd) == set(reds)
    assert {row % 3 for row in found.lookalikes[:4]} == {0}, "the other reds"
    assert not {row % 3 for row in found.opposite} & {0}
    toy = shared.classifier("toy")
    features = np.stack([seen(toy, number)[0] for number in range(3 * EACH)])
    inside = np.isin(np.arange(3 * EACH), reds)
    direction = features[inside].mean(0) - features[~inside].mean(0)
    assert np.corrcoef(found.along, features @ direction)[0, 1] > 0.9999
    with pytest.raises(UnusableData, match="nothing to compare with"):
        shared.run(SetApart(drawing, tuple(range(3 * EACH))))


class Convolutional(nn.Sequential):
    """Ends in a convolution: no linear layer to read from."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        body = list(toy_network())[:5]
        super().__init__(*body, nn.Conv2d(16, 5, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def test_the_last_linear_layer_is_found_whatever_it_is_called(lite0: Classifier) -> None:
    assert penultimate.head_of(lite0) == "classifier"
    assert penultimate.head_of(make_toy()) == "7"
    assert penultimate.head_of(make_toy(Convolutional())) == ""
    x = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        theirs = lite0.module.forward_head(lite0.module.forward_features(x), pre_logits=True)
        logits = lite0.module(x)
    mine = penultimate.trunk(lite0, "classifier")(x)
    torch.testing.assert_close(mine.clone(), theirs, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(penultimate.answers(lite0, "classifier", mine.clone()), logits, atol=1e-2, rtol=1e-2)


def test_a_network_without_a_last_linear_layer_is_mapped_by_its_last_grid(data: Dataset, drawing: DrawMap) -> None:
    (hub := toy_hub()).adopt(toy := make_toy(Convolutional()))
    found = hub.run(replace(drawing, settings=PCA))
    assert found.layer == toy.layers[-1].name
    x = toy.encode(frame(coloured(4).pixels, toy.preprocess, Framing.AS_TRAINED).square)
    with torch.no_grad():
        assert found.predicted[4] == toy.module(x).argmax()
    assert found.labels[:3] == tuple(name.lower() for name in CLASSES)
