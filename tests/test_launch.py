"""The process that computes is started whatever the computer lacks, and where it cannot be, people are told."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from contextlib import ExitStack
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from worker_requests import Order
from xai_core import jobs, launch
from xai_core.errors import LibraryError
from xai_core.jobs import Worker, outcome

TESTS = str(Path(__file__).parent)
LONG = 240.0  # seconds; only a hang takes that long


@pytest.mark.parametrize("place", ["nowhere", "very long " * 12])
def test_without_a_usable_folder_for_temporary_files_there_is_a_line_all_the_same(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / place.strip()
    if place != "nowhere":  # longer than the path of a socket may be
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with ExitStack() as until_connected:
        listener = launch._listener(b"secret", until_connected)
        calling = threading.Thread(target=lambda: Client(listener.address, authkey=b"secret").send("hello"))
        calling.start()
        assert listener.accept().recv() == "hello"
        calling.join()
    assert not folder.exists() or list(folder.iterdir()) == []


def test_where_no_process_can_be_started_everybody_who_waits_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(environment: object) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(jobs, "start", refuse)
    job = Worker().submit(Order("never", tmp_path / "log"))
    assert job.ended.wait(LONG)
    assert (job.state, job.again) == ("failed", True)
    assert job.message.startswith("The program that computes could not be started (Cannot allocate memory). Close")


def test_a_worker_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    worker = Worker({"PYTHONPATH": TESTS})
    log = tmp_path / "log"
    endless = [worker.submit(Order(name, log, wait_for=tmp_path / "never", cleared=log)) for name in ("one", "two")]
    while endless[0].state == "waiting":
        endless[0].ended.wait(0.01)
    worker.close()
    assert worker.process is not None
    assert worker.process.returncode == 0
    assert log.read_text() == "one cleared up "


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full. Nothing that was there is lost; make"),
        (OSError(errno.EROFS, "Read-only file system"), "this program may not write there"),
        (MemoryError("Unable to allocate 9.00 GiB"), "The computer’s memory does not suffice for this. Close other"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "The computer’s memory does not"),
        (RuntimeError("can't start new thread"), "The computer’s memory does not"),
        (ImportError("libopenblas.so: failed to map segment from shared object"), "The computer’s memory does not"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "The computer’s memory does not"),
        (LibraryError("gone"), "gone"),
    ],
)
def test_what_is_not_our_fault_is_said_and_may_be_tried_again(error: Exception, words: str) -> None:
    state, message = outcome(error)
    assert state == "failed"
    assert words in message
    assert "server's log" not in message


def test_a_process_that_the_system_ended_is_said_to_have_lacked_memory() -> None:
    assert "as happens when the computer’s memory runs out" in jobs._why(-9)
    assert jobs._why(-11) == "The program that was computing this ended (exit code -11). Try other settings."
