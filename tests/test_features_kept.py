"""Features that are read back instead of computed: bit for bit, under contents and never names."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from test_features import located, pictures

from conftest import make_toy, toy_network
from xai_core import hooks
from xai_core.classifier import Classifier
from xai_core.features import kept
from xai_core.features.features import features
from xai_core.features.gradients import gradients
from xai_core.features.located import Located
from xai_core.hub import Hub
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.progress import Cancelled

LAYERS = ("1", "4")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def shown() -> list[Located]:
    return located(pictures(20))


@contextmanager
def looked_at(classifier: Classifier) -> Iterator[list[int]]:
    """How many pictures each pass had."""
    passes: list[int] = []
    handle = classifier.module.register_forward_pre_hook(lambda _, inputs: passes.append(len(inputs[0])))
    try:
        yield passes
    finally:
        handle.remove()


@pytest.mark.parametrize("ask", [features, lambda hub, model, layers, shown: gradients(hub, model, layers, 2, shown)])
def test_what_is_read_back_is_bit_equal_and_costs_no_pass(
    hub: Hub, toy: Classifier, shown: list[Located], ask: Callable[..., Any]
) -> None:
    with looked_at(toy) as passes:
        first = ask(hub, "toy", LAYERS, shown)
        assert sum(passes) == 20
        again = ask(hub, "toy", LAYERS[::-1], shown[::-1])
        assert sum(passes) == 20
    assert all(first[layer].tobytes() == again[layer][::-1].tobytes() for layer in LAYERS)


def test_only_what_is_new_passes_the_network(hub: Hub, toy: Classifier, shown: list[Located]) -> None:
    with looked_at(toy) as passes:
        features(hub, "toy", LAYERS, shown[:12])
        assert sum(passes) == 12
        features(hub, "toy", LAYERS, shown)
        assert sum(passes) == 20
        features(hub, "toy", ("0", *LAYERS), shown)
        assert sum(passes) == 40
        features(hub, "toy", ("0", "1"), shown)
        assert sum(passes) == 40


def test_a_picture_is_known_by_its_pixels_wherever_it_lies(hub: Hub, toy: Classifier, shown: list[Located]) -> None:
    with looked_at(toy) as passes:
        features(hub, "toy", LAYERS, shown)
        elsewhere = located([Picture.of(each.pixels, "another name.png") for each in pictures(20)], "another set")
        features(hub, "toy", LAYERS, elsewhere)
        assert sum(passes) == 20
        other = located(pictures(20, seed=1))  # of the same names
        features(hub, "toy", LAYERS, other)
        assert sum(passes) == 40


def another_preprocessing(toy: Classifier) -> Classifier:
    return replace(toy, preprocess=replace(toy.preprocess, mean=(0.4, 0.5, 0.5)))


def another_crop(toy: Classifier) -> Classifier:
    return replace(toy, preprocess=replace(toy.preprocess, resize=40))


def other_weights(_: Classifier) -> Classifier:
    return make_toy(toy_network(seed=1))


@pytest.mark.parametrize("change", [another_preprocessing, another_crop, other_weights])
def test_a_model_of_the_same_name_never_gets_the_others_rows(
    hub: Hub, toy: Classifier, shown: list[Located], change: Callable[[Classifier], Classifier]
) -> None:
    before = features(hub, "toy", LAYERS, shown), gradients(hub, "toy", LAYERS, 0, shown)
    changed = change(toy)
    hub.adopt(changed)
    with looked_at(changed) as passes:
        after = features(hub, "toy", LAYERS, shown), gradients(hub, "toy", LAYERS, 0, shown)
    assert sum(passes) == 40
    assert not any(np.array_equal(before[0][layer], after[0][layer]) for layer in LAYERS)


def test_classes_and_ways_to_pool_do_not_get_each_others_rows(hub: Hub, toy: Classifier, shown: list[Located]) -> None:
    with looked_at(toy) as passes:
        found = [
            gradients(hub, "toy", ("6",), target, shown, pooling)
            for target in (0, 1)
            for pooling in ("average", "flatten")
        ]
        features(hub, "toy", ("6",), shown)
        features(hub, "toy", ("6",), shown, "flatten")
    assert sum(passes) == 6 * 20
    assert not np.array_equal(found[0]["6"], found[2]["6"])


def test_a_stopped_run_keeps_what_it_has_computed_and_no_hooks(hub: Hub, toy: Classifier, shown: list[Located]) -> None:
    def stop(fraction: float, note: str = "") -> None:
        if fraction > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        features(hub, "toy", LAYERS, shown, progress=stop)
    assert not hooks.touched()
    assert hooks.count(toy.module) == 0
    with looked_at(toy) as passes:
        features(hub, "toy", LAYERS, shown)
    assert passes == [4]


def test_the_rows_of_a_file_that_was_exchanged_are_its_own_and_not_kept(
    hub: Hub, toy: Classifier, shown: list[Located]
) -> None:
    data, item = shown[0]
    (other, first), *_ = located(pictures(1, seed=5), "other")
    (data.folder / item.file).write_bytes((other.folder / first.file).read_bytes())
    with looked_at(toy) as passes:
        exchanged = features(hub, "toy", LAYERS, shown)
        expected = features(hub, "toy", LAYERS, [(other, first)])
        features(hub, "toy", LAYERS, shown)
        assert passes == [16, 4, 1, 1]  # once more: nothing is kept under a digest that is not its own
    np.testing.assert_allclose(exchanged["4"][0], expected["4"][0], rtol=1e-5, atol=1e-6)


def full_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def small(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        found = connect(*args, **kwargs)
        found.execute("PRAGMA max_page_count = 3")
        return found

    monkeypatch.setattr("xai_core.features.kept.sqlite3.connect", small)


def no_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / kept.FOLDER).write_text("something that is not a folder is in its place")


def locked(home: Path, monkeypatch: pytest.MonkeyPatch) -> FileLock:
    """Somebody holds it, and does not let go."""
    monkeypatch.setattr(kept, "PATIENCE", 0.05)
    (home / kept.FOLDER).mkdir()
    lock = FileLock(home / kept.FOLDER / kept.LOCK)
    lock.acquire()
    return lock


@pytest.mark.parametrize("trouble", [full_disk, no_folder, locked])
def test_a_disk_that_keeps_nothing_does_not_stop_the_computation(
    hub: Hub,
    toy: Classifier,
    shown: list[Located],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: Callable[[Path, pytest.MonkeyPatch], FileLock | None],
) -> None:
    held = trouble(home, monkeypatch)
    with looked_at(toy) as passes:
        first, again = (features(hub, "toy", LAYERS, shown) for _ in range(2))
    assert sum(passes) == 40
    assert np.array_equal(first["4"], again["4"])
    assert "cannot be kept" in caplog.text
    assert (held is not None) == (trouble is locked)  # and held to the end
