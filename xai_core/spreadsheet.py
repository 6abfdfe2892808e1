"""Tables for a spreadsheet: a word that would be computed as a formula is marked as text, and found again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def as_csv(lines: Iterable[Sequence[object]], quoted: bool = False) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need; no text in it is computed, and None is an empty field.

    With everything `quoted`, no cell is taken for several, whatever is thought to divide them.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in line] for line in lines)
    return file.getvalue().encode("utf-8-sig", errors="replace")


def harmless(text: str) -> str:
    """The text for a cell, with an apostrophe before it where a spreadsheet would compute it; a number stays one.

    `as_meant` of it is the text again.
    """
    return f"'{text}" if _computed(text.lstrip("'")) and not _NUMBER.fullmatch(text) else text


def as_meant(cell: str) -> str:
    """The text of a cell, without the apostrophe that only marks it as text."""
    return cell[1:] if cell.startswith("'") and _computed(cell.lstrip("'")) else cell


def _computed(text: str) -> bool:
    return text.startswith(_FORMULA)
