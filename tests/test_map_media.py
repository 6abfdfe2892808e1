"""What a map fetches by itself: points while they are laid out, never the same twice, and thumbnails row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from starlette.requests import Request
from starlette.responses import Response

from pages.ui import media
from xai_core.embedding.underway import packed, underway
from xai_core.errors import LibraryError
from xai_core.library.home import VARIABLE


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


def fetched(address: str) -> Response:
    path, _, query = address.partition("?")
    _, kind, token = path.split("/")
    params = {"kind": kind, "token": token}
    return media._serve(Request({"type": "http", "path_params": params, "query_string": query.encode(), "headers": []}))


def test_points_under_way_are_fetched_as_they_are_now() -> None:
    address = media.url("live", media.Drawing("a-run"))
    assert fetched(address).body == b""
    for step in range(2):
        places = np.random.default_rng(step).normal(size=(10_000, 2)).astype(np.float32)
        with underway("a-run") as running:
            running.show(places)
            answer = fetched(address)
            assert answer.body == packed(places)
            assert len(answer.body) == 40_000
            assert answer.headers["cache-control"] == "no-store"
    assert fetched(address).body == b""


def test_thumbnails_are_fetched_by_row_and_no_other_file_is(tmp_path: Path) -> None:
    def path(row: int) -> Path:
        if row == 7:
            raise LibraryError("it was removed")
        if row > 2:
            raise ValueError(f"there is no row {row}")
        return tmp_path / f"{row}.jpg"

    (tmp_path / "1.jpg").write_bytes(b"the second")
    address = media.url("row", media.Thumbnails("these", path))
    assert fetched(f"{address}?row=1").body == b"the second"
    refused = {"": 400, "?row=": 400, "?row=../1": 400, "?row=3": 400, "?row=0": 404, "?row=7": 404}
    assert {asked: fetched(f"{address}{asked}").status_code for asked in refused} == refused
