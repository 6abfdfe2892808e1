"""A concept as one direction at a layer: the mean of its CAVs, trained once and remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.errors import UnusableData
from xai_core.progress import Progress, part, silent
from xai_core.tcav.request import Entry
from xai_core.tcav.settings import USUAL, Settings

if TYPE_CHECKING:
    from xai_core.hub import Hub

Exact = NDArray[np.float64]


@dataclass(frozen=True)
class Direction:
    """The request: where a concept lies at a layer, as a `Tcav` of the same choices finds it."""

    model: str
    concept: Entry
    against: tuple[Entry, ...]  # pools of counter-examples; the other concepts where `relative`
    layer: str
    relative: bool = False
    settings: Settings = USUAL

    def answer(self, hub: Hub, progress: Progress = silent) -> Trained:
        """UnusableData where there are too few pictures, or none of the network's numbers tells them apart.

        Other errors as `sets` and `features`.
        """
        from xai_core.tcav.activations import Activations
        from xai_core.tcav.cavs import trained
        from xai_core.tcav.draws import concept_draws
        from xai_core.tcav.refusals import NO_DIRECTION, unlike
        from xai_core.tcav.sets import digests, sets

        found = sets(self.concept, self.against, self.relative, self.settings)
        if found.refusal:
            raise UnusableData(found.refusal)
        looking, training = part(progress, 0.0, 0.8), part(progress, 0.8, 1.0)
        used = (*found.concept, *found.counters)
        activations = Activations.of(hub, self.model, (self.layer,), used, self.settings.pooling, looking)
        rows, size = activations.rows[self.layer], len(found.concept)
        if refusal := unlike(rows[:size], len(found.counters)):
            raise UnusableData(refusal)
        draws = concept_draws(np.arange(size), np.arange(size, len(rows)), self.settings.runs, self.settings.seed)
        cavs = trained(rows, draws, self.settings.classifier, hub.device, training)
        vector = mean_direction(cavs.vectors(rows))
        if not vector.any():
            raise UnusableData(NO_DIRECTION)
        return Trained(
            request=self,
            title=found.title,
            vector=vector,
            spread=one_step(vector, rows[size:]),
            accuracy=float(cavs.accuracies.mean()),
            trained_on=digests(used),
        )


@dataclass(frozen=True, eq=False)
class Trained:
    """The direction, and how far pictures usually lie apart along it."""

    request: Direction
    title: str  # the concept's, safe to show
    vector: Exact = field(repr=False)  # (D,), length 1, towards the concept
    spread: float  # standard deviation of the counter-examples along it
    accuracy: float  # of the CAVs on held-out pictures
    trained_on: frozenset[str] = field(repr=False)  # digests of the pictures that may have been used


def mean_direction(cavs: Exact) -> Exact:
    """The mean of CAVs (R, D) as a direction of length 1, (D,); 0 where they cancel."""
    mean = cavs.mean(0)
    length = np.linalg.norm(mean)
    return np.asarray(mean / length if length else mean, np.float64)


def one_step(direction: Exact, counters: NDArray[np.float32]) -> float:
    """One standard deviation of the counter-examples (P, D) along a direction: how far pictures usually lie apart."""
    return float((counters @ direction).std())
