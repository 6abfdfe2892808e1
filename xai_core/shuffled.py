"""Does a method's map change when the labels meant nothing? The data randomisation test (Adebayo 2018, section 3.2).

Two networks of one kind learned from the same world, one of them shuffled labels until it knew them by heart. Its
answers are about single pictures and never about their classes: a map that looks the same for both owes nothing to what
the labels taught. The class explained is the true one for both networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.errors import UnsupportedMethod, XaiError
from xai_core.explain import Explain, Explanation
from xai_core.framing import Framing
from xai_core.knobs import Params
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent
from xai_core.sanity import comparable
from xai_core.sentence import NUMBERS, Headline, Piece
from xai_core.similarity import FLOOR_PERCENTILES, MEASURES, RANKS, Prepared
from xai_core.verdict import ABOUT, MEANING, NOT_ABOUT, Kind, Verdict

if TYPE_CHECKING:
    from xai_core.hub import Hub

Exact = NDArray[np.float64]
LEAST = 3  # pictures: with fewer there are hardly any unrelated maps to compare with
RULE = (
    "We explain the same pictures with two models, one of them trained on shuffled labels, and ask how much of each "
    "map they share: 0 is what their maps of different pictures share on average, 1 is an edge detector, which knows "
    "no model and never changes. On average nearer to 0: about the model. From 0.75 on: not about the model. In "
    "between: with care."
)


@dataclass(frozen=True)
class LabelTest:
    """The request: one method's maps of two networks side by side. ValueError for too few pictures.

    `pictures` are at least `LEAST`, all different, each with its true class in `targets`.
    """

    pictures: tuple[Picture, ...]
    targets: tuple[int, ...]
    framing: Framing
    method: str
    params: Params
    honest: str = "demo/honest"
    shuffled: str = "demo/shuffled"

    def __post_init__(self) -> None:
        if len(set(self.pictures)) < max(LEAST, len(self.pictures)):
            raise ValueError(f"the test needs at least {LEAST} pictures, all of them different")
        if len(self.pictures) != len(self.targets):
            raise ValueError(f"{len(self.pictures)} pictures have {len(self.targets)} targets")

    def explain(self, index: int, model: str) -> Explain:
        """The request for one picture's map."""
        picture, target = self.pictures[index], self.targets[index]
        return Explain(model, picture, self.framing, target, self.method, comparable(self.params))

    def answer(self, hub: Hub, progress: Progress = silent) -> LabelRun:
        """UnsupportedMethod where the method has no meaning for one of the networks."""
        total, title = len(self.pictures), methods()[self.method].title
        pairs: list[tuple[Explanation | None, Explanation | None]] = []
        reasons = []
        for index in range(total):
            found: list[Explanation | None] = []
            told = []
            for step, model in enumerate((self.honest, self.shuffled)):
                start = (index + step / 2) / total
                progress(start, f"{title}: picture {index + 1} of {total}")
                each, why = _map(hub, self.explain(index, model), part(progress, start, start + 0.5 / total))
                found.append(each)
                told.append(why)
            pairs.append((found[0], found[1]))
            reasons.append(" ".join(filter(None, told)))
        side = hub.classifier(self.honest).preprocess.crop
        return measured(self, pairs, reasons, side)


@dataclass(frozen=True, eq=False)
class LabelRun:
    """One method under shuffled labels; arrays have one entry a picture."""

    request: LabelTest
    maps: tuple[tuple[Explanation | None, Explanation | None], ...] = field(repr=False)  # (honest, shuffled)
    reasons: tuple[str, ...]  # why a map is missing, or has nothing on it; "" where all is well
    similarity: Exact = field(repr=False)  # (pictures, 4): `similarity.MEASURES`; NaN: undefined
    floor: Exact = field(repr=False)  # (4, 2): what the two networks' maps of different pictures share, from and to
    base: float  # what they share on average, in ranks; NaN: undefined

    @property
    def title(self) -> str:
        return methods()[self.request.method].title

    @property
    def ranks(self) -> Exact:
        """(pictures,): the measure that the verdict uses."""
        return np.asarray(self.similarity[:, RANKS], np.float64)

    @cached_property
    def verdict(self) -> Verdict:
        return judged(self.title, self.ranks, self.base, float(self.floor[RANKS, 1]))


