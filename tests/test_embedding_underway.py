"""A map while it is drawn: seen on the way, kept when it is enough, or stopped with nothing kept."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from planted_maps import EACH, source, world

from xai_core.datasets.dataset import Dataset
from xai_core.embedding import underway
from xai_core.embedding.request import DrawMap
from xai_core.embedding.settings import Settings
from xai_core.errors import LibraryError
from xai_core.hub import Hub
from xai_core.progress import Cancelled

pytest_plugins = ["fixtures_map"]
pytestmark = pytest.mark.usefixtures("data")  # the library of its own

QUICK = Settings(perplexity=8.0, early=50, iterations=100)


@pytest.fixture(scope="module")
def drawing(data: Dataset) -> DrawMap:
    return DrawMap("toy", (source(data),), settings=QUICK)


def test_enough_keeps_the_layout_so_far_and_what_was_cut_is_no_answer_to_the_next(
    shared: Hub, drawing: DrawMap
) -> None:
    asked = replace(drawing, settings=replace(QUICK, seed=7), run="first-run")
    shapes = []

    def press(share: float, note: str) -> None:
        if (points := underway.so_far("first-run")) is not None:
            shapes.append(points.shape)
        if note == "spreading out, step 20 of 100":
            underway.enough("first-run")

    cut = shared.run(asked, press)
    assert (cut.complete, cut.iterations) == (False, 69)
    assert set(shapes) == {(3 * EACH, 2)}
    assert shared.known(asked) is None
    assert underway.so_far("first-run") is None
    np.testing.assert_array_equal(shared.run(cut.request).points, cut.points)
    whole = shared.run(replace(asked, run="second"))
    assert (whole.complete, whole.iterations) == (True, 150)
    assert shared.known(asked) is whole


def test_what_is_seen_on_the_way_has_the_rows_of_the_map_twins_included(shared: Hub) -> None:
    doubled = world("twice", [*range(20), 3, 17, *range(20, 30)])  # rows 20 and 21 are rows 3 and 17 again
    asked = DrawMap("toy", (source(doubled),), settings=QUICK, run="watched")
    on_the_way: list[np.ndarray] = []

    def look(share: float, note: str) -> None:
        if underway.begun("watched"):
            on_the_way.append(underway.so_far("watched"))
        if note == "spreading out, step 60 of 100":
            underway.enough("watched")

    found = shared.run(asked, look)
    last = on_the_way[-1]
    assert not found.complete
    assert not underway.begun("watched")
    assert found.twins[[20, 21]].tolist() == [3, 17]
    np.testing.assert_array_equal(last[[20, 21]], last[[3, 17]])
    # seen before step 50 was made
    same = shared.run(replace(asked, settings=replace(QUICK, iterations=49), run=""))
    np.testing.assert_array_equal(last, same.points)


def test_points_go_to_the_browser_in_four_bytes_each() -> None:
    places = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32) * (3e-5, 1e-5) + (1, 0)
    sent = np.frombuffer(underway.packed(places), "<i2").reshape(-1, 2).astype(float)
    assert len(underway.packed(places)) == 200
    assert np.abs(sent).max() == 32767
    size = np.ptp(sent, axis=0) / np.ptp(places, axis=0)
    assert size[0] == pytest.approx(size[1], rel=1e-3)  # never stretched
    np.testing.assert_allclose((sent - sent[0]) / size, places - places[0], atol=2e-9)
    assert not np.frombuffer(underway.packed(np.zeros((3, 2), np.float32)), "<i2").any()


def test_stop_keeps_nothing(shared: Hub, drawing: DrawMap, tmp_path: Path) -> None:
    asked = replace(drawing, settings=replace(QUICK, seed=8), run="stopped")

    def stop(share: float, note: str) -> None:
        if note == "spreading out, step 20 of 100":
            raise Cancelled

    with pytest.raises(Cancelled):
        shared.run(asked, stop)
    assert shared.known(asked) is None
    assert underway.so_far("stopped") is None
    underway.enough("stopped")
    assert underway.so_far("stopped") is None


def test_a_full_disk_costs_the_view_of_it_and_not_the_map(
    shared: Hub, drawing: DrawMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(drawing, settings=replace(QUICK, seed=9))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(underway.np, "save", refuse)
        found = shared.run(replace(asked, run="unseen"))
    assert found.complete
    monkeypatch.setattr(underway, "fresh_folder", refuse)
    again = shared.run(replace(asked, settings=replace(QUICK, seed=10), run="no-folder"))
    assert again.complete


def test_a_library_that_cannot_be_written_says_that_the_drawing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with underway.underway("running"):
        monkeypatch.setattr(Path, "touch", refuse)
        with pytest.raises(LibraryError, match=r"^The drawing goes on: this program may not write there\."):
            underway.enough("running")


@pytest.mark.parametrize("run", ["../up", "a b", "-x", "", "x" * 65])
def test_a_run_is_no_path(run: str) -> None:
    with pytest.raises(ValueError, match="a run is called by"):
        underway.so_far(run)
