"""Ask for answers without waiting: submit requests, watch them, stop them.

Two executors share one interface, `submit(request) -> Job` and `cancel(job)`: `Inline` computes at once in this
process (notebooks, tests); `Worker` is the dashboard's, one process that owns the device. A worker that dies
costs the request it was computing; whatever was waiting goes to its successor.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from xai_core.errors import XaiError, out_of_memory
from xai_core.launch import start
from xai_core.library.home import of_the_disk, told
from xai_core.progress import Cancelled
from xai_core.wire import Sender

if TYPE_CHECKING:
    from xai_core.hub import Hub

State = Literal["waiting", "running", "done", "failed", "refused", "stopped"]
ENDED: frozenset[State] = frozenset({"done", "failed", "refused", "stopped"})
LAST_WORDS = 3.0  # seconds that a process has to stop what it is doing, and to leave nothing behind
KILLED = -9  # the exit code of a process that the system, or somebody, ended
STRIKES = 2  # a request that has ended two workers is not given a third


@dataclass(eq=False)
class Job:
    """What a page sees of one request. Only its executor writes it."""

    request: Hashable
    urgent: bool = False  # goes ahead of whatever is not, between two batches
    id: int = field(default_factory=itertools.count(1).__next__)
    state: State = "waiting"
    fraction: float = 0.0
    note: str = ""
    result: Any = None
    message: str = ""  # why it failed or was refused, for a person
    started: float | None = None  # time.monotonic()
    strikes: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def report(self, fraction: float, note: str) -> None:
        if self.state == "waiting":
            self.state, self.started = "running", time.monotonic()
        self.fraction, self.note = fraction, note

    def end(self, state: State, value: Any) -> None:
        if state == "done":
            self.result, self.fraction = value, 1.0
        else:
            self.message = str(value or "")
        self.state = state
        self.ended.set()

    @property
    def again(self) -> bool:
        """Whether it ended without an answer and the same request may get one another time."""
        return self.state in ("failed", "stopped")

    def seconds_left(self) -> float | None:
        """An estimate from the pace so far; None until there is a pace."""
        if self.state != "running" or self.started is None or self.fraction < 0.02:
            return None
        return (time.monotonic() - self.started) * (1 - self.fraction) / self.fraction


class Executor(Protocol):
    """Whatever answers requests."""

    def submit(self, request: Hashable, urgent: bool = False) -> Job: ...

    def cancel(self, job: Job) -> None: ...


def on_device(request: object) -> bool:
    """Whether it takes the device's turn and its answer is remembered; what asks about files or memory is neither."""
    return bool(getattr(request, "on_device", True))


def outcome(error: Exception) -> tuple[State, str]:
    """How a failed request ends, in words for a person; a surprise is left for the log to explain."""
    if isinstance(error, Cancelled):
        return "stopped", ""
    if isinstance(error, XaiError):
        return ("failed" if error.again else "refused"), str(error)
    if isinstance(error, OSError) and of_the_disk(error):
        return "failed", told("This was not finished", error)
    if out_of_memory(error):
        return "failed", (
            "The computer’s memory does not suffice for this. Close other programs, or ask for less at once: fewer "
            "pictures, or a smaller model."
        )
    return "failed", "Something went wrong on our side; the details are in the server's log. Try again."


class Inline:
    """Computes in the calling thread; a job has ended when `submit` returns."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def submit(self, request: Hashable, urgent: bool = False) -> Job:
        job = Job(request, urgent)
        try:
            job.end("done", self._hub.run(request, job.report))  # type: ignore[arg-type]
        except XaiError as error:
            job.end(*outcome(error))
        return job

    def cancel(self, job: Job) -> None:
        """Nothing to do: it has ended."""


class Worker:
    """One process that owns the device. Thread-safe; starts its process when first needed, and again when it dies."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self._environment = {**os.environ, **(environment or {})}
        self._lock = threading.RLock()
        self._jobs: dict[int, Job] = {}
        self._sender: Sender | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def submit(self, request: Hashable, urgent: bool = False) -> Job:
        job = Job(request, urgent)
        with self._lock:
            self._jobs[job.id] = job
            self._running().run(job.id, urgent, request)
        return job

    def cancel(self, job: Job) -> None:
        with self._lock:
            if job.id in self._jobs:
                job.strikes = STRIKES  # should the worker die now, nobody wants this one again
                self._running().cancel(job.id)

    def close(self) -> None:
        """End the process and every job; for tests and shutdown. What is under way has a moment to clear up."""
        with self._lock:
            process, sender, self._sender = self.process, self._sender, None
            for job in self._jobs.values():
                job.strikes = STRIKES
        if sender is not None:
            sender.end()
        if process is not None:
            try:
                process.wait(LAST_WORDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _running(self) -> Sender:
        if self._sender is None:
            self._sender = Sender()
            threading.Thread(target=self._live, args=(self._sender,), daemon=True).start()
        return self._sender

    def _live(self, sender: Sender) -> None:
        """One process from its start to its end, on a thread of its own: nobody who submits waits for it."""
        try:
            process, connection = start(self._environment)
        except OSError as error:
            return self._give_up(sender, error)
        self.process = process
        sender.connect(connection)
        heard = False
        while True:
            try:
                kind, number, value = connection.recv()
            except (EOFError, OSError):
                return self._bury(sender, process.wait(), heard)
            heard = True
            with self._lock:
                if kind == "picture?":
                    sender.picture(value)
                elif (job := self._jobs.get(number)) is None:
                    continue
                elif kind == "progress":
                    job.report(*value)
                else:
                    del self._jobs[number]
                    job.end(kind, sender.answer(number, value) if kind == "done" else value)
                    sender.forget(number)

    def _give_up(self, sender: Sender, error: OSError) -> None:
        """There is no process and none to come: say so to all who wait."""
        with self._lock:
            if self._sender is sender:
                self._sender = None
            for job in self._jobs.values():
                job.end(
                    "failed",
                    f"The program that computes could not be started ({error.strerror or type(error).__name__}). "
                    "Close other programs, make room on the disk, and try again.",
                )
            self._jobs.clear()

    def _bury(self, sender: Sender, code: int, heard: bool) -> None:
        """The process is gone: end what it was computing twice over, hand the rest to a new one."""
        with self._lock:
            if self._sender is sender:
                self._sender = None
            for job in list(self._jobs.values()):
                job.strikes += job.state == "running" or not heard
                if job.strikes >= STRIKES:
                    del self._jobs[job.id]
                    job.end("failed", _why(code))
                else:
                    job.state, job.fraction, job.started = "waiting", 0.0, None
                    self._running().run(job.id, job.urgent, job.request)


def _why(code: int) -> str:
    """Why there is no answer, from how the process ended."""
    if code == KILLED:
        return (
            f"The program that was computing this was ended by the system (exit code {code}), as happens when the "
            "computer’s memory runs out. Close other programs, or ask for less at once: fewer pictures, smaller models."
        )
    return f"The program that was computing this ended (exit code {code}). Try other settings."
