"""Progress on the line below a notebook's cell, or in a terminal."""

from __future__ import annotations

import sys

WIDTH = 100  # letters of the line: a shorter text must cover a longer one


def show_progress(fraction: float, note: str = "") -> None:
    """To be handed over as `progress`: how much is done, and what is being done."""
    end = "\n" if fraction >= 1 else ""
    sys.stderr.write(f"\r{f'{fraction:4.0%}  {note}'[:WIDTH]:<{WIDTH}}{end}")
    sys.stderr.flush()
