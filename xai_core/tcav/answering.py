"""How a `Tcav` is answered: pictures, what the network makes of them, directions, scores, and a try of real steps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.features.gradients import check_class, slopes
from xai_core.features.located import Located
from xai_core.names import safe_label
from xai_core.progress import Progress, part
from xai_core.tcav.activations import Activations
from xai_core.tcav.cavs import RandomCavs, random_cavs
from xai_core.tcav.direction import mean_direction, one_step
from xai_core.tcav.examples import examples
from xai_core.tcav.layer import Examined, Measured, examine
from xai_core.tcav.random_concepts import RandomConcepts
from xai_core.tcav.result import Cell, TcavResult
from xai_core.tcav.sets import Sets, digests, sets
from xai_core.tcav.stepping import follows

if TYPE_CHECKING:
    from xai_core.hub import Hub
    from xai_core.tcav.request import Tcav

Floats = NDArray[np.float32]
UNKNOWN = float("nan")


@dataclass(frozen=True, eq=False)
class _Class:
    """One class of a request, with its pictures."""

    target: int
    label: str
    pictures: tuple[Located, ...] = field(repr=False)
    notes: tuple[str, ...]


def answered(request: Tcav, hub: Hub, progress: Progress) -> TcavResult:
    """What cannot be tested is refused cell by cell. Errors as `sets`, `examples`, `features` and `gradients`."""
    begun = time.monotonic()
    progress(0.0, "loading the model")
    classifier = hub.classifier(request.model)
    found = sets(request.concept, request.against, request.relative, request.settings)
    classes = [_class(request, number, hub, found, part(progress, 0.0, 0.1)) for number in range(len(request.classes))]
    if found.refusal:
        told = [Measured(len(each.pictures), refusal=found.refusal) for each in classes]
        cells = [
            _cell(layer, each, measured)
            for layer in request.layers
            for each, measured in zip(classes, told, strict=True)
        ]
        overlap = UNKNOWN
    else:
        cells, overlap = _Test(request, hub, found, classes).cells(part(progress, 0.1, 1.0))
    return TcavResult(
        request=request,
        title=found.title,
        pictures=len(found.concept),
        pool=len(found.counters),
        overlap=overlap,
        weights=classifier.fingerprint,
        cells=tuple(cells),
        notes=(*found.notes, *(note for each in classes for note in each.notes)),
        seconds=time.monotonic() - begun,
    )


def _class(request: Tcav, number: int, hub: Hub, found: Sets, progress: Progress) -> _Class:
    wanted, classifier = request.classes[number], hub.classifier(request.model)
    check_class(classifier, wanted.target)
    label, mine = classifier.labels[wanted.target], _part(progress, 0, 1, number, len(request.classes))
    pictures, notes = examples(hub, request.model, wanted, request.settings, mine)
    both = len(digests(pictures) & digests(found.concept))
    if both:
        circle = f"{both} pictures of {safe_label(label)} are also examples of {found.title}: partly a circle, "
        circle += "for a class nearly always uses what its own pictures share."
        notes = (*notes, circle)
    return _Class(wanted.target, label, pictures, notes)


def _cell(layer: str, of: _Class, measured: Measured, follows: float = UNKNOWN) -> Cell:
    told = {each.name: getattr(measured, each.name) for each in fields(measured)}
    return Cell(layer=layer, target=of.target, label=of.label, follows=follows, **told)


@dataclass(frozen=True, eq=False)
class _Slopes:
    """Of the pictures of one class."""

    rows: dict[str, Floats] = field(repr=False)  # (k, D) by layer; none where it has no pictures
    logits: Floats = field(repr=False)  # (k,)

    def at(self, layer: str, width: int) -> Floats:
        return self.rows.get(layer, np.empty((0, width), np.float32))


@dataclass(frozen=True, eq=False)
class _Test:
    """A request whose pictures are enough."""

    request: Tcav
    hub: Hub
    sets: Sets
    classes: Sequence[_Class]

    def cells(self, progress: Progress) -> tuple[list[Cell], float]:
        """Layer by layer, and the mean share of pictures that two counter-sets have in common."""
        request, layers, numbers = self.request, self.request.layers, range(len(self.classes))
        looking, pooling = part(progress, 0.0, 0.35), request.settings.pooling
        activations = Activations.of(self.hub, request.model, layers, self.sets.all, pooling, looking)
        slopes = [self._slopes(number, _part(progress, 0.35, 0.6, number, len(numbers))) for number in numbers]
        examined = {
            layer: self._examined(activations, layer, slopes, _part(progress, 0.6, 0.85, place, len(layers)))
            for place, layer in enumerate(layers)
        }
        tried = [
            self._follows(number, activations, examined, slopes[number], _part(progress, 0.85, 1, number, len(numbers)))
            for number in numbers
        ]
        cells = [
            _cell(layer, self.classes[number], examined[layer].classes[number], tried[number].get(layer, UNKNOWN))
            for layer in layers
            for number in numbers
        ]
        return cells, float(np.mean([each.overlap for each in examined.values()]))

    def _slopes(self, number: int, progress: Progress) -> _Slopes:
        request, each = self.request, self.classes[number]
        if not each.pictures:
            return _Slopes({}, np.empty(0, np.float32))
        pooling = request.settings.pooling
        return _Slopes(*slopes(self.hub, request.model, request.layers, each.target, each.pictures, pooling, progress))

    def _examined(
        self, activations: Activations, layer: str, slopes: Sequence[_Slopes], progress: Progress
    ) -> Examined:
        """Classes go by their number: two may be of the same class, from different pictures."""
        concept, counters = (activations.at(layer, each) for each in (self.sets.concept, self.sets.counters))
        asked = {number: each.at(layer, concept.shape[1]) for number, each in enumerate(slopes)}
        randoms, settings = self._randoms(activations, layer, part(progress, 0.0, 0.7)), self.request.settings
        return examine(concept, counters, asked, randoms, settings, self.hub.device, part(progress, 0.7, 1.0))

    def _randoms(self, activations: Activations, layer: str, progress: Progress) -> RandomCavs:
        request, size = self.request, len(self.sets.concept)

        def told(fraction: float, note: str = "") -> None:
            progress(fraction, f"random concepts to compare with, {layer}: {note}")

        if request.relative:  # mixtures of this concept and the others: nobody else's
            pool = activations.at(layer, self.sets.pool)
            return random_cavs(pool, size, request.settings, self.hub.device, told)
        shared = RandomConcepts.of(request.model, request.against, layer, size, request.settings)
        known: RandomCavs = self.hub.run(shared, told)
        return known

    def _follows(
        self,
        number: int,
        activations: Activations,
        examined: dict[str, Examined],
        slopes: _Slopes,
        progress: Progress,
    ) -> dict[str, float]:
        """Of one class, at the layers where it has a score."""
        scored = [layer for layer, found in examined.items() if not found.classes[number].refusal]
        if not scored:
            return {}
        steps, expected = {}, {}
        for layer in scored:
            direction = mean_direction(examined[layer].cavs)
            steps[layer] = one_step(direction, activations.at(layer, self.sets.counters)) * direction
            expected[layer] = slopes.rows[layer] @ direction
        classifier, each = self.hub.classifier(self.request.model), self.classes[number]
        return follows(classifier, each.target, each.pictures, slopes.logits, steps, expected, progress)


def _part(progress: Progress, start: float, stop: float, number: int, count: int) -> Progress:
    """The `number`-th of so many equal parts of a stretch."""
    each = (stop - start) / count
    return part(progress, start + number * each, start + (number + 1) * each)