def measured(
    test: LabelTest,
    maps: Sequence[tuple[Explanation | None, Explanation | None]],
    reasons: Sequence[str],
    side: int,
) -> LabelRun:
    """Every picture's two maps compared with each other, and with those of the other pictures for what chance gives."""
    ready = [[None if each is None else Prepared.of(each.values, side) for each in pair] for pair in maps]
    scores = np.full((len(maps), len(maps), len(MEASURES)), np.nan)
    for row, (honest, _) in enumerate(ready):
        for column, (_, shuffled) in enumerate(ready):
            if honest is not None and shuffled is not None:
                scores[row, column] = honest.compare(shuffled)
    same = np.arange(len(maps))
    similarity, unrelated = scores[same, same], scores[~np.eye(len(maps), dtype=bool)]
    band = np.full((len(MEASURES), 2), np.nan)
    for ends, drawn in zip(band, unrelated.T, strict=True):
        if not np.isnan(drawn).all():
            ends[:] = np.nanpercentile(drawn, FLOOR_PERCENTILES)
    base = float(np.nanmean(unrelated[:, RANKS])) if np.isfinite(unrelated[:, RANKS]).any() else float("nan")
    for array in (similarity, band):
        array.setflags(write=False)
    told = (
        why or " ".join(reason for each in pair if each for reason in each.reasons)
        for pair, why in zip(maps, reasons, strict=True)
    )
    return LabelRun(test, tuple(maps), tuple(told), similarity, band, base)


def judged(title: str, ranks: Exact, base: float, high: float) -> Verdict:
    """The rule of `verdict.py` for pictures in the place of stages.

    `ranks`: agreement of the two networks' maps of each picture, NaN where undefined; `base` and `high`: what their
    maps of different pictures share on average and at most.
    """
    defined = ranks[~np.isnan(ranks)]
    if np.isnan(base) or 2 * len(defined) < len(ranks) or not len(defined):
        few = f"nothing to compare on {len(ranks) - len(defined)} of the {len(ranks)} pictures."
        return Verdict("none", f"{title}: {few}", f"N{few[1:]}", None)
    mean, base = float(defined.mean()), max(base, 0.0)
    share = float(np.clip((mean - base) / (1 - base), 0, 1))
    kind: Kind = "good" if share <= ABOUT else "bad" if share >= NOT_ABOUT else "care"
    left = f"{_whole(mean)} of its map is the same in a model that learned shuffled labels"
    chance = f"maps of different pictures share up to {_whole(high)}"
    return Verdict(kind, f"{title}: {left} ({chance}). {MEANING[kind]}", f"{left}. {MEANING[kind]}", share)


def headline(runs: Sequence[LabelRun]) -> Headline:
    """Which explanations would not notice that the labels meant nothing; grows as methods finish."""
    by_kind = {kind: [run.title for run in runs if run.verdict.kind == kind] for kind in ("bad", "care", "good")}
    if not any(by_kind.values()):
        return Headline(
            (
                Piece("Two models learned from the same world, one of them with shuffled labels. "),
                Piece("An explanation that is about the model has to differ between them."),
            )
        )
    pieces: list[Piece] = []
    if bad := by_kind["bad"]:
        pieces += [
            Piece(_listed(bad), strong=True),
            Piece(" would not notice that the labels were shuffled: the picture shows through, not the model."),
        ]
    if care := by_kind["care"]:
        pieces += [Piece(f" {_listed(care)} would notice only in part.")]
    if good := by_kind["good"]:
        count = (NUMBERS[len(good)] if len(good) < len(NUMBERS) else str(len(good))).capitalize()
        who = f"{count} {'map differs' if len(good) == 1 else 'maps differ'}"
        pieces += [Piece(f" {who} between the two models, as {'it' if len(good) == 1 else 'they'} should.")]
    return Headline((Piece(pieces[0].text.lstrip(), pieces[0].strong), *pieces[1:]))


def _map(hub: Hub, request: Explain, progress: Progress) -> tuple[Explanation | None, str]:
    """One map, or why there is none."""
    try:
        return hub.run(request, progress), ""
    except UnsupportedMethod:
        raise
    except XaiError as error:  # a network that knows its pictures by heart may answer with numbers out of range
        return None, str(error)


def _listed(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _whole(share: float) -> str:
    """In whole percents; 100 % is said of identical maps only, and less than nothing is nothing."""
    return f"{min(round(100 * max(share, 0.0)), 99) if share < 1 - 1e-9 else 100} %"
