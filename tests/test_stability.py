"""Agreement between reseeded runs, against scipy, and on a real method with chance in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from known import asked, marked, planted
from scipy.stats import spearmanr

from xai_core.agreement import GRID
from xai_core.classifier import Classifier
from xai_core.errors import UnsupportedMethod
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.knobs import settings
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.stability import Reseeded, Stability, has_seed, reseeded

SMOOTH = asked("smoothgrad")


def runs(*values: np.ndarray) -> Reseeded:
    """The answer when each seed in turn gives one of these maps."""
    hub = planted()
    for params, each in zip(reseeded(SMOOTH.params, len(values)), values, strict=True):
        request = replace(SMOOTH, params=params)
        hub.told[request] = marked(each, request)
    answer: Reseeded = hub.run(Stability(SMOOTH, len(values)))
    return answer


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((GRID, GRID)).astype(np.float32)


def test_every_pair_is_compared_as_scipy_does() -> None:
    values = [noise(0), noise(0) + noise(1), noise(2)]
    found = runs(*values)
    naive = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in combinations(values, 2)]
    assert np.allclose(found.agreements, naive)
    assert found.mean == pytest.approx(np.mean(naive))
    assert found.range == pytest.approx((min(naive), max(naive)))
    assert not found.agreements.flags.writeable


def test_equal_runs_agree_fully_and_independent_ones_hardly() -> None:
    same, other = runs(noise(0), noise(0)), runs(noise(0), noise(1))
    assert same.mean == pytest.approx(1)
    assert same.overlap == pytest.approx(1)
    assert "agrees to 100 %" in same.sentence
    assert abs(other.mean) < 0.15  # type: ignore[arg-type]
    assert other.overlap == pytest.approx(0.05, abs=0.04)


def test_runs_that_mark_nothing_are_counted_and_not_averaged() -> None:
    found = runs(noise(0), np.zeros((7, 7)), noise(0))
    assert found.mean == pytest.approx(1)
    assert found.blank == 1
    assert "1 of 3 runs marked nothing" in found.sentence


def test_without_a_pair_of_maps_it_is_undefined_and_never_zero() -> None:
    found = runs(noise(0), np.zeros((7, 7)))
    assert (found.mean, found.range, found.overlap) == (None, None, None)
    assert found.sentence.startswith("Undefined")


def test_a_method_without_chance_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedMethod, match="Gradient has no chance in it"):
        planted().run(Stability(asked()))


def test_every_method_with_a_seed_is_found_without_being_named() -> None:
    chancy = {key for key, card in methods().items() if has_seed(card.params())}
    assert {"smoothgrad", "rise", "lime"} <= chancy
    assert "gradcam" not in chancy


@pytest.mark.parametrize("key", [key for key, card in methods().items() if has_seed(card.params())])
def test_seeds_are_distinct_within_bounds_and_begin_with_the_asked_one(key: str) -> None:
    params = methods()[key].params()
    high = next(setting for setting in settings(params) if setting.name == "seed").knob.high
    for start in (params, params if high is None else replace(params, seed=int(high))):
        made = reseeded(start, 4)
        assert made[0] == start
        assert len(set(made)) == 4
        assert all(replace(each, seed=0) == replace(start, seed=0) for each in made)


def test_a_real_method_is_run_again_with_progress_over_all_runs(toy: Classifier, picture: Picture) -> None:
    hub = Hub(lambda key, device: toy, toy.device)
    params = methods()["smoothgrad"].params(samples=8)
    request = Explain("toy", picture, Framing.AS_TRAINED, 1, "smoothgrad", params)
    told: list[tuple[float, str]] = []
    found = hub.run(Stability(request), lambda fraction, note="": told.append((fraction, note)))
    assert len(found.agreements) == 3
    assert found.mean < 1
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert any("run 3 of 3" in note for _, note in told)
    assert hub.run(request) is hub.run(request)  # the asked run is shared with whoever asks for the map


@pytest.mark.parametrize("count", [1, 21])
def test_numbers_of_runs_out_of_bounds_are_named(count: int) -> None:
    with pytest.raises(ValueError, match="runs"):
        Stability(SMOOTH, count)
