"""Tests of concepts made by hand: every figure in them is the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xai_core.tcav.grid import Finding, grid
from xai_core.tcav.request import Examples, Tcav
from xai_core.tcav.result import NOWHERE, Cell, TcavResult
from xai_core.tcav.settings import USUAL, Settings

NAN = float("nan")
NONE = np.empty(0)
SIX = "Only 6 distinct pictures. Add 4 more."
WEIGHTS = "ab" * 32


def cell(
    score: float = 0.9, p: float = 1 / 401, *, layer: str = "blocks.5", target: int = 0, label: str = "zebra",
    nearer: int | None = None, random: int = 400, **changed: Any,
) -> Cell:  # fmt: skip
    """A cell with that mean score over four runs; `nearer` random concepts (usual: as p says) are nearer to ½."""
    nearer = min(random, random + 1 - round(p * (random + 1))) if nearer is None else nearer
    away = abs(score - 0.5)
    spread = np.concatenate([np.full(nearer, 0.5 + away / 2), np.full(random - nearer, max(0.0, 0.499999 - away))])
    step = min(score, 1 - score, 0.02)
    figures: dict[str, Any] = {
        "layer": layer,
        "target": target,
        "label": label,
        "examples": 40,
        "scores": score + step * np.array([-1.0, 1.0, -0.5, 0.5]),
        "means": (score - 0.5) * np.array([0.9, 1.1, 1.0, 1.0]),
        "accuracies": np.array([0.8, 0.9, 0.85, 0.85]),
        "held_out": 26,
        "random": spread,
        "interval": (max(0.0, score - 0.05), min(1.0, score + 0.05)),
        "mean_interval": (score - 0.6, score - 0.4),
        "p": p,
        "p_half": 0.004,
        "p_random": 0.02,
        "effect": 2.5,
        "p_accuracy": 0.001,
        "p_score": p,
        "p_mean": 0.013,
        "along": score - 0.5,
        "random_along": 0.9 * (spread - 0.5),
        "steady": 0.6,
        "follows": 0.95,
    }
    return Cell(**{**figures, **changed})


def refused(reason: str = "Only 6 distinct pictures. Add 4 more.", **changed: Any) -> Cell:
    """A cell without a score; accuracies too unless they are given."""
    empty = dict.fromkeys(("scores", "means", "accuracies", "random", "random_along"), NONE)
    none = dict.fromkeys(
        ("p", "p_score", "p_mean", "along", "p_half", "p_random", "effect", "p_accuracy", "steady", "follows"), NAN
    )
    return cell(**{**empty, **none, "random": 0, "nearer": 0, "interval": NOWHERE, "mean_interval": NOWHERE,
                   "held_out": 0, "refusal": reason, **changed})  # fmt: skip


def result(
    title: str = "Striped", cells: Sequence[Cell] = (), *, settings: Settings = USUAL, relative: bool = False,
    pictures: int = 40, overlap: float = 0.1, seconds: float = 1.5, revision: int = 1, model: str = "lite0",
) -> TcavResult:  # fmt: skip
    cells = tuple(cells) or (cell(),)
    classes = tuple(Examples(number, "datasets", "animals", 1, number) for number in {each.target for each in cells})
    layers = tuple(dict.fromkeys(each.layer for each in cells))
    concept = (title.casefold(), revision)
    request = Tcav(model, concept, (("pool", 1),), classes, layers, relative, settings)
    return TcavResult(request, title, pictures, 300, overlap, WEIGHTS, cells, ("One picture was met twice.",), seconds)


def only(found: TcavResult) -> Finding:
    return grid([found]).findings[0]


def colours(*names: str, clear: int = 0, random: int = 4000) -> list[TcavResult]:
    """Each colour for three classes; the first `clear` cells of each are significant: for, against, for."""
    scores = (0.9, 0.2, 0.8)
    labels = ("sobbit", "grookin", "scorby")
    return [
        result(name, [
            cell(score, 1 / (random + 1) if n < clear else 0.4, random=random, target=n, label=labels[n])
            for n, score in enumerate(scores)
        ])
        for name in names
    ]  # fmt: skip
