"""The figures of a sanity check as one table, for a file that any program opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np

from xai_core.sanity import SanityRun
from xai_core.similarity import MEASURES
from xai_core.spreadsheet import harmless

COLUMNS = (
    *("model", "method", "stage", "block destroyed last", "order", "new weights", "running statistics", "seed"),
    *("picture", "class explained", "probability of the class", "answer at this stage", "its probability", "dead"),
    *(measure.key for measure in MEASURES),
    *(f"{measure.key} by chance, {end}" for measure in MEASURES for end in ("from", "to")),
    *("agreement with edge detector", "verdict"),
)


def as_csv(runs: Sequence[SanityRun]) -> str:
    """A line for each method and stage; "undefined" where there is nothing to compare."""
    out = csv.writer(file := io.StringIO(), lineterminator="\n")
    out.writerow(COLUMNS)
    for run in runs:
        recipe = run.request.cascade
        for stage in run.survey.stages:
            own = run.request.repredict  # each network's own answer is explained
            label = stage.top_label if own else run.survey.label
            probability = stage.top_probability if own else stage.probability
            out.writerow(
                [
                    *(
                        recipe.model,
                        run.request.method,
                        stage.number,
                        stage.name,
                        recipe.order,
                        recipe.law,
                        recipe.norms,
                        recipe.seed,
                    ),
                    *(harmless(run.request.picture.name), harmless(label), _exact(probability)),
                    *(harmless(stage.top_label), _exact(stage.top_probability), stage.dead),
                    *map(_figure, run.similarity[stage.number]),
                    *map(_figure, run.floor.ravel()),
                    *(_figure(run.edges[stage.number]), run.verdict.word),
                ]
            )
    return file.getvalue()


def _figure(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{value:.6f}"


def _exact(probability: float) -> float | str:
    """All digits: after the first blocks hardly anything is left."""
    return "undefined" if np.isnan(probability) else probability
