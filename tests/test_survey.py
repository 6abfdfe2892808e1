"""What networks say while they are destroyed, which of them are dead, and what the player gets to draw."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from test_sanity import TOY, asked
from torch import Tensor, nn

from conftest import make_toy
from xai_core.cascade import Cascade, Law, Norms, Order
from xai_core.classifier import Classifier
from xai_core.edges import Edges, edges
from xai_core.frames import levels, stacked
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.picture import Picture
from xai_core.predict import Predict
from xai_core.sanity import SanityRun
from xai_core.survey import Surveyed


def test_the_survey_tells_what_each_network_says(hub: Hub, picture: Picture) -> None:
    survey: Surveyed = hub.run(asked(picture, target=1).survey)
    for stage in survey.stages:
        said = hub.run(Predict(TOY.at(stage.number), picture, Framing.WHOLE))
        assert stage.top == said.top(1)[0].index
        assert stage.probability == pytest.approx(float(said.probabilities[1]), rel=1e-5)
    assert [stage.name for stage in survey.stages] == ["", "7", "3", "0 + 1"]


class Blank(nn.Module):
    """A network that answers the same whatever it sees once its first layer is destroyed."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 5)
        nn.init.constant_(self.norm.running_mean, 1e6)  # kept: nothing gets past the ReLU behind it
        nn.init.constant_(self.conv.bias, 1e6)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.conv(x)).relu().mean(dim=(2, 3)))


def test_a_network_that_died_is_named_and_gives_no_figure(picture: Picture) -> None:
    torch.manual_seed(0)
    hub = Hub(lambda key, device: make_toy(Blank(), cam_layer="conv"), torch.device("cpu"))
    recipe = Cascade("toy", Order.BOTTOM_UP, norms=Norms.KEPT)
    run: SanityRun = hub.run(asked(picture, cascade=recipe))
    assert not run.survey.stages[0].dead
    assert "no change of any pixel" in run.survey.stages[1].dead
    assert run.maps[1] is None
    assert "dead at this stage" in run.reasons[1]
    assert np.isnan(run.similarity[1:]).all()
    assert run.verdict.kind == "none"


def test_numbers_that_overflow_are_named_dead_too(hub: Hub, picture: Picture) -> None:
    class Steep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Conv2d(3, 3, 1) for _ in range(2))
            self.head = nn.Linear(3, 5)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = layer(x) * 1e30
            return self.head(x.mean(dim=(2, 3)) * 1e-30 * 1e-30)

    steep = Steep()
    with torch.no_grad():
        for layer in steep.layers:
            layer.weight *= 1e-30
            layer.bias.zero_()
    steep_hub = Hub(lambda key, device: make_toy(steep, cam_layer=""), torch.device("cpu"))
    run: SanityRun = steep_hub.run(asked(picture, cascade=Cascade("toy", law=Law.UNIFORM)))
    assert "beyond what the computer can hold" in run.survey.stages[-1].dead
    assert np.isnan(run.similarity[-1]).all()


def test_the_control_draws_edges_and_asks_no_model(hub: Hub, picture: Picture) -> None:
    square = np.zeros((32, 32, 3), np.uint8)
    square[:, 16:] = 255
    found = edges(square)
    assert found[:, 15:17].min() > 10 * max(found[:, :14].max(), found[:, 18:].max())
    asked_for = hub.run(Edges("toy", picture, Framing.WHOLE))
    assert asked_for.values.shape == (32, 32)
    assert asked_for.box == (0.0, 0.0, 64.0, 48.0)


def test_frames_show_strength_whatever_its_sign() -> None:
    values = np.array([[0, -2], [1, 2]], np.float32)
    np.testing.assert_array_equal(levels(values), [[0, 255], [128, 255]])
    np.testing.assert_array_equal(levels(np.zeros((2, 2), np.float32)), 0)
    both = stacked([values, None])
    assert both.shape == (2, 2, 2)
    assert not both[1].any()
    with pytest.raises(ValueError, match="one size"):
        stacked([values, np.zeros((3, 3), np.float32)])


def test_every_stage_of_a_classifier_can_be_named(toy: Classifier) -> None:
    assert [str(TOY.at(stage))[:12] for stage in (0, 1)] == ["toy", "toy, stage 1"]
