"""A program that is killed in the middle of a save loses nothing that was there, and leaves nothing for long."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.library.sweep import STAGING, sweep

ROOT = Path(__file__).resolve().parents[1]

# each child counts the lines that write, and kills itself, as kill -9 would, before one
KILLED = """
import json, os, shutil, signal, sys
from xai_core.library import entries, rooms

room, seen = rooms.room("models"), []

def save(folder):
    (folder / "weights").write_bytes(b"x" * 100_000)
    return {"value": "y" * 50_000}

def more(folder):
    name = f"more {os.getpid()}"
    (folder / name).write_bytes(b"z" * 1000)
    return name

def work(moment):
    steps = 0
    def line(frame, event, argument):
        nonlocal steps
        steps += event == "line"
        if steps == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return line
    def call(frame, event, argument):
        ours = frame.f_code.co_filename.endswith(("entries.py", "rooms.py", "manifests.py", "sweep.py"))
        return line if ours or frame.f_code.co_name == "write_bytes" else None
    sys.settrace(call)
    entries.change("models", "kept", lambda found: {**found, "value": found["value"] + 1})
    entries.enlarge("models", "kept", more, lambda found, name: {**found, "more": [*found["more"], name]})
    entries.create("models", "new", save)
    entries.remove("models", "kept")

def whole(key):
    sizes = os.path.getsize(room / key / "weights"), len(entries.manifest("models", key)["value"])
    return sizes == (100_000, 50_000)

entries.create("models", "kept", lambda folder: {"value": 0, "more": [], "ballast": "z" * 50_000})
moment, killed, value = 0, True, 0
while killed:
    moment += 3
    if (child := os.fork()) == 0:
        work(moment)
        os._exit(0)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    found = entries.listing("models")
    kept = {entry.key: entry.manifest for entry in found.entries}.get("kept")
    removed = [path.name for path in (room / ".removed").glob("*/kept")]
    if kept is None and removed:
        entries.restore("models", max(path.parent.name for path in (room / ".removed").glob("*/kept")))
        kept = entries.manifest("models", "kept")
    ok = not found.messages and kept is not None and kept["value"] in (value, value + 1)
    ok = ok and all(os.path.getsize(room / "kept" / name) == 1000 for name in kept["more"])
    ok = ok and all(whole(entry.key) for entry in found.entries if entry.key != "kept")
    seen.append(bool(ok))
    value = kept["value"] if kept else value
    for entry in found.entries:
        if entry.key != "kept":
            shutil.rmtree(room / entry.key)
print(json.dumps({"moments": len(seen), "unhurt": sum(seen)}))
"""

FILLING = """
import sys
from xai_core.library import entries

def fill(folder):
    print(folder, flush=True)
    sys.stdin.read()

entries.create("models", "slow", fill)
"""


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    entries.listing("models")
    return tmp_path / "models"


def test_whenever_a_save_is_killed_the_old_or_the_new_content_is_whole(room: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["moments"] > 100
    assert found["unhurt"] == found["moments"]
    assert list((room / STAGING).iterdir())
    sweep(room)
    assert not list((room / STAGING).iterdir())
    assert not list(room.glob("*/*.tmp"))


def test_what_a_living_program_fills_is_left_alone_and_swept_when_it_is_dead(room: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", FILLING], cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as program:
        assert program.stdout is not None
        folder = Path(program.stdout.readline().strip())
        sweep(room)
        assert folder.is_dir()
        program.kill()
        program.wait()
    sweep(room)
    assert not list((room / STAGING).iterdir())


def test_a_half_written_manifest_is_swept_unless_somebody_is_writing(room: Path) -> None:
    key = entries.create("models", "a", lambda folder: {})
    left = room / key / "manifest.json.99999-abcd.tmp"
    left.write_text("{")

    def meanwhile(found: dict[str, object]) -> dict[str, object]:
        sweep(room)
        assert left.exists()
        return found

    entries.change("models", key, meanwhile)
    sweep(room)
    assert not left.exists()
    assert entries.manifest("models", key)["revision"] == 2


def test_a_removed_entry_is_kept_for_a_week(room: Path) -> None:
    tokens = [entries.remove("models", entries.create("models", "a", lambda folder: {})) for _ in range(2)]
    (room / ".removed" / tokens[0]).rename(room / ".removed" / "20200101T000000Z-00000000")
    sweep(room)
    assert [path.name for path in (room / ".removed").iterdir()] == [tokens[1]]
