"""A selection as a short text, for an address: runs of rows, as in "3-17.20"."""

from __future__ import annotations

import re

import numpy as np

from pages.ui.components.scatter_view import Rows

LONGEST = 1500  # letters: browsers and mail programs cut longer addresses
_RUN = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?")


def to_text(rows: Rows) -> str:
    """ "" for none, and for more than an address can hold."""
    if not len(rows):
        return ""
    ordered = np.unique(rows)
    runs = np.split(ordered, np.flatnonzero(np.diff(ordered) > 1) + 1)
    text = ".".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return text if len(text) <= LONGEST else ""


def from_text(text: str, below: int) -> Rows:
    """The rows, in order, each once and below the limit; what is not a run of rows is passed over."""
    found: set[int] = set()
    for part in text[:LONGEST].split("."):
        if run := _RUN.fullmatch(part):
            first = int(run[1])
            found.update(range(first, min(int(run[2] or first) + 1, below)))
    return np.array(sorted(found), np.intp)
