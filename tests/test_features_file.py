"""The file in which rows are kept: damaged, exchanged by other processes at the same time, and never too large."""

from __future__ import annotations

import inspect
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from xai_core.features import kept
from xai_core.library.home import VARIABLE

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def rows(count: int, width: int = 100, seed: int = 0) -> dict[str, kept.Row]:
    values = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return {f"{seed}-{number}": row for number, row in enumerate(values)}


def database(home: Path) -> Path:
    return home / kept.FOLDER / kept.FILE


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
    code = "kept.PATIENCE = 120\nfor part in range({0}, {0} + 10):\n    kept.write('both', rows(7, seed=part))\n"
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
