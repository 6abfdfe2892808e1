"""A selection as a short text, for an address: runs of rows, as in "3-17.20", or "_" and a packed bit for each row."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

import numpy as np

from pages.ui.components.scatter_view import Rows

LONGEST = 3500  # letters: an address of 4,000 in all goes through every browser, server and chat that we know of
PACKED = "_"  # no run begins so, and no address has to escape it
_RUNS = re.compile(r"\d{1,7}(-\d{1,7})?(\.\d{1,7}(-\d{1,7})?)*", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z0-9_-]+")


def to_text(rows: Rows, count: int) -> str:
    """Whichever is shorter, for rows of so many; "" for none, and for more than an address can hold."""
    bits = np.zeros(count, np.uint8)
    bits[rows[rows < count]] = 1
    if not bits.any():
        return ""
    packed = PACKED + _to_letters(zlib.compress(np.packbits(bits).tobytes(), 9))
    text = min(_runs(bits), packed, key=len)
    return text if len(text) <= LONGEST else ""


def from_text(text: str, count: int) -> Rows:
    """The rows, rising; those that are not among so many are left out. ValueError for anything but a selection."""
    if len(text) > LONGEST:
        raise ValueError(f"a selection has at most {LONGEST} letters, got {len(text)}")
    if text.startswith(PACKED):
        return _unpacked(text.removeprefix(PACKED), count)
    if not _RUNS.fullmatch(text):
        raise ValueError("a selection looks like 3-17.20")
    bits = np.zeros(count, bool)
    for run in text.split("."):
        first, _, last = run.partition("-")
        bits[int(first) : int(last or first) + 1] = True
    return np.flatnonzero(bits)


def _runs(bits: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> str:
    """Cut where it is longer than an address can be."""
    edges = np.flatnonzero(np.diff(bits, prepend=0, append=0))[: 2 * LONGEST].reshape(-1, 2)
    return ".".join(f"{first}-{end - 1}" if end - first > 1 else str(first) for first, end in edges)


def _unpacked(text: str, count: int) -> Rows:
    """Never inflates more than a bit for each row, whatever the text is."""
    size = -(-count // 8)
    unpacking = zlib.decompressobj()
    try:
        packed = unpacking.decompress(_from_letters(text), size + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("a packed selection is not complete") from error
    if not unpacking.eof or unpacking.unused_data or len(packed) != size:
        raise ValueError(f"a packed selection must have a bit for each of {count} rows")
    bits = np.unpackbits(np.frombuffer(packed, np.uint8))
    if bits[count:].any():
        raise ValueError(f"a packed selection names a row beyond {count}")
    return np.flatnonzero(bits)


def _to_letters(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_letters(text: str) -> bytes:
    if not _LETTERS.fullmatch(text):
        raise ValueError("a packed selection has letters that no address has")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
