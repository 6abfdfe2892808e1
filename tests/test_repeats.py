"""Means over pictures and seeds: of exactly the runs that anyone could make one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from test_sanity import TOY, asked
from torch import Tensor

from conftest import make_toy
from xai_core.cascade import Cascade, Norms
from xai_core.classifier import Classifier, Target
from xai_core.errors import UnsupportedMethod, XaiError
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.limits import PICTURES_AT_ONCE
from xai_core.picture import Picture
from xai_core.predict import Predict
from xai_core.progress import Progress, silent
from xai_core.repeats import Repeated, Repeats
from xai_core.sanity import SanityRun, SanityTest


def others(count: int) -> tuple[Picture, ...]:
    rng = np.random.default_rng(0)
    return tuple(Picture.of(rng.integers(0, 255, (40, 40, 3), np.uint8), f"noise {n}") for n in range(count))


def test_the_mean_is_that_of_single_runs(hub: Hub, picture: Picture) -> None:
    pictures = (picture, *others(2))
    found: Repeated = hub.run(Repeats(asked(picture), pictures, (0, 5)))
    single = []
    for seed in (0, 5):
        for each in pictures:
            target = hub.run(Predict("toy", each, Framing.WHOLE)).top(1)[0].index
            single.append(hub.run(asked(each, cascade=Cascade("toy", seed=seed), target=target)))
    # pictures share their passes, so that values differ in their last digits
    np.testing.assert_allclose(found.similarity, [run.similarity for run in single], atol=2e-3)
    np.testing.assert_allclose(found.mean, np.mean(found.similarity, axis=0))
    np.testing.assert_allclose(found.spread, np.std(found.similarity, axis=0))
    np.testing.assert_allclose(found.floor, np.mean([run.floor for run in single], axis=0), atol=2e-3)


def test_pictures_share_one_pass_for_each_network(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []
    whole = Classifier.gradient

    def counted(self: Classifier, x: Tensor, target: Target) -> Tensor:
        rows.append(len(x))
        return whole(self, x, target)

    monkeypatch.setattr(Classifier, "gradient", counted)
    pictures = others(10)
    hub.run(Repeats(asked(pictures[0]), pictures, (0,)))
    # eight and then two; the randomised ones replay the trained network's pass
    assert rows == [8, 2]


def test_what_is_computed_together_is_not_remembered_as_if_alone(hub: Hub) -> None:
    pictures = others(3)
    hub.run(Repeats(asked(pictures[0]), pictures, (0,)))
    first = hub.run(Predict("toy", pictures[1], Framing.WHOLE))
    fresh = Hub(lambda key, device: make_toy(), torch.device("cpu"))
    np.testing.assert_array_equal(
        first.probabilities, fresh.run(Predict("toy", pictures[1], Framing.WHOLE)).probabilities
    )
    assert hub.known(asked(pictures[1]).survey) is None


def test_what_is_undefined_in_one_run_is_left_out_of_the_mean_and_counted(picture: Picture) -> None:
    similarity = np.ones((3, 4, 4))
    similarity[0, 2], similarity[:, 3] = np.nan, np.nan
    similarity[1, 2] = 0.5
    found = Repeated(Repeats(asked(picture), (picture,), (0, 1, 2)), similarity, np.zeros((4, 2)), ())
    np.testing.assert_allclose(found.mean[2], 0.75)
    np.testing.assert_allclose(found.spread[2], 0.25)
    assert np.isnan(found.mean[3]).all()
    assert np.isnan(found.spread[3]).all()
    assert found.undefined.tolist() == [0, 0, 1, 3]


def test_a_picture_that_fails_is_named_and_the_others_count(
    hub: Hub, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = others(2)
    whole = SanityTest.answer

    def fail(self: SanityTest, hub: Hub, progress: Progress = silent) -> SanityRun:
        if self.picture == bad:
            raise XaiError("this one came out infinite")
        return whole(self, hub, progress)

    monkeypatch.setattr(SanityTest, "answer", fail)
    found: Repeated = hub.run(Repeats(asked(picture), (bad, good), (0,)))
    assert len(found.similarity) == 1
    assert found.left_out == (("noise 0, seed 0", "this one came out infinite"),)
    with pytest.raises(XaiError, match="infinite"):
        hub.run(Repeats(asked(picture), (bad,), (0,)))


def test_a_method_without_meaning_is_refused_as_a_whole(hub: Hub, picture: Picture) -> None:
    with pytest.raises(UnsupportedMethod):
        hub.run(Repeats(asked(picture, "attention_rollout"), (picture,), (0,)))


def test_statistics_are_estimated_on_all_the_pictures_at_hand(hub: Hub, picture: Picture) -> None:
    recipe = Cascade("toy", norms=Norms.ESTIMATED, pictures=(picture,), framing=Framing.WHOLE)
    pictures = (picture, *others(1))
    hub.run(Repeats(asked(picture, cascade=recipe), pictures, (0,)))
    assert [recipe.pictures for recipe in hub._ladders] == [pictures]


def test_progress_tells_picture_and_seed(hub: Hub, picture: Picture) -> None:
    told: list[tuple[float, str]] = []
    hub.run(Repeats(asked(picture), (picture, *others(1)), (3,)), lambda f, note="": told.append((f, note)))
    assert any("noise 0, seed 3: " in note for _, note in told)
    assert [f for f, _ in told] == sorted(f for f, _ in told)


def test_pictures_and_seeds_have_bounds(picture: Picture) -> None:
    test = asked(picture)
    assert test.cascade == TOY
    for pictures, seeds in (((), (0,)), ((picture,), ()), (others(PICTURES_AT_ONCE + 1), (0,))):
        with pytest.raises(ValueError, match="pictures and a seed"):
            Repeats(test, pictures, seeds)
