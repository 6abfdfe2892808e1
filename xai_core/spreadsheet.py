"""Words in a table for a spreadsheet: one that would be computed as a formula is marked as text, and found again."""

from __future__ import annotations

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


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
