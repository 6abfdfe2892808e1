"""One concept at one layer: is it used for each of some classes? On arrays alone, without files or models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.progress import Progress, silent
from xai_core.tcav.cavs import Cavs, RandomCavs, mean_lengths, trained
from xai_core.tcav.draws import concept_draws, held_out, overlap, renumbered
from xai_core.tcav.refusals import NO_DIRECTION, NOT_FINITE, ungraded, unlearned, unlike
from xai_core.tcav.result import NOWHERE, Interval
from xai_core.tcav.scores import Slopes, along_one, signs
from xai_core.tcav.settings import USUAL, Settings
from xai_core.tcav.statistics import accuracy_p, effect, half_p, mean_interval, mean_p, random_p, rank_p, score_interval
from xai_core.tcav.threads import one_thread

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float32]
Exact = NDArray[np.float64]
UNKNOWN = float("nan")


def _none() -> Exact:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Measured:
    """What a `Cell` says of one class, under the same names; `refusal` says why there is no score.

    Accuracies are told also where they are what the refusal is about.
    """

    examples: int  # pictures of the class that tell something: those with a gradient
    scores: Exact = field(repr=False, default_factory=_none)  # (R,)
    means: Exact = field(repr=False, default_factory=_none)  # (R,)
    accuracies: Exact = field(repr=False, default_factory=_none)  # (R,)
    held_out: int = 0
    random: Exact = field(repr=False, default_factory=_none)  # (M,)
    interval: Interval = NOWHERE
    mean_interval: Interval = NOWHERE
    p: float = UNKNOWN
    p_half: float = UNKNOWN
    p_random: float = UNKNOWN
    effect: float = UNKNOWN
    p_accuracy: float = UNKNOWN
    steady: float = UNKNOWN
    refusal: str = ""
    p_score: float = UNKNOWN
    p_mean: float = UNKNOWN
    along: float = UNKNOWN
    random_along: Exact = field(repr=False, default_factory=_none)  # (M,)
    silent: int = 0


@dataclass(frozen=True, eq=False)
class Examined:
    """One concept at one layer."""

    classes: dict[int, Measured]  # by the model's class
    cavs: Exact = field(repr=False)  # (R, D), length 1, towards the concept; no rows where none were trained
    overlap: float  # mean share of pictures that two counter-sets have in common; nan where there are none


def examine(
    concept: Floats,
    counters: Floats,
    gradients: Mapping[int, Floats],
    randoms: RandomCavs,
    settings: Settings = USUAL,
    device: torch.device | None = None,
    progress: Progress = silent,
) -> Examined:
    """Train the concept's CAVs and score every class with them.

    `concept` (n, D) are activations of its pictures, one row each, `counters` (P, D) those that counter-sets of n are
    drawn from: the pool, or the other concepts' pictures together where concepts are relative. Rows of `counters` that
    equal a row of `concept` are never drawn. `gradients` are (k, D) for each class, of the logit, at k pictures of the
    class. `randoms` are `random_cavs(pool, n, settings)`; where concepts are relative, of the concept's and the
    others' rows together. What cannot be tested is refused in words, for one class or for all. ValueError where the
    random concepts have another size.
    """
    size = len(concept)
    own = {row.tobytes() for row in concept}
    free = np.array([place for place, row in enumerate(counters) if row.tobytes() not in own], np.int64)
    refusal = unlike(concept, len(free)) or ("" if _finite(concept, counters) else NOT_FINITE)
    if refusal:
        return _untested(gradients, refusal, concept.shape[1])
    if size != randoms.size:
        raise ValueError(f"random concepts have {randoms.size} pictures, the concept has {size}")
    draws = concept_draws(np.arange(size), size + free, settings.runs, settings.seed)
    against = np.unique(draws.counter_sets)
    rows = np.concatenate([concept, counters[against - size]])
    draws = renumbered(draws, np.concatenate([np.arange(size), against]))
    concept_cavs = _Concept.of(trained(rows, draws, settings.classifier, device), rows, size, settings.seed)
    classes: dict[int, Measured] = {}
    with one_thread():
        for number, (target, values) in enumerate(gradients.items()):
            progress(number / len(gradients), f"scoring, class {number + 1} of {len(gradients)}")
            classes[target] = concept_cavs.measured(values, randoms)
    progress(1.0, "scored")
    return Examined(classes, concept_cavs.cavs.vectors(rows), overlap(draws.counter_sets))


def _finite(*arrays: Floats) -> bool:
    return all(bool(np.isfinite(values).all()) for values in arrays)


def _untested(gradients: Mapping[int, Floats], refusal: str, width: int) -> Examined:
    classes = {target: Measured(len(values), refusal=refusal) for target, values in gradients.items()}
    return Examined(classes, np.empty((0, width)), float("nan"))


@dataclass(frozen=True, eq=False)
class _Concept:
    """A concept's CAVs and what is known of them before any class is asked."""

    cavs: Cavs
    rows: Floats  # the activations that they were trained on
    length: float  # of the CAVs' mean: 1 where the runs agree
    held_out: int
    p_accuracy: float
    refusal: str
    seed: int

    @classmethod
    def of(cls, cavs: Cavs, rows: Floats, size: int, seed: int) -> _Concept:
        held = 2 * held_out(size)
        p = accuracy_p(float(cavs.accuracies.mean()), held)
        refusal = unlearned(float(cavs.accuracies.mean()), held, p)
        (length,) = mean_lengths(cavs, rows, len(cavs.rows))
        refusal = refusal if cavs.weights.any(1).all() else NO_DIRECTION
        return cls(cavs, rows, float(length), held, p, refusal, seed)

    def measured(self, gradients: Floats, randoms: RandomCavs) -> Measured:
        """One class, from its gradients (K, D)."""
        if not _finite(gradients):
            return Measured(len(gradients), refusal=NOT_FINITE)
        slopes = Slopes.of(gradients)
        telling = len(slopes.gradients)
        told = Measured(
            telling,
            accuracies=self.cavs.accuracies,
            held_out=self.held_out,
            p_accuracy=self.p_accuracy,
            silent=len(gradients) - telling,
        )
        if refusal := self.refusal or ungraded(len(gradients), telling):
            return replace(told, refusal=refusal)
        derivatives = slopes.along(self.cavs, self.rows)
        gains = signs(derivatives)
        scores = gains.mean(1)
        score, along = float(scores.mean()), float(along_one(derivatives.mean(), self.length))
        random, random_means, singles = slopes.random(randoms)
        random_along = along_one(random_means, randoms.lengths)
        p_score, p_mean = rank_p(score, along, random, random_along), mean_p(along, random_along)
        return replace(
            told,
            scores=scores,
            means=derivatives.mean(1),
            random=random,
            interval=score_interval(gains, self.seed),
            mean_interval=mean_interval(derivatives, self.seed),
            p=max(p_score, p_mean),
            p_score=p_score,
            p_mean=p_mean,
            along=along,
            random_along=random_along,
            p_half=half_p(scores),
            p_random=random_p(scores, singles[: len(scores)]),
            effect=effect(score, random),
            steady=slopes.steady,
        )
