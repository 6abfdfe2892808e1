"""A response from a server, read on a thread of its own: whoever waits for it can stop at any moment."""

from __future__ import annotations

import http.client
import queue
import ssl
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

SILENCE = 20.0  # seconds without a byte before we give up
TICK = 0.2  # seconds between two chances to stop
CHUNK = 2**18  # bytes


class BrokenError(Exception):
    """Why nothing (more) came, as the end of a sentence."""

    def __init__(self, words: str, refused: bool = False) -> None:
        """`refused`: the server was reached and said no."""
        super().__init__(words)
        self.refused = refused


@dataclass(frozen=True)
class Answer:
    """What the server says before it sends anything."""

    continues: bool  # it sends only what our part lacks
    kind: str  # content type
    length: int | None  # bytes to come, where it says so


def arriving(request: Request) -> Generator[Answer | bytes, None, None]:
    """The server's answer, then its bytes; b"" every TICK while nothing comes, so that Stop never waits for a network.

    BrokenError says what went wrong on the way.
    """
    box: queue.Queue[Answer | bytes | Exception | None] = queue.Queue(maxsize=8)
    over = threading.Event()
    threading.Thread(target=_read, args=(request, box, over), daemon=True).start()
    heard = time.monotonic()
    try:
        while True:
            try:
                item = box.get(timeout=TICK)
            except queue.Empty:
                if time.monotonic() - heard > SILENCE:
                    raise BrokenError(
                        f"{urlsplit(request.full_url).netloc} has not answered for {SILENCE:.0f} s"
                    ) from None
                yield b""
                continue
            heard = time.monotonic()
            if item is None:
                return
            if isinstance(item, Exception):
                raise BrokenError(_why(item, request.full_url), refused=isinstance(item, HTTPError)) from item
            yield item
    finally:
        over.set()


def _read(request: Request, box: queue.Queue[Answer | bytes | Exception | None], over: threading.Event) -> None:
    def put(item: Answer | bytes | Exception | None) -> None:
        while not over.is_set():
            try:
                box.put(item, timeout=TICK)
            except queue.Full:
                continue
            return

    try:
        with urlopen(request, timeout=SILENCE) as response:
            length = response.headers.get("Content-Length")
            partial = response.status == http.HTTPStatus.PARTIAL_CONTENT
            put(Answer(partial, response.headers.get_content_type(), int(length) if length else None))
            while not over.is_set() and (chunk := response.read(CHUNK)):
                put(chunk)
        put(None)
    except (OSError, http.client.HTTPException, ValueError) as error:
        put(error)


def _why(error: Exception, url: str) -> str:
    host = urlsplit(url).netloc
    if isinstance(error, HTTPError):
        return f"{host} answered {error.code} ({error.reason}) for {url}"
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLError):
        return f"the connection to {host} is not trusted ({cause}); perhaps a proxy stands in between"
    return f"there is no connection to {host} ({cause})"
