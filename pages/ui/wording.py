"""Sentences made of pieces, as Markdown."""

from __future__ import annotations

from xai_core.names import as_text
from xai_core.sentence import Headline


def markdown(told: Headline) -> str:
    """Letter for letter, names in bold; spaces between the pieces stay."""
    words = []
    for piece in told.pieces:
        text = as_text(piece.text)
        before, after = (" " if piece.text[:1].isspace() else ""), (" " if piece.text[-1:].isspace() else "")
        words.append(f"{before}**{text}**{after}" if piece.strong else f"{before}{text}{after}")
    return "".join(words)
