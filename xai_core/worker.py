"""The process that owns the device: requests in, progress and answers out. Started by `jobs.Worker`.

One request computes at a time. Between two batches of one that is not urgent, urgent ones are answered first;
requests that do not use the device (downloads) run beside it, in threads of their own.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from xai_core import hooks
from xai_core.errors import XaiError
from xai_core.hub import Hub
from xai_core.jobs import LAST_WORDS, on_device, outcome
from xai_core.launch import connect
from xai_core.picture import Picture
from xai_core.progress import Cancelled
from xai_core.wire import Pictures, pack, unpack

log = logging.getLogger("second-look")


@dataclass(frozen=True)
class Task:
    """One request as it arrived."""

    number: int
    urgent: bool
    request: Any


class Server:
    """Reads the pipe on one thread and computes on another."""

    def __init__(self, connection: Connection[Any, Any], hub: Hub) -> None:
        self._connection, self._hub, self._pictures = connection, hub, Pictures()
        self._sending, self._cancelled = threading.Lock(), set[int]()
        self._short, self._long = deque[Task](), deque[Task]()
        self._incoming: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._unread: dict[str, list[tuple[int, bool, bytes]]] = {}  # requests that wait for a picture, by digest
        self._beside: list[threading.Thread] = []  # requests that do not use the device
        self._over = False

    def serve(self) -> None:
        """Answer until the other side hangs up."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            self._collect(wait=not (self._short or self._long))
            if self._over:
                break
            self._answer((self._short or self._long).popleft())
        for thread in self._beside:
            thread.join(LAST_WORDS)

    def _send(self, kind: str, number: int, value: object) -> None:
        with self._sending:
            self._connection.send((kind, number, value))

    def _listen(self) -> None:
        try:
            while True:
                kind, number, value = self._connection.recv()
                if kind == "end":
                    break
                if kind == "cancel":
                    self._cancelled.add(number)
                elif kind == "picture":
                    self._pictures.keep(Picture(*value))
                    for waiting in self._unread.pop(value[0], []):
                        self._take(*waiting)
                else:
                    self._take(number, *value)
        except (EOFError, OSError):
            pass  # it has gone without a word
        self._over = True  # whatever is under way stops at its next report
        self._incoming.put(None)

    def _take(self, number: int, urgent: bool, data: bytes) -> None:
        try:
            request = unpack(data, self._pictures.get)
        except KeyError as missing:
            (digest,) = missing.args
            self._unread.setdefault(digest, []).append((number, urgent, data))
            self._send("picture?", 0, digest)
            return
        task = Task(number, urgent, request)
        if on_device(request):
            self._incoming.put(task)
        else:
            thread = threading.Thread(target=self._answer, args=(task,), daemon=True)
            self._beside = [*(each for each in self._beside if each.is_alive()), thread]
            thread.start()

    def _collect(self, wait: bool = False) -> None:
        """Sort what has arrived into the two queues; with `wait`, until there is something to do."""
        while wait or not self._incoming.empty():
            task = self._incoming.get()
            if task is None:
                self._over = True
                return
            (self._short if task.urgent else self._long).append(task)
            wait = False

    def _answer(self, task: Task) -> None:
        def progress(fraction: float, note: str = "") -> None:
            if on_device(task.request):
                self._let_urgent_ones_pass(task)
            if self._over or task.number in self._cancelled:
                raise Cancelled
            self._send("progress", task.number, (fraction, note))

        try:
            progress(0.0, "starting")
            data, _ = pack(self._hub.run(task.request, progress))
            kind, value = "done", data
        except Exception as error:
            kind, value = outcome(error)  # type: ignore[assignment]
            if kind == "failed" and not isinstance(error, XaiError):
                log.exception("request %s failed", task.number)
        self._cancelled.discard(task.number)
        self._send(kind, task.number, value)

    def _let_urgent_ones_pass(self, task: Task) -> None:
        # an open hook would change what the other request computes
        if task.urgent or hooks.touched():
            return
        self._collect()
        while self._short:
            self._answer(self._short.popleft())


def main() -> None:
    """Connect to the process that started this one, and answer it until it hangs up."""
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    connection = connect()
    from xai_core.build import load

    try:
        Server(connection, Hub(load)).serve()
    except OSError:
        return  # the dashboard has closed its end


if __name__ == "__main__":
    main()
    logging.shutdown()
    os._exit(0)  # everything is cleared up; taking torch apart would cost whoever waits for the end another 1.5 s
