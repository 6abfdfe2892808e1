"""Work that nothing can interrupt, done once in a thread of its own: those who need it wait, and may leave."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from xai_core.progress import Progress

K = TypeVar("K")
log = logging.getLogger("second-look")
LOOK = 0.2  # seconds between two reports of one who waits


class Aside(Generic[K]):
    """`work` is called once for each key; whoever stops waiting leaves it to be finished for the next."""

    def __init__(self, work: Callable[[K], None]) -> None:
        self._work, self._begun, self._turn = work, dict[K, Future[None]](), threading.Lock()

    def wait(self, key: K, progress: Progress, note: str) -> None:
        """Until the work is done for this key, and none is under way for another.

        What `progress` raises goes through at once. What the work raises is raised to all who wait for it, and the next
        one tries again.
        """
        with self._turn:
            found = self._begun.get(key)
            if found is None or (found.done() and found.exception()):
                found = self._begun[key] = Future()
                # at the end of the process nobody waits for it
                threading.Thread(target=self._run, args=(key, found, self._others(key)), daemon=True).start()
            waited = [found, *self._others(key)]
        while wait(waited, LOOK).not_done:
            progress(0.0, note)
        found.result()

    def _others(self, key: K) -> list[Future[None]]:
        return [each for other, each in self._begun.items() if other != key]

    def _run(self, key: K, told: Future[None], before: list[Future[None]]) -> None:
        wait(before)
        try:
            self._work(key)
        except Exception as error:
            log.exception("what was done aside went wrong")  # perhaps nobody waits for it any more
            told.set_exception(error)
        else:
            told.set_result(None)
