"""Rows on disk: bit for bit, under contents and never names, whatever happens to the file they are in."""

from __future__ import annotations

import inspect
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
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

ROOT = Path(__file__).resolve().parents[1]
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


def rows(count: int, width: int = 100, seed: int = 0) -> dict[str, kept.Row]:
    values = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return {f"{seed}-{number}": row for number, row in enumerate(values)}


def database(home: Path) -> Path:
    return home / kept.FOLDER / kept.FILE


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


def overwritten(file: Path) -> None:
    file.write_bytes(b"this is no database at all " * 400)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 + 100])


def flipped(file: Path) -> None:
    """One bit of one row."""
    data, row = bytearray(file.read_bytes()), rows(1)["0-0"].tobytes()
    data[data.index(row[:64]) + 5] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("damage", [overwritten, cut_short, flipped])
def test_a_damaged_file_is_set_aside_and_begun_anew(home: Path, damage: Callable[[Path], None]) -> None:
    given = rows(200)
    kept.write("scope", given)
    damage(database(home))
    found = kept.read("scope", given)
    assert all(np.array_equal(row, given[name]) for name, row in found.items())
    assert len(found) < 200
    assert (home / kept.FOLDER / kept.DAMAGED).exists()
    kept.write("scope", given)
    again = kept.read("scope", given)
    assert all(again[name].tobytes() == row.tobytes() for name, row in given.items())


def test_more_names_than_fit_into_one_question_are_all_found() -> None:
    given = rows(2 * kept.AT_ONCE + 1, width=3)
    kept.write("scope", given)
    assert kept.read("scope", given).keys() == given.keys()
    assert not kept.read("another scope", given)
    assert not kept.read("scope", ["unknown"])


def in_another_process(home: Path, code: str) -> subprocess.Popen[bytes]:
    setup = f"import numpy as np\nfrom xai_core.features import kept\n{inspect.getsource(rows)}\n"
    environment = {**os.environ, VARIABLE: str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", "from __future__ import annotations\n" + setup + code], env=environment
    )


def test_a_process_killed_while_it_writes_takes_nothing_of_the_others_with_it(home: Path) -> None:
    kept.write("mine", given := rows(50))
    code = (
        "import os, signal\n"
        "kept._make_room = lambda database: os.kill(os.getpid(), signal.SIGKILL)\n"
        "kept.write('mine', {name: 0 * row for name, row in rows(50).items()})\n"
    )
    assert in_another_process(home, code).wait() == -signal.SIGKILL
    found = kept.read("mine", given)
    assert all(found[name].tobytes() == row.tobytes() for name, row in given.items())


def test_processes_that_write_at_the_same_time_lose_nothing(home: Path) -> None:
    code = "for part in range({0}, {0} + 10):\n    kept.write('both', rows(7, seed=part))\n"
    writers = [in_another_process(home, code.format(start)) for start in (0, 10)]
    assert [writer.wait() for writer in writers] == [0, 0]
    for part in range(20):
        given = rows(7, seed=part)
        found = kept.read("both", given)
        assert all(found[name].tobytes() == row.tobytes() for name, row in given.items())
    assert not (home / kept.FOLDER / kept.DAMAGED).exists()


def test_the_longest_unused_go_when_the_room_is_used_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "ROOM", 400_000)
    first = rows(40, width=500, seed=99)
    kept.write("scope", first)
    for part in range(20):
        kept.write("scope", rows(20, width=500, seed=part))
        assert kept.read("scope", first).keys() == first.keys()  # used all the time
    with closing(sqlite3.connect(database(home))) as file:
        (size,) = file.execute("PRAGMA page_count").fetchone()
    assert size * 4096 < 400_000 + 100_000
    assert not kept.read("scope", rows(20, width=500, seed=3))
    assert len(kept.read("scope", rows(20, width=500, seed=19))) == 20


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
