"""The map served alone, for every file of tests that names this one among its `pytest_plugins`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from scatter_app import drawn, served

from browser import visit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scatter")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, url: str) -> Iterator[Page]:
    with visit(chromium, url) as (page, _traffic):
        drawn(page)
        yield page
