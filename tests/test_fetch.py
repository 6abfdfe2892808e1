"""Downloads from a server on this computer, in every way in which they go wrong."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from conftest import make_toy
from xai_core import build, stream, zoo
from xai_core.errors import MissingWeights
from xai_core.fetch import Fetch, Fetched
from xai_core.hub import Hub
from xai_core.progress import Cancelled
from xai_core.weights import DAMAGED, MEGABYTE, STILL_WORKS, HubFile
from xai_core.zoo import DEFAULT, MODELS

CONTENT = bytes(hashlib.shake_256(b"weights").digest(3 * 2**18 + 77))
NAME = f"tiny-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"


@dataclass
class Site:
    """What the server does, and what it was asked."""

    address: str = ""
    content: bytes = CONTENT
    kind: str = "application/octet-stream"
    status: int = 200
    stops_after: int | None = None  # bytes of each answer; then it hangs up
    continues: bool = True  # honours Range
    says_length: bool = True
    silent: bool = False
    ranges: list[str | None] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        site, wanted = self.site, self.headers["Range"]
        site.ranges.append(wanted)
        if site.silent:
            site.over.wait()
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and site.continues else 0
        if start > len(site.content):
            self.send_error(416)
            return
        body = site.content[start:]
        self.send_response(206 if start and site.status == 200 else site.status)
        self.send_header("Content-Type", site.kind)
        if site.says_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: site.stops_after])

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "models"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "models" / "hub" / "checkpoints"


@pytest.fixture
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server that holds the weights of the model "tiny"."""
    made = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Handler,), {"site": made}))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.address = f"http://127.0.0.1:{server.server_port}/models/{NAME}"
    offer(monkeypatch, made.address)
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()


def offer(monkeypatch: pytest.MonkeyPatch, address: str, size: int = len(CONTENT)) -> None:
    line = replace(MODELS["resnet50"], key="tiny", weights=HubFile(address, size / MEGABYTE))
    monkeypatch.setitem(zoo.MODELS, "tiny", line)


class Notes:
    """A progress that remembers, and stops at its n-th report."""

    def __init__(self, stop_at: int = -1, word: str = "") -> None:
        self.seen: list[tuple[float, str]] = []
        self.stop_at, self.word = stop_at, word

    def __call__(self, fraction: float, note: str = "") -> None:
        if len(self.seen) == self.stop_at or (self.word and self.word in note):
            raise Cancelled
        self.seen.append((fraction, note))


def failure(progress: Notes | None = None) -> str:
    with pytest.raises(MissingWeights) as raised:
        Fetch("tiny").answer(None, progress or Notes())
    words = str(raised.value)
    assert words.startswith(f"{NAME} was not downloaded: ")
    assert "By hand: download http://127.0.0.1" in words
    assert STILL_WORKS in words
    return words


def parts(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name != NAME]


def test_a_download_lands_whole_with_true_progress(site: Site, folder: Path) -> None:
    notes = Notes()
    assert not zoo.ready(MODELS["tiny"])
    assert Fetch("tiny").answer(None, notes) == Fetched(folder / NAME, len(CONTENT))
    assert (folder / NAME).read_bytes() == CONTENT
    assert zoo.ready(MODELS["tiny"])
    assert parts(folder) == []
    fractions = [fraction for fraction, _ in notes.seen]
    assert fractions == sorted(fractions)
    assert any(0.2 < fraction < 0.8 for fraction in fractions)
    assert any("of 1 MB, about" in note and note.endswith("left") for _, note in notes.seen)


def test_what_is_there_is_not_fetched_again(site: Site, folder: Path) -> None:
    Fetch("tiny").answer()
    Fetch("tiny").answer()
    assert len(site.ranges) == 1


def test_a_package_needs_no_fetching() -> None:
    assert Fetch(DEFAULT).answer().bytes > 18_000_000


def test_a_file_that_vanished_is_fetched_again_by_the_same_hub(site: Site, folder: Path) -> None:
    hub = Hub(lambda key, device: make_toy(), torch.device("cpu"))
    hub.run(Fetch("tiny"))
    (folder / NAME).unlink()
    assert hub.run(Fetch("tiny")).path.read_bytes() == CONTENT


def test_a_download_does_not_wait_for_the_device(site: Site) -> None:
    hub = Hub(lambda key, device: make_toy(), torch.device("cpu"))
    busy, done = threading.Event(), threading.Event()

    @dataclass(frozen=True)
    class Long:
        def answer(self, hub: Hub, progress: object) -> int:
            busy.set()
            done.wait()
            return 1

    worker = threading.Thread(target=hub.run, args=(Long(),))
    worker.start()
    busy.wait()
    assert hub.run(Fetch("tiny")).bytes == len(CONTENT)
    done.set()
    worker.join()


@pytest.mark.parametrize("report", range(5))
def test_stop_at_any_report_leaves_no_file_to_be_mistaken_for_the_whole(report: int, site: Site, folder: Path) -> None:
    with pytest.raises(Cancelled):
        Fetch("tiny").answer(None, Notes(stop_at=report))
    assert not (folder / NAME).exists()
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT
    assert parts(folder) == []


def test_stop_does_not_wait_for_a_silent_server(site: Site) -> None:
    site.silent = True
    with pytest.raises(Cancelled):
        Fetch("tiny").answer(None, Notes(stop_at=3))


def test_a_broken_download_goes_on_from_where_it_was(site: Site, folder: Path) -> None:
    site.stops_after = 300_000
    assert "ended after 0.3 of 0.8 MB; try again, and it goes on from there" in failure()
    assert not (folder / NAME).exists()
    site.stops_after = None
    Fetch("tiny").answer()
    assert site.ranges == [None, "bytes=300000-"]
    assert (folder / NAME).read_bytes() == CONTENT
    assert parts(folder) == []


