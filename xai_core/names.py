"""How a name that a stranger chose is shown: safely, legibly and never mistaken for another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

LENGTH = 80  # characters

_JOINERS = "\u200c\u200d"  # Persian words and emoji families need them; they move no text around
_HIDDEN = {"Cc", "Cf", "Zl", "Zp"}  # control, format (bidi included), line and paragraph separators
_ENDING = re.compile(r"\.[^\W_]{1,10}$")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# emoji codes, web and mail addresses and arrows are found again after unescaping, so break them invisibly
_REVIVED = re.compile(r"(?<=[:@])|(?<=[-<>~])(?=[-<>=])|(?<=www)(?=\.)", re.IGNORECASE)
_JOINER = "\u2060"  # zero width, no line break


def safe_label(name: str) -> str:
    """The file's own name without folders, NFC, no control or bidi characters, 1 to 80 characters.

    The ending survives shortening; a half surrogate becomes U+FFFD; applying it twice changes nothing.
    """
    shown = _legible(re.split(r"[/\\]", name.rstrip("/\\"))[-1])
    if not shown.strip(". " + _JOINERS):
        return "unnamed"
    return _shortened(shown, "")


def safe_text(text: str) -> str:
    """A few words that a stranger wrote, to be shown and never used as a path: NFC, one line, no control or bidi
    characters, 0 to 80 characters."""
    return _shortened(_legible(text), "")


def as_text(label: str) -> str:
    """The text as Markdown that shows it letter for letter: no link, image, formula, colour or emoji code."""
    return _PUNCTUATION.sub(r"\\\1", _REVIVED.sub(_JOINER, " ".join(label.split())))


def unique(label: str, taken: Collection[str]) -> str:
    """`label`, or "photo (2).jpg", "photo (3).jpg", ... whichever is first not in `taken`."""
    shown, number = label, 1
    while shown in taken:
        number += 1
        shown = _shortened(label, f" ({number})")
    return shown


def different(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels, with numbers after those that an earlier one is called too."""
    found: dict[str, None] = {}
    for label in labels:
        found[unique(label, found)] = None
    return tuple(found)


def _legible(text: str) -> str:
    shown = "".join(_visible(letter) for letter in text)
    return " ".join(unicodedata.normalize("NFC", shown).split())


def _visible(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cs":
        return "\ufffd"  # cannot be sent to a browser
    if kind == "Zs" or letter in "\t\n\r":
        return " "
    return "" if kind in _HIDDEN and letter not in _JOINERS else letter


def _shortened(label: str, mark: str) -> str:
    """`label` with `mark` before its ending, cut in the middle to `LENGTH` characters."""
    found = _ENDING.search(label)
    ending = found.group() if found and found.start() > 0 else ""
    stem = label[: len(label) - len(ending)]
    room = LENGTH - len(ending) - len(mark)
    if len(stem) > room:
        stem = stem[: room - 1].rstrip() + "…"
    return stem + mark + ending
