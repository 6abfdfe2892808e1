"""What a model takes for what, as a table and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_core.sentence import Piece, percent


@dataclass(frozen=True)
class Confusion:
    """One kind of mistake."""

    truth: str
    predicted: str
    count: int
    of: int  # pictures of the true class

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """As in "takes sobbit for grookin (5 of 20)"."""
        names = (Piece("takes "), Piece(self.truth, True), Piece(" for "), Piece(self.predicted, True))
        return (*names, Piece(f" ({self.count} of {self.of})"))


def most_frequent(matrix: NDArray[np.int64], rows: tuple[str, ...], columns: tuple[str, ...]) -> Confusion | None:
    """The mistake made most often; `matrix` (truths, predictions) of pictures, the diagonal is right. None without one.

    Of two that are equally frequent, the one that takes the larger share of its class.
    """
    wrong = matrix.astype(np.float64)
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return None
    shares = wrong / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    truth, predicted = np.unravel_index(np.argmax(wrong + shares / 2), wrong.shape)
    of = int(matrix[truth].sum())
    return Confusion(rows[truth], columns[predicted], int(matrix[truth, predicted]), of)


def in_one_sentence(
    title: str, classes: str, right: int, supports: tuple[int, ...], where: str, confusion: Confusion | None
) -> tuple[Piece, ...]:
    """The page's answer, with what always naming the commonest class would get: `supports` pictures of each class.

    `classes`: how many, in words; `where`: what kind of pictures these are, "held-out", or "" for any.
    """
    total = sum(supports)
    pictures = " ".join(filter(None, (f"{total:,}", where, "picture" if total == 1 else "pictures")))
    text = f"{title}, {classes}, {share_in_words(right, total)} on {pictures}"
    compared = f" (always naming the commonest class: {share_in_words(max(supports), total)})"
    start, wrong = Piece(f"{text}{compared}; "), total - right
    if confusion is None:
        return (start, Piece("it takes none for another class."))
    if wrong > 1 and confusion.count == 1:
        return (start, Piece(f"no two of its {wrong:,} mistakes are alike."))
    often = "its one mistake: it " if wrong == 1 else "most often "
    return (start, Piece(often), *confusion.pieces, Piece("."))


def share_in_words(part: int, total: int) -> str:
    """Whole percents; 0 % and 100 % only where it is none or all."""
    return f"{100 * part // total} %" if part in (0, total) else percent(part / total)
