"""The same sanity check on several pictures and with several seeds: mean and spread instead of one run's luck."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core import limits
from xai_core.cascade import Cascade
from xai_core.errors import UnsupportedMethod, XaiError
from xai_core.framing import frame
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.predict import Predict
from xai_core.progress import Progress, part, silent
from xai_core.sanity import SanityRun, SanityTest
from xai_core.similarity import RANKS
from xai_core.verdict import Verdict, judged

if TYPE_CHECKING:
    from xai_core.hub import Hub

Exact = NDArray[np.float64]


@dataclass(frozen=True)
class Repeats:
    """The request: `test` again for every picture and seed. ValueError when there are none, or too many pictures."""

    test: SanityTest
    pictures: tuple[Picture, ...]  # each explained for the class the trained model finds likeliest
    seeds: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.pictures) <= limits.PICTURES_AT_ONCE or not self.seeds:
            raise ValueError(f"1 to {limits.PICTURES_AT_ONCE} pictures and a seed are needed")

    @property
    def method(self) -> str:
        return self.test.method

    def answer(self, hub: Hub, progress: Progress = silent) -> Repeated:
        """UnsupportedMethod where the method has no meaning; a picture that fails is told and left out."""
        from xai_core.batches import batch_size

        runs: list[SanityRun] = []
        left_out: dict[str, str] = {}
        ladder = hub.ladder(self._recipe(self.seeds[0]))
        size = batch_size(hub.device, gradients=True)
        batches = [self.pictures[start : start + size] for start in range(0, len(self.pictures), size)]
        total = len(self.pictures) * len(self.seeds)
        for seed in self.seeds:  # one cascade after the other: each holds a set of weights
            for batch in batches:
                aside = hub.aside(evidence_held=2 * len(batch) * (ladder.stages + 1))
                done = len(runs) + len(left_out)
                tests = self._tests(aside, batch, seed)
                _gather(aside, tests, part(progress, done / total, (done + 0.1) / total))
                for test in tests:
                    done = len(runs) + len(left_out)
                    share = part(progress, (done + 0.1) / total, (done + 1) / total)
                    try:
                        runs.append(test.answer(aside, _named(share, test.picture.name, seed)))
                    except UnsupportedMethod:
                        raise
                    except XaiError as error:
                        left_out[f"{test.picture.name}, seed {seed}"] = str(error)
        if not runs:
            raise XaiError(next(iter(left_out.values())))
        similarity = np.stack([run.similarity for run in runs])
        floor = np.stack([run.floor for run in runs]).mean(axis=0)
        for array in (similarity, floor):
            array.setflags(write=False)
        return Repeated(self, similarity, floor, tuple(left_out.items()))

    def _recipe(self, seed: int) -> Cascade:
        recipe = self.test.cascade
        return replace(recipe, seed=seed, pictures=self.pictures if recipe.pictures else ())

    def _tests(self, hub: Hub, pictures: tuple[Picture, ...], seed: int) -> list[SanityTest]:
        recipe, framing = self._recipe(seed), self.test.framing
        said = [hub.run(Predict(recipe.model, picture, framing)) for picture in pictures]
        return [
            replace(self.test, cascade=recipe, picture=picture, target=prediction.top(1)[0].index)
            for picture, prediction in zip(pictures, said, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Repeated:
    """One method over many runs."""

    request: Repeats
    similarity: Exact = field(repr=False)  # (runs, stages, 4); NaN where undefined
    floor: Exact = field(repr=False)  # (4, 2), mean over runs
    left_out: tuple[tuple[str, str], ...]  # picture and seed, and why

    @property
    def title(self) -> str:
        return methods()[self.request.test.method].title

    @cached_property
    def mean(self) -> Exact:
        """(stages, 4) over the runs in which it is defined; NaN where it never is."""
        counted = (~np.isnan(self.similarity)).sum(axis=0)
        total: Exact = np.nansum(self.similarity, axis=0) / np.where(counted, counted, np.nan)
        return total

    @cached_property
    def spread(self) -> Exact:
        """(stages, 4): standard deviation over the same runs."""
        counted = (~np.isnan(self.similarity)).sum(axis=0)
        squares = np.nansum((self.similarity - self.mean) ** 2, axis=0)
        return np.asarray(np.sqrt(squares / np.where(counted, counted, np.nan)), np.float64)

    @property
    def undefined(self) -> NDArray[np.int64]:
        """(stages,): in how many runs the map could not be compared."""
        return np.asarray(np.isnan(self.similarity[:, :, RANKS]).sum(axis=0), np.int64)

    @property
    def verdict(self) -> Verdict:
        ranks = np.asarray(self.mean[:, RANKS], np.float64)
        low, high = (float(end) for end in self.floor[RANKS])
        return judged(self.title, self.request.test.cascade.order, ranks, (low, high))


def _gather(hub: Hub, tests: list[SanityTest], progress: Progress) -> None:
    """The single passes of all tests of one cascade, in one batch for each of its networks."""
    recipe = tests[0].cascade
    ladder = hub.ladder(recipe)
    shown = [frame(test.picture.pixels, ladder.original.preprocess, test.framing).square for test in tests]
    targets = [test.target for test in tests]
    first = [hub.gather(recipe.at(stage), shown, targets) for stage in range(ladder.stages + 1)]
    with ladder.ahead(dict.fromkeys(range(1, ladder.stages + 1), tuple(targets)), progress):
        for evidence in first:
            _ = evidence.logits, evidence.gradient  # asked for once, there for every test of the batch


def _named(progress: Progress, picture: str, seed: int) -> Progress:
    def told(fraction: float, note: str = "") -> None:
        progress(fraction, f"{picture}, seed {seed}: {note}")

    return told
