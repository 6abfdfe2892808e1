"""How long computations tell the world how far they are, and how they are stopped.

A `Progress` is any callable `progress(fraction, note)`. Core code calls it once per batch, outside every
hook and lock it does not hold by `with`. A caller cancels by raising from inside the callable.
"""

from collections.abc import Callable

Progress = Callable[[float, str], None]


class Cancelled(Exception):
    """Raised inside a `Progress` to stop the computation that reports to it."""


def silent(fraction: float, note: str = "") -> None:
    """Ignore all reports."""


def part(progress: Progress, start: float, stop: float) -> Progress:
    """The [0, 1] of a sub-task as [start, stop] of the whole."""

    def report(fraction: float, note: str = "") -> None:
        progress(start + fraction * (stop - start), note)

    return report
