"""Does a method's map change when the network forgets? Cascading weight randomisation (Adebayo 2018, section 3).

Maps keep their sign and their colour channels are added up before anything is compared, where a method has these
settings: absolute values taken first would make any two maps of one picture alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from xai_core.cascade import Cascade
from xai_core.edges import edges
from xai_core.errors import UnsupportedMethod, XaiError
from xai_core.explain import Explain, Explanation
from xai_core.framing import Framing
from xai_core.knobs import Params, changed, settings
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.progress import Progress, silent
from xai_core.similarity import MEASURES, RANKS, Prepared, floor
from xai_core.survey import Stage, Survey, Surveyed
from xai_core.verdict import Verdict, judged

if TYPE_CHECKING:
    from xai_core.hub import Hub

Exact = NDArray[np.float64]
GRADIENT_BATCH = 8  # pictures: for progress alone
_COMPARABLE = {"signed": True, "channels": "sum"}


@dataclass(frozen=True)
class SanityTest:
    """The request: one method's maps at every stage of a cascade, and how much of the first is left in each."""

    cascade: Cascade
    picture: Picture
    framing: Framing
    target: int
    method: str
    params: Params
    repredict: bool = False

    @property
    def survey(self) -> Survey:
        return Survey(self.cascade, self.picture, self.framing, self.target, self.repredict)

    def explain(self, stage: int, target: int) -> Explain:
        """The request for one stage's map."""
        model = self.cascade.at(stage)
        return Explain(model, self.picture, self.framing, target, self.method, comparable(self.params))

    def answer(self, hub: Hub, progress: Progress = silent) -> SanityRun:
        """UnsupportedMethod where the method has no meaning for the trained model."""
        survey: Surveyed = hub.run(self.survey, progress)
        climb = _Climb(progress, self, survey.blocks)
        later = {stage.number: stage.target for stage in survey.stages if stage.number and not stage.dead}
        with hub.ladder(self.cascade).ahead(later, climb.rows):
            found = [
                _map(hub, self.explain(stage.number, stage.target), stage, climb.at(stage.number))
                for stage in survey.stages
            ]
        return measured(self, survey, [each for each, _ in found], [reason for _, reason in found])


@dataclass(frozen=True)
class Finished:
    """The request: what is left of a test that was stopped; stages that were not reached have no map."""

    test: SanityTest
    on_device: ClassVar[bool] = False  # looks up what is remembered, and must not wait for a turn

    def answer(self, hub: Hub, progress: Progress = silent) -> SanityRun | None:
        """None where not even the trained network's map was reached."""
        survey: Surveyed | None = hub.known(self.test.survey)
        if survey is None:
            return None
        maps = [hub.known(self.test.explain(stage.number, stage.target)) for stage in survey.stages]
        if maps[0] is None:
            return None
        reasons = ["" if found is not None else "Stopped before this stage was reached." for found in maps]
        return measured(self.test, survey, maps, reasons)


@dataclass(frozen=True, eq=False)
class SanityRun:
    """One method under one cascade; arrays have one entry a stage, the trained network first."""

    request: SanityTest
    survey: Surveyed
    maps: tuple[Explanation | None, ...] = field(repr=False)
    reasons: tuple[str, ...]  # why a stage has no map, or a map with nothing on it; "" where all is well
    similarity: Exact = field(repr=False)  # (stages, 4): `similarity.MEASURES` with the trained map; NaN: undefined
    floor: Exact = field(repr=False)  # (4, 2): what unrelated maps of this kind score
    edges: Exact = field(repr=False)  # (stages,): rank agreement with the edge detector; NaN: undefined

    @property
    def title(self) -> str:
        return methods()[self.request.method].title

    @property
    def ranks(self) -> Exact:
        """(stages,): the measure that the verdict uses."""
        return np.asarray(self.similarity[:, RANKS], np.float64)

    @cached_property
    def verdict(self) -> Verdict:
        return judged(
            self.title,
            self.request.cascade.order,
            self.ranks,
            (float(self.floor[RANKS, 0]), float(self.floor[RANKS, 1])),
        )


def comparable(params: Params) -> Params:
    """The same settings with signs kept and channels added up, where the method has a say in that."""
    names = {setting.name for setting in settings(params)}
    return changed(params, {name: value for name, value in _COMPARABLE.items() if name in names})


def measured(
    test: SanityTest, survey: Surveyed, maps: Sequence[Explanation | None], reasons: Sequence[str]
) -> SanityRun:
    """Every stage's map beside the trained network's, which has to be there."""
    trained, side = maps[0], len(survey.framed.square)
    assert trained is not None
    similarity, likeness = np.full((len(maps), len(MEASURES)), np.nan), np.full(len(maps), np.nan)
    first, control = Prepared.of(trained.values, side), Prepared.of(edges(survey.framed.square), side)
    for stage, found in enumerate(maps):
        if found is not None:
            each = Prepared.of(found.values, side)
            similarity[stage], likeness[stage] = first.compare(each), control.compare(each)[RANKS]
    band = floor(trained.values, side)
    for array in (similarity, likeness, band):
        array.setflags(write=False)
    told = (why or " ".join(found.reasons if found else ()) for found, why in zip(maps, reasons, strict=True))
    return SanityRun(test, survey, tuple(maps), tuple(told), similarity, band, likeness)


def _map(hub: Hub, request: Explain, stage: Stage, progress: Progress) -> tuple[Explanation | None, str]:
    """A stage's map, or why there is none."""
    if not stage.number:
        return hub.run(request, progress), ""
    if stage.dead:
        return None, f"The network is dead at this stage: {stage.dead}."
    try:
        return hub.run(request, progress), ""
    except UnsupportedMethod:
        raise
    except XaiError as error:  # a random network's numbers may leave the range that a map can have
        return None, str(error)


class _Climb:
    """Progress over all stages, whichever way they are computed: one after the other, or batch by batch at once."""

    def __init__(self, progress: Progress, test: SanityTest, stages: int) -> None:
        self._progress, self._title, self._stages = progress, methods()[test.method].title, stages
        self._batch = min(1.0, GRADIENT_BATCH / max(1.0, test.params.passes()))
        self._stage, self._within, self._together, self._reached, self._note = 0, 0.0, False, 0.0, ""

    def at(self, stage: int) -> Progress:
        """What the method reports while it works on a stage."""
        self._stage, self._within = stage, 0.0

        def told(fraction: float, note: str = "") -> None:
            self._within, self._note = fraction, note
            self._tell(fraction)

        return told

    def rows(self, fraction: float, note: str = "") -> None:
        """What the ladder reports within one batch that it computes for all stages."""
        self._together = True
        self._tell(min(1.0, self._within + fraction * self._batch))

    def _tell(self, within: float) -> None:
        steps = self._stages + 1
        done = (self._stage + within) / steps
        if self._together:  # the first randomised stage does the work of all
            done = max(done, (1 + 0.97 * self._stages * (within if self._stage == 1 else 1.0)) / steps)
        self._reached = max(self._reached, min(done, 1.0))
        where = "all blocks at once" if self._together else f"block {self._stage} of {self._stages}"
        self._progress(self._reached, ", ".join(filter(None, (f"{self._title}: {where}", self._note))))
