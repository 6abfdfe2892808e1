"""Where a new picture falls on a map that is drawn already; the map's own points do not move."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.gathering import Gathered
from xai_core.embedding.quality import NEAREST
from xai_core.embedding.request import DrawMap
from xai_core.framing import Framing, frame
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent

if TYPE_CHECKING:
    from xai_core.embedding.picture_map import PictureMap
    from xai_core.hub import Hub

PERPLEXITY = 5.0  # as openTSNE places points: the nearest few say where
LEANED_ON = 25  # neighbours whose middle is where a point begins
UMAP_NOTE = "On a UMAP map a new picture lies in the middle of its nearest neighbours."


@dataclass(frozen=True)
class PlaceOnMap:
    """The request. `drawing` is the `request` of the map that is shown: also of one that was stopped before its end."""

    drawing: DrawMap
    picture: Picture
    framing: Framing

    def answer(self, hub: Hub, progress: Progress = silent) -> Placed:
        """Errors as `DrawMap`; the map is drawn again where it is not remembered."""
        from xai_core.embedding.looking import look_at

        begun = time.monotonic()
        shown: PictureMap = hub.run(self.drawing, part(progress, 0.0, 0.8))
        gathered: Gathered = hub.run(self.drawing.gather(), part(progress, 0.8, 0.9))
        progress(0.9, "looking at the new picture")
        classifier = hub.classifier(self.drawing.model)
        framed = frame(self.picture.pixels, classifier.preprocess, self.framing)
        seen = look_at(classifier, self.drawing.layer, self.drawing.of, framed.square)
        row = gathered.features.apply(seen.rows)
        apart = np.linalg.norm(gathered.features.rows.astype(np.float64) - row, axis=1)[gathered.features.of]
        order = np.argsort(apart, kind="stable")
        usual = np.median(np.linalg.norm(_apart(gathered, shown.neighbours[:, 0]), axis=1))
        progress(0.95, "placing it")
        predicted = int(seen.probabilities[0].argmax())
        return Placed(
            request=self,
            point=_point(shown, gathered, seen.rows),
            predicted=predicted,
            confidence=float(seen.probabilities[0, predicted]),
            label=classifier.labels[predicted],
            neighbours=order[:NEAREST].astype(np.int32),
            distances=apart[order[:NEAREST]],
            far=float(apart[order[0]] / usual) if usual else float("nan"),
            notes=(UMAP_NOTE,) if self.drawing.settings.layout == "umap" else (),
            seconds=time.monotonic() - begun,
        )


@dataclass(frozen=True, eq=False)
class Placed:
    """A point, and the rows of the map that look most like the picture to the model."""

    request: PlaceOnMap
    point: NDArray[np.float32]  # (2,)
    predicted: int
    confidence: float
    label: str  # the class that is predicted
    neighbours: NDArray[np.int32] = field(repr=False)  # (k,) rows of the map, nearest first
    distances: NDArray[np.float64] = field(repr=False)  # (k,) in the features' scale
    far: float  # distance to the nearest, in medians of the map's own; well above 1: like nothing on this map
    notes: tuple[str, ...]
    seconds: float


def _apart(gathered: Gathered, neighbour: NDArray[np.int32]) -> NDArray[np.float64]:
    """From each picture to its nearest one, (N, D)."""
    rows, of = gathered.features.rows, gathered.features.of
    found: NDArray[np.float64] = rows[of].astype(np.float64) - rows[of[neighbour]]
    return found


def _point(shown: PictureMap, gathered: Gathered, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """For features (1, D)."""
    row = gathered.projection.apply(features)
    points, layout = shown.points[gathered.features.first], shown.request.settings.layout
    if layout == "pca":
        return np.asarray(row[0, :2])
    if layout == "umap":
        apart = np.linalg.norm(gathered.reduced - row, axis=1)
        return np.asarray(np.median(points[np.argsort(apart)[:NEAREST]], axis=0), np.float32)
    found: NDArray[np.float32] = transformed(gathered.reduced, points, row)[0]
    return found


def transformed(
    known: NDArray[np.float32], points: NDArray[np.float32], rows: NDArray[np.float32]
) -> NDArray[np.float32]:
    """New rows (M, d) on a t-SNE map (n, 2) of known rows (n, d), by openTSNE: (M, 2)."""
    from openTSNE import TSNEEmbedding, affinity, nearest_neighbors

    perplexity = min(PERPLEXITY, (len(known) - 1) / 3)

    class Known(affinity.Affinities):  # type: ignore[misc]
        """Knows the map's rows only as far as new ones ask for them: their own affinities are not needed again."""

        def __init__(self) -> None:
            super().__init__()
            self.P = points  # looked at for its length
            self.knn_index = nearest_neighbors.Sklearn(known, LEANED_ON)

        def to_new(
            self, data: NDArray[np.float32], perplexity: float, return_distances: bool = False
        ) -> tuple[object, NDArray[np.intp], NDArray[np.float64]]:
            near, distances = _nearest(known, data, min(len(known), LEANED_ON))
            use = int(3 * perplexity)
            made = affinity.joint_probabilities_nn(
                near[:, :use],
                distances[:, :use],
                [perplexity],
                symmetrize=False,
                normalization="point-wise",
                n_reference_samples=len(known),
            )
            return made, near, distances

    middle = (points.max(axis=0) + points.min(axis=0)) / 2  # openTSNE moves the map there before it places anything
    embedding = TSNEEmbedding(points, Known(), negative_gradient_method="bh")
    placed = embedding.transform(rows, perplexity=perplexity, k=LEANED_ON)
    return np.asarray(placed + middle, np.float32)


def _nearest(
    known: NDArray[np.float32], rows: NDArray[np.float32], count: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    from sklearn.neighbors import NearestNeighbors

    distances, near = NearestNeighbors(n_neighbors=count).fit(known).kneighbors(rows)
    return near, distances
