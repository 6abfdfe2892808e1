"""Uploads wait in the library until they are imported, within limits, and no longer than a day."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from xai_core.datasets.importing import ImportDataset
from xai_core.errors import LibraryError
from xai_core.library import incoming
from xai_core.library.home import VARIABLE
from xai_core.limits import UPLOAD_BYTES


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


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
    assert list((library / "incoming").iterdir()) == []
    assert UPLOAD_BYTES >= 2**30


def test_an_upload_that_nobody_imports_is_swept_after_a_day(library: Path) -> None:
    old, new = incoming.stage([("a.jpg", b"1")]), incoming.stage([("a.jpg", b"1")])
    os.utime(library / "incoming" / old, (time.time() - 90_000,) * 2)
    incoming.stage([])
    assert not (library / "incoming" / old).exists()
    assert (library / "incoming" / new).exists()
