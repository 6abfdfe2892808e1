"""Uploads wait in the library until they are imported, within limits, and no longer than a day."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xai_core.datasets.importing import ImportDataset
from xai_core.errors import LibraryError
from xai_core.library import incoming
from xai_core.library.home import VARIABLE
from xai_core.limits import UPLOAD_BYTES

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def kept_in(library: Path) -> list[str]:
    return sorted(path.name for path in (library / "incoming").iterdir() if path.is_dir())


@pytest.mark.parametrize("staged", ["gone", "../datasets", "", "a/b"])
def test_an_upload_that_is_gone_or_never_was_is_asked_for_again(staged: str) -> None:
    with pytest.raises(LibraryError, match=r"no longer there\. Upload them again"):
        ImportDataset(staged, "Pets").answer()


def test_an_upload_that_is_too_large_is_refused_and_not_kept(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "UPLOAD_BYTES", 10)
    monkeypatch.setattr(incoming, "UPLOAD_FILES", 2)
    with pytest.raises(LibraryError, match="These files are more than"):
        incoming.stage([("a.jpg", b"123456"), ("b.jpg", b"123456")])
    with pytest.raises(LibraryError, match="These are more than 2 files"):
        incoming.stage([("a.jpg", b"1")] * 3)
    assert kept_in(library) == []
    assert UPLOAD_BYTES >= 2**30


def test_an_upload_that_nobody_imports_is_swept_after_a_day(library: Path) -> None:
    old, new = incoming.stage([("a.jpg", b"1")]), incoming.stage([("a.jpg", b"1")])
    os.utime(library / "incoming" / old, (time.time() - 90_000,) * 2)
    incoming.stage([])
    assert not (library / "incoming" / old).exists()
    assert (library / "incoming" / new).exists()


def test_an_upload_of_a_server_that_was_killed_is_swept_and_one_of_a_living_server_is_not(library: Path) -> None:
    own = incoming.stage([("a.jpg", b"1")])
    code = "from xai_core.library import incoming\nprint(incoming.stage([('a.jpg', b'1')]), flush=True)\ninput()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    other = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, **pipes)
    staged = other.stdout.readline().strip()
    incoming.sweep()
    assert kept_in(library) == sorted([own, staged])
    other.kill()
    other.wait()
    incoming.sweep()
    assert kept_in(library) == [own]
