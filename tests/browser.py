"""A Streamlit server and a Chromium for tests that look at real screens."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds; waits end as soon as what is awaited is there
USUAL_CLOCK = "String(setTimeout).includes('[native code]')"


@contextmanager
def chromium_browser() -> Iterator[Browser]:
    """The system's Chromium. Without one the test is skipped, except where CI says that it must be there."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        _idle.pop(browser, None)
        browser.close()


@contextmanager
def streamlit_server(folder: Path, log: Path, environment: dict[str, str] | None = None) -> Iterator[str]:
    """`streamlit run app.py` in `folder`; yields its address. A traceback in its log fails the test at the end."""
    port = _free_port()
    options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    command = [sys.executable, "-X", "faulthandler", "-m", "streamlit", "run", "app.py", *options]
    quiet = ["--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*command, *quiet],
            cwd=folder,
            # what a closed page asked for would be computed for a minute more, beside the next test
            env={**os.environ, "SECOND_LOOK_GONE_AFTER": "2", **(environment or {})},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(server, log)
    assert "Traceback" not in log.read_text(), log.read_text()


def _end(server: subprocess.Popen[bytes], log: Path) -> None:
    """As somebody would from the keyboard: asked a second time, it no longer waits for browsers that read no more."""
    for sign, patience in ((signal.SIGTERM, 20), (signal.SIGINT, 30)):
        server.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(patience)
            return
    server.send_signal(signal.SIGABRT)  # its log then says what every thread was waiting for
    server.wait()
    pytest.fail(f"the server did not end: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        with contextlib.suppress(subprocess.TimeoutExpired):
            pytest.fail(f"the server ended with {server.wait(0.05)}: {log.read_text()}")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            if answer.read() == b"ok":
                return
    pytest.fail(f"the server never became healthy: {log.read_text()}")


class Traffic:
    """What a page sent, and what it complained about."""

    def __init__(self, page: Page, url: str) -> None:
        self.requests: list[str] = []
        self.frames = 0
        self.complaints: list[str] = []
        self._here = (url, url.replace("http", "ws", 1), "data:", "blob:")
        self._page = page
        self._heard = {
            "request": lambda request: self.requests.append(request.url),
            "websocket": lambda socket: socket.on("framesent", self._count),
            "pageerror": lambda error: self.complaints.append(str(error)),
            "console": self._told,
        }
        for event, hear in self._heard.items():
            page.on(event, hear)  # type: ignore[call-overload]

    def close(self) -> None:
        """Hear no more: the next visitor has the tab."""
        for event, hear in self._heard.items():
            self._page.remove_listener(event, hear)

    def _told(self, line: ConsoleMessage) -> None:
        looking = "/_stcore/" in line.location["url"].removeprefix(f"{self._here[0]}/_stcore/")
        if line.type == "error" and not looking:  # for its server, under the page's own address first: Streamlit's way
            self.complaints.append(line.text)

    def _count(self, _frame: object) -> None:
        self.frames += 1

    @property
    def outside(self) -> list[str]:
        return [each for each in self.requests if not each.startswith(self._here)]


def at_rest(page: Page) -> None:
    """Until the page's run has ended and what it drew has its place: only then is nothing more on its way."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


_idle: dict[Browser, list[Page]] = {}


@contextmanager
def tab(browser: Browser) -> Iterator[Page]:
    """An empty tab as a new visitor has it, alone with its cookies and its storage.

    Another visitor may have had it before: what the browser had to compile of Streamlit's page stays compiled, which
    costs more than most tests. A tab goes to nobody else if a test failed in it or has put its own clock there.
    """
    waiting = _idle.setdefault(browser, [])
    page = waiting.pop() if waiting else browser.new_context().new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    try:
        yield page
        page.mouse.up()
        page.mouse.move(0, 0)
        page.unroute_all()
        usual = page.evaluate(f"localStorage.clear(), sessionStorage.clear(), {USUAL_CLOCK}")
        page.goto("about:blank")  # the visit ends
        page.context.clear_cookies()
    except BaseException:
        page.context.close()
        raise
    if usual:
        waiting.append(page)
    else:
        page.context.close()


@contextmanager
def visit(browser: Browser, url: str, path: str = "/") -> Iterator[tuple[Page, Traffic]]:
    """A visitor's page; errors in its console and requests to other places fail the test."""
    with tab(browser) as page:
        traffic = Traffic(page, url)
        page.goto(url + path)
        yield page, traffic
        traffic.close()
    assert not traffic.complaints
    assert not traffic.outside
