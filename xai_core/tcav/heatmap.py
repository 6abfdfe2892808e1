"""Where on a picture the activations point along a concept."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.errors import UnsupportedMethod
from xai_core.framing import Box, Framing, frame
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent
from xai_core.provenance import Provenance
from xai_core.tcav.direction import Direction, Trained

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.hub import Hub

PICTURES = 64  # counter-examples whose places are looked at: some thousands of places


@dataclass(frozen=True)
class UsualPlaces:
    """The request: what single places of counter-examples come to along a direction."""

    direction: Direction

    def answer(self, hub: Hub, progress: Progress = silent) -> Usual:
        """UnsupportedMethod for a layer without places; other errors as `Direction`."""
        from xai_core.batches import batch_size, in_batches
        from xai_core.features.located import squares_of
        from xai_core.tcav.sets import drawn, sets

        asked = self.direction
        trained: Trained = hub.run(asked, part(progress, 0.0, 0.7))
        classifier = hub.classifier(asked.model)
        counters = sets(asked.concept, asked.against, asked.relative, asked.settings).counters
        shown = drawn(counters, PICTURES, asked.settings.seed)
        found: list[NDArray[np.float64]] = []

        with squares_of(shown, classifier.preprocess) as ahead:

            def work(start: int, stop: int) -> None:
                found.append(along(classifier, list(ahead.batch(start, stop)), asked.layer, trained))

            size, note = batch_size(classifier.device, gradients=False), "looking at places of pictures,"
            in_batches(len(shown), size, work, part(progress, 0.7, 1.0), note)
        everywhere = np.concatenate(found)
        return Usual(float(everywhere.mean()), float(everywhere.std()))


@dataclass(frozen=True)
class Usual:
    """Of all places of all pictures."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class ConceptMap:
    """The request: one picture's places, each compared with those of the counter-examples."""

    direction: Direction
    picture: Picture
    framing: Framing

    def answer(self, hub: Hub, progress: Progress = silent) -> ConceptMapped:
        """UnsupportedMethod for a layer without places; other errors as `Direction`."""
        begun = time.monotonic()
        trained: Trained = hub.run(self.direction, part(progress, 0.0, 0.7))
        usual: Usual = hub.run(UsualPlaces(self.direction), part(progress, 0.7, 0.95))
        classifier = hub.classifier(self.direction.model)
        framed = frame(self.picture.pixels, classifier.preprocess, self.framing)
        (found,) = along(classifier, [framed.square], self.direction.layer, trained)
        values = ((found - usual.mean) / (usual.deviation or 1.0)).astype(np.float32)
        values.setflags(write=False)
        return ConceptMapped(
            request=self,
            title=trained.title,
            values=values,
            box=framed.box,
            accuracy=trained.accuracy,
            seconds=time.monotonic() - begun,
            provenance=Provenance.of(classifier),
        )


@dataclass(frozen=True, eq=False)
class ConceptMapped:
    """A finished map, to be drawn like an explanation's."""

    request: ConceptMap
    title: str  # the concept's
    values: NDArray[np.float32] = field(repr=False)  # (h, w), standard deviations above the usual, covering `box`
    box: Box  # the part of the original picture that the map covers
    accuracy: float  # of the concept's CAVs on held-out pictures
    seconds: float
    provenance: Provenance
    signed: bool = True  # below 0: less of the concept than is usual

    @property
    def made(self) -> str:
        """How it was made, in one sentence."""
        rows, columns = self.values.shape
        return (
            f"{rows} × {columns} places of {self.request.direction.layer}: how much further along {self.title} each "
            "lies than the usual place of the counter-examples, in standard deviations of those."
        )


def along(
    classifier: Classifier, squares: list[NDArray[np.uint8]], layer: str, trained: Trained
) -> NDArray[np.float64]:
    """Each place's activation times the direction, (B, h, w); UnsupportedMethod for a layer without places."""
    import torch

    from xai_core import hooks
    from xai_core.features.pooled import check
    from xai_core.layers import as_grid

    check(classifier, (layer,))
    found: list[Tensor | None] = []
    x = torch.cat([classifier.encode(square) for square in squares])

    def look(output: Tensor) -> None:
        grid = as_grid(output)
        # a copy: a layer behind may overwrite the output
        found.append(None if grid is None else grid.clone())

    with torch.inference_mode(), hooks.reading(classifier.module, {layer: look}):
        classifier.module(x)
    if len(found) != 1 or found[0] is None or len(found[0]) != len(x):
        raise UnsupportedMethod(f"Layer {layer!r} of {classifier.name} has no places to look at; choose another.")
    grid = found[0].cpu().double().numpy()
    direction = trained.vector.reshape(
        1, grid.shape[1], *(grid.shape[2:] if len(trained.vector) > grid.shape[1] else (1, 1))
    )
    return np.asarray((grid * direction).sum(1), np.float64)
