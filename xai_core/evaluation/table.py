"""An evaluation as a table for a spreadsheet: one line per picture."""

from __future__ import annotations

from collections.abc import Iterator

from xai_core.evaluation.evaluation import Evaluation
from xai_core.spreadsheet import as_csv as table


def as_csv(evaluation: Evaluation) -> bytes:
    """As `spreadsheet.as_csv`. Probabilities are those of the shared classes."""
    return table(_lines(evaluation))


def _lines(evaluation: Evaluation) -> Iterator[list[str]]:
    probabilities = (f"probability of {name}" for name in evaluation.classes)
    yield ["picture", "true class", "model says", "probability", "right", *probabilities]
    shared = list(evaluation.label_of)
    for place in range(len(evaluation.items)):
        found = evaluation.judged(place)
        words = (found.name, evaluation.classes[found.truth], found.label)
        each = (f"{value:.6f}" for value in evaluation.probabilities[place, shared])
        right = "yes" if found.right else "no"
        yield [*words, f"{found.probability:.6f}", right, *each]
