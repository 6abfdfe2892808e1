"""An evaluation as a table for a spreadsheet: one line per picture."""

from __future__ import annotations

import csv
import io

from xai_core.evaluation.evaluation import Evaluation
from xai_core.spreadsheet import harmless


def as_csv(evaluation: Evaluation) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need. Probabilities are those of the shared classes."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    probabilities = (f"probability of {name}" for name in evaluation.classes)
    writer.writerow(["picture", "true class", "model says", "probability", "right", *probabilities])
    shared = list(evaluation.label_of)
    for place in range(len(evaluation.items)):
        found = evaluation.judged(place)
        words = (found.name, evaluation.classes[found.truth], found.label)
        each = (f"{value:.6f}" for value in evaluation.probabilities[place, shared])
        right = "yes" if found.right else "no"
        writer.writerow([*map(harmless, words), f"{found.probability:.6f}", right, *each])
    return file.getvalue().encode("utf-8-sig", errors="replace")
