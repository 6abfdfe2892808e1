"""A server on this computer that holds a model's weights, and does with them whatever a test tells it to."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from xai_core import zoo
from xai_core.errors import MissingWeights
from xai_core.fetch import Fetch
from xai_core.progress import Cancelled
from xai_core.weights import MEGABYTE, STILL_WORKS, HubFile
from xai_core.zoo import MODELS

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


def fresh_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where weights are put from now on."""
    monkeypatch.setenv("TORCH_HOME", str(folder / "models"))
    monkeypatch.setenv("no_proxy", "*")
    return folder / "models" / "hub" / "checkpoints"


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
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
