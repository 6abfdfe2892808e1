"""How a `DrawMap` is answered: what is known of the pictures, a layout, and how far it can be trusted."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.layouts import LaidOut, lay_out
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.pictures import Pictures, pictures
from xai_core.embedding.quality import quality
from xai_core.embedding.underway import underway
from xai_core.names import safe_label
from xai_core.progress import Progress, part

if TYPE_CHECKING:
    from xai_core.embedding.gathering import Gathered
    from xai_core.embedding.request import DrawMap
    from xai_core.hub import Hub

LOOKED, LAID = 0.5, 0.95  # shares of the time


def drawn(request: DrawMap, hub: Hub, progress: Progress) -> PictureMap:
    """Errors as `DrawMap.answer` says."""
    begun = time.monotonic()
    progress(0.0, "loading the model")
    classifier, shown = hub.classifier(request.model), pictures(request.sources)
    gathered: Gathered = hub.run(request.gather(), part(progress, 0.01, LOOKED))
    laid = _laid_out(request, gathered, part(progress, LOOKED, LAID))
    judged = quality(gathered.features.rows, laid.points, progress=part(progress, LAID, 1.0))
    truth, told = shown.truth(classifier.labels)
    return PictureMap(
        request=_again(request, laid),
        layer=gathered.layer,
        datasets=tuple(safe_label(data.title) for data in shown.sources),
        labels=classifier.labels,
        classes=tuple(data.classes for data in shown.sources),
        **_arrays(shown, gathered, laid, truth),
        quality=judged,
        projection=gathered.projection,
        perplexity=laid.perplexity,
        iterations=laid.iterations,
        complete=laid.complete,
        notes=(*gathered.notes, *told, *_twins(gathered), *laid.notes),
        weights=classifier.fingerprint,
        seconds=time.monotonic() - begun,
    )


def _arrays(shown: Pictures, gathered: Gathered, laid: LaidOut, truth: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    """What a map knows of each row, read-only: answers are shared by everyone who asks the same."""
    predicted = gathered.probabilities.argmax(axis=1).astype(np.int32)
    found: dict[str, NDArray[Any]] = {
        "points": laid.points[gathered.features.of],
        "sources": shown.source,
        "items": shown.items,
        "predicted": predicted,
        "confidence": np.take_along_axis(gathered.probabilities, predicted[:, None], axis=1)[:, 0],
        "label": shown.label,
        "truth": truth,
        "twins": gathered.features.twins,
        "neighbours": gathered.neighbours,
    }
    for array in found.values():
        array.setflags(write=False)
    return found


def _laid_out(request: DrawMap, gathered: Gathered, progress: Progress) -> LaidOut:
    of = gathered.features.of
    with underway(request.run) as watched:

        def watch(points: NDArray[np.float64]) -> bool:
            watched.show(points[of].astype(np.float32))
            return watched.enough

        return lay_out(gathered.reduced, request.settings, watch, progress)


def _again(request: DrawMap, laid: LaidOut) -> DrawMap:
    """What draws this very map: where it was cut short, the iterations that were made."""
    if laid.complete:
        return request
    early = min(laid.iterations, request.settings.early)
    if request.settings.layout == "umap":
        settings = replace(request.settings, umap_epochs=laid.iterations)
    else:
        settings = replace(request.settings, early=early, iterations=laid.iterations - early)
    return replace(request, settings=settings, run="")


def _twins(gathered: Gathered) -> tuple[str, ...]:
    count = len(gathered.features.of) - len(gathered.features.rows)
    if not count:
        return ()
    if count == 1:
        return ("One picture looks exactly like another one to the model, and lies on its point.",)
    return (f"{count:,} pictures look exactly like another one to the model, and lie on its point.",)