def test_a_server_that_cannot_continue_begins_anew(site: Site, folder: Path) -> None:
    site.stops_after, site.continues = 300_000, False
    failure()
    site.stops_after = None
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_a_part_that_went_bad_costs_one_more_try(site: Site, folder: Path) -> None:
    site.stops_after = 300_000
    failure()
    (part,) = parts(folder)
    part.write_bytes(bytes(300_000))
    site.stops_after = None
    assert "not the file that was asked for" in failure()
    assert parts(folder) == []
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_thrown_away(site: Site, folder: Path) -> None:
    site.stops_after = 300_000
    failure()
    (part,) = parts(folder)
    part.write_bytes(CONTENT * 2)
    site.stops_after = None
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_a_part_that_the_server_refuses_to_continue_is_thrown_away(site: Site, folder: Path) -> None:
    site.stops_after = 300_000
    failure()
    site.stops_after, site.content = None, CONTENT[:1000]
    assert "answered 416" in failure()
    site.content = CONTENT
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_what_a_dead_process_left_is_continued_and_old_leftovers_are_swept(site: Site, folder: Path) -> None:
    folder.mkdir(parents=True)
    long, short = folder / f"{NAME}.aaaaaaaa.part", folder / f"{NAME}.bbbbbbbb.part"
    busy, stale = folder / f"{NAME}.cccccccc.part", folder / "other-12345678.pth.dddddddd.part"
    for path, size in ((long, 500_000), (short, 100), (busy, 600_000), (stale, 10)):
        path.write_bytes(CONTENT[:size])
    for path, age in ((long, 300), (short, 300), (stale, 8 * 86400)):
        os.utime(path, (time.time() - age,) * 2)
    Fetch("tiny").answer()
    assert site.ranges == ["bytes=500000-"]
    assert parts(folder) == [busy]  # another process is writing that one


def test_two_visitors_cause_one_download(site: Site) -> None:
    site.silent = True
    started, over = threading.Event(), threading.Event()

    def first(fraction: float, note: str = "") -> None:
        started.set()
        if over.is_set():
            raise Cancelled

    def visit() -> None:
        with suppress(Cancelled):
            Fetch("tiny").answer(None, first)

    worker = threading.Thread(target=visit)
    worker.start()
    started.wait()
    with pytest.raises(Cancelled):
        Fetch("tiny").answer(None, Notes(word="somebody else is downloading"))
    over.set()
    worker.join()
    assert len(site.ranges) == 1


def test_a_damaged_file_is_replaced(site: Site, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(bytes(len(CONTENT)))
    with pytest.raises(MissingWeights, match="damaged and was not used"):
        build.load("tiny", torch.device("cpu"))
    assert [path.name for path in folder.iterdir()] == [NAME + DAMAGED]
    (folder / NAME).write_bytes(bytes(len(CONTENT)))
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT
    assert parts(folder) == []


def test_an_error_of_the_server_is_passed_on(site: Site, folder: Path) -> None:
    site.status = 404
    assert f"answered 404 (Not Found) for {site.address}" in failure()
    assert parts(folder) == []


def test_a_web_page_is_not_mistaken_for_weights(site: Site, folder: Path) -> None:
    site.kind, site.content = "text/html; charset=utf-8", b"<html>Please log in"
    assert "a web page came in its place; perhaps this network asks for a login" in failure()
    assert parts(folder) == []


def test_a_file_of_another_size_is_refused_before_it_is_fetched(site: Site, folder: Path) -> None:
    site.content = CONTENT * 2
    assert "offers 1.5 MB where 0.8 MB were expected" in failure()
    assert parts(folder) == []


def test_a_server_that_never_ends_is_cut_off(site: Site, folder: Path) -> None:
    site.content, site.says_length = CONTENT * 2, False
    assert "sends more than" in failure()
    site.content = CONTENT
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_wrong_bytes_are_deleted(site: Site, folder: Path) -> None:
    site.content = bytes(reversed(CONTENT))
    assert "what the server sent is not the file that was asked for; it was deleted" in failure()
    assert list(folder.iterdir()) == []


def test_a_server_that_falls_silent_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stream.SILENCE <= 20
    monkeypatch.setattr(stream, "SILENCE", 0.3)
    site.silent = True
    words = failure()
    assert "127.0.0.1" in words
    assert "has not answered for" in words or "timed out" in words


def test_without_a_network_the_message_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        offer(monkeypatch, f"http://127.0.0.1:{taken.getsockname()[1]}/{NAME}")
        assert "there is no connection to 127.0.0.1" in failure()
    assert parts(folder) == []


def test_a_read_only_home_is_named(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *arguments: Any, **options: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert f"{folder} cannot be written (Read-only file system)" in failure()
    assert build.load(DEFAULT, torch.device("cpu")).labels


def test_a_home_that_is_a_file_is_named(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "file"))
    assert "cannot be written" in failure()


def test_a_disk_that_fills_up_keeps_nothing(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def full(self: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        file = real(self, mode, *arguments, **options)
        if "b" in mode and mode[0] in "aw":
            return Full(file)
        return file

    class Full:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *exception: object) -> None:
            self.file.close()

        def write(self, data: bytes) -> int:
            self.file.write(data[:1000])
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    assert "the disk is full; the unfinished file was deleted" in failure()
    assert parts(folder) == []


def test_a_disk_without_room_is_told_before_the_download(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 100_000})())
    assert "the disk has 0 MB free and 1 MB are needed" in failure()
    assert site.ranges == []
