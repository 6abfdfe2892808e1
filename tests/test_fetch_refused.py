"""Downloads that end without a file: what the person is told, and what is left on the disk."""

from __future__ import annotations

import errno
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from weights_site import CONTENT, NAME, Site, failure, fresh_home, offer, parts, serving

from xai_core import build, stream
from xai_core.fetch import Fetch
from xai_core.zoo import DEFAULT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return fresh_home(tmp_path, monkeypatch)


@pytest.fixture
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with serving(monkeypatch) as made:
        yield made


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
