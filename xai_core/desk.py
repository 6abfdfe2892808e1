"""Everybody's requests in one place: each computed once, shared by all who ask, stopped when nobody wants it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from xai_core.jobs import ENDED, Executor, Job, on_device
from xai_core.store import Store

ANSWER_BYTES = 512 * 2**20
GONE_AFTER = 60.0  # seconds; a blip of the network must not cost a visitor their work
FAILURES_HELD = 500


class Desk:
    """Requests of many visitors ("owners") on one executor. Thread-safe; nothing here ever waits for an answer."""

    def __init__(self, executor: Executor, gone_after: float = GONE_AFTER) -> None:
        self._executor, self._gone_after = executor, gone_after
        self._answers = Store(ANSWER_BYTES)
        self._live: dict[Hashable, tuple[Job, set[str]]] = {}
        self._failed: OrderedDict[tuple[str, Hashable], Job] = OrderedDict()  # what an owner has to be told
        self._leaving: dict[str, threading.Timer] = {}
        self._lock = threading.RLock()

    def ask(self, request: Hashable, owner: str, urgent: bool = False) -> Job:
        """The job that answers this request: finished, under way, or begun now.

        A request that failed, was refused or was stopped stays so for its owner until `retry`.
        """
        with self._lock:
            self._collect()
            if (answer := self._answers.get(request)) is not None:
                return _finished(request, answer)
            if (ended := self._failed.get((owner, request))) is not None:
                return ended
            if request not in self._live:
                self._live[request] = (self._executor.submit(request, urgent), set())
            job, owners = self._live[request]
            owners.add(owner)
            return job

    def known(self, request: Hashable) -> object | None:
        """The answer, if there is one already."""
        with self._lock:
            self._collect()
            return self._answers.get(request)

    def stop(self, request: Hashable, owner: str) -> None:
        """This owner no longer wants it; it ends once nobody does, and stays stopped for this owner."""
        with self._lock:
            self._collect()
            if request in self._live and owner in self._live[request][1]:
                self._leave(request, owner)
                stopped = Job(request)
                stopped.end("stopped", "")
                self._remember(owner, stopped)

    def retry(self, request: Hashable, owner: str) -> None:
        """Forget that it failed; the next `ask` begins anew."""
        with self._lock:
            self._failed.pop((owner, request), None)

    def keep_only(self, requests: set[Hashable], owner: str) -> None:
        """Drop whatever this owner is waiting for that is not among `requests`."""
        with self._lock:
            for request in [r for r, (_, owners) in self._live.items() if owner in owners and r not in requests]:
                self._leave(request, owner)

    def here(self, owner: str) -> None:
        """The owner is (still, or again) with us."""
        with self._lock:
            if (timer := self._leaving.pop(owner, None)) is not None:
                timer.cancel()

    def gone(self, owner: str) -> None:
        """The owner's connection closed: drop their requests unless they return within a minute."""
        timer = threading.Timer(self._gone_after, self._forget, (owner,))
        timer.daemon = True
        with self._lock:
            self.here(owner)
            self._leaving[owner] = timer
        timer.start()

    def _forget(self, owner: str) -> None:
        with self._lock:
            self._leaving.pop(owner, None)
            self.keep_only(set(), owner)
            for key in [key for key in self._failed if key[0] == owner]:
                del self._failed[key]

    def _leave(self, request: Hashable, owner: str) -> None:
        job, owners = self._live[request]
        owners.discard(owner)
        if not owners:
            del self._live[request]
            self._executor.cancel(job)

    def _collect(self) -> None:
        """Move what has ended out of the live requests."""
        for request, (job, owners) in list(self._live.items()):
            if job.state not in ENDED:
                continue
            del self._live[request]
            if job.state == "done":
                # a download is done once, not true for ever; and what somebody cut short answers nobody else
                if on_device(request) and getattr(job.result, "complete", True):
                    self._answers.put(request, job.result)
            else:
                for owner in owners:
                    self._remember(owner, job)

    def _remember(self, owner: str, job: Job) -> None:
        self._failed[owner, job.request] = job
        while len(self._failed) > FAILURES_HELD:
            self._failed.popitem(last=False)


def _finished(request: Hashable, answer: object) -> Job:
    job = Job(request)
    job.end("done", answer)
    return job
