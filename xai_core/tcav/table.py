"""A test of concepts as a table for people and programs, and as a file with everything needed to repeat it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from numpy.typing import NDArray

from xai_core import spreadsheet
from xai_core.datasets.dataset import Shelf, dataset
from xai_core.errors import LibraryError
from xai_core.tcav.cautions import cautions
from xai_core.tcav.grid import Finding, Grid
from xai_core.tcav.recipe import TEST, recipe
from xai_core.tcav.request import Tcav
from xai_core.tcav.result import Interval, TcavResult
from xai_core.tcav.words import SOURCES, sentence

PACKAGES = ("torch", "torchvision", "timm", "numpy", "scipy", "scikit-learn", "pillow")
FORM = 2  # of the JSON file; raised when a reader would have to know

Figure = str | int | float | None


def rows(grid: Grid) -> list[dict[str, Figure]]:
    """A row for each finding, in the order of the grid; None where a figure is not defined."""
    return [_row(found, grid) for found in grid.findings]


def _row(found: Finding, grid: Grid) -> dict[str, Figure]:
    cell, result = found.cell, found.result
    return {
        "concept": result.title,
        "class": cell.label,
        "layer": cell.layer,
        "verdict": found.verdict,
        "score": _figure(cell.score),
        "score, 95 % from": _figure(cell.interval[0]),
        "score, 95 % to": _figure(cell.interval[1]),
        f"p ({grid.correction}, {found.tests} tests)": _figure(found.p),
        "p (not corrected)": _figure(cell.p),
        "p of the mean score (not corrected)": _figure(cell.p_score),
        "effect size": _figure(cell.effect),
        "random concepts with a weaker effect": None if found.verdict == "untestable" else cell.beaten,
        "random concepts": cell.random.size,
        "mean derivative": _figure(cell.mean),
        "mean derivative, 95 % from": _figure(cell.mean_interval[0]),
        "mean derivative, 95 % to": _figure(cell.mean_interval[1]),
        "p of the mean derivative (not corrected)": _figure(cell.p_mean),
        "accuracy of the direction": _figure(cell.accuracy),
        "p of the accuracy": _figure(cell.p_accuracy),
        **{f"p, {test.against} ({test.name})": _figure(getattr(cell, test.field)) for test in SOURCES},
        "gradients alike": _figure(cell.steady),
        "real steps that follow": _figure(cell.follows),
        "pictures of the concept": result.pictures,
        "pictures of the class": cell.examples,
        "more of them without a gradient": cell.silent,
        "runs": cell.scores.size,
        "sentence": sentence(found).text,
        "with care": " ".join(each.text for each in cautions(found)),
    }


def as_csv(grid: Grid) -> bytes:
    """`rows` as `spreadsheet.as_csv` writes them; an undefined figure is an empty field."""
    table = rows(grid)
    return spreadsheet.as_csv([[*table[0]] if table else [], *([*row.values()] for row in table)])


def as_json(grid: Grid) -> str:
    """Requests, pictures by digest, every run's figures, the random concepts' scores, versions: to repeat the test.

    Standard JSON: null where a figure is not defined. Pictures of a set that has changed or gone since are not listed.
    """
    results = list({id(found.result): found.result for found in grid.findings}.values())
    content = {
        "form": FORM,
        "made by": "Second Look",
        "correction": {"name": grid.correction, "alpha": grid.alpha, "tests": grid.tests},
        "test": TEST,
        "versions": _versions(),
        "results": [_result(result) for result in results],
        "sets": _sets([result.request for result in results]),
        "findings": [{"result": results.index(found.result), **_finding(found)} for found in grid.findings],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)


def _result(result: TcavResult) -> dict[str, Any]:
    return {
        "request": asdict(result.request),
        "how": recipe(result.request.settings, result.request.relative),
        "title": result.title,
        "distinct pictures": result.pictures,
        "pool": result.pool,
        "overlap": _figure(result.overlap),
        "model SHA-256": result.weights,
        "notes": list(result.notes),
        "seconds": _figure(result.seconds),
    }


def _finding(found: Finding) -> dict[str, Any]:
    cell = found.cell
    return {
        "concept": found.result.title,
        "class": {"number": cell.target, "label": cell.label, "pictures": cell.examples},
        "pictures of the class without a gradient": cell.silent,
        "layer": cell.layer,
        "verdict": found.verdict,
        "sentence": sentence(found).text,
        "with care": [each.text for each in cautions(found)],
        "why no score": cell.refusal,
        "score": {"mean": _figure(cell.score), "interval 95 %": _interval(cell.interval), "runs": _list(cell.scores)},
        "derivative": {
            "mean": _figure(cell.mean),
            "interval 95 %": _interval(cell.mean_interval),
            "runs": _list(cell.means),
            "along one direction": _figure(cell.along),
            "p, not corrected": _figure(cell.p_mean),
            "unit": "logits for a step of length 1 along the direction",
        },
        "accuracy": {
            "mean": _figure(cell.accuracy),
            "runs": _list(cell.accuracies),
            "held-out pictures": cell.held_out,
            "p": _figure(cell.p_accuracy),
        },
        "p": {"corrected": _figure(found.p), "not corrected": _figure(cell.p), "by score alone": _figure(cell.p_score)},
        "random concepts": _list(cell.random),
        "random concepts, derivatives along one direction": _list(cell.random_along),
        "effect size": _figure(cell.effect),
        "tests of the sources": [
            {
                "name": test.name,
                "test": test.against,
                "p": _figure(getattr(cell, test.field)),
                "random concepts that it calls significant at 0.05": test.rejects,
            }
            for test in SOURCES
        ],
        "gradients alike": _figure(cell.steady),
        "real steps that follow": _figure(cell.follows),
    }


def _sets(requests: Sequence[Tcav]) -> list[dict[str, Any]]:
    """Every set of pictures that a request names, once."""
    named: dict[tuple[Shelf, str, int], None] = {}
    for request in requests:
        named.update(dict.fromkeys(("concepts", *entry) for entry in (request.concept, *request.against)))
        named.update(dict.fromkeys((each.shelf, each.key, each.revision) for each in request.classes))
    return [_set(*each) for each in named]


def _set(shelf: Shelf, key: str, revision: int) -> dict[str, Any]:
    about = {"shelf": shelf, "key": key, "revision": revision}
    try:
        found = dataset(key, shelf)
    except LibraryError as error:
        return {**about, "title": None, "pictures": None, "gone": str(error)}
    if found.revision != revision:
        return {**about, "title": found.title, "pictures": None, "gone": f"now at revision {found.revision}"}
    pictures = [{"digest": item.digest, "name": item.name, "label": item.label} for item in found.items]
    return {**about, "title": found.title, "classes": list(found.classes), "pictures": pictures}


def _versions() -> dict[str, str | None]:
    return {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _figure(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _list(values: NDArray[Any]) -> list[float | None]:
    return [_figure(float(value)) for value in values]


def _interval(interval: Interval) -> list[float | None]:
    return [_figure(interval[0]), _figure(interval[1])]
