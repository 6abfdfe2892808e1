"""What sets a selection apart for the model: the direction from all others to it, and who lies how far along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.embedding.request import DrawMap
from xai_core.errors import UnusableData
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.embedding.gathering import Gathered
    from xai_core.hub import Hub

SHOWN = 8  # pictures of each kind


@dataclass(frozen=True)
class SetApart:
    """The request: rows of a map against all of its other rows."""

    drawing: DrawMap
    rows: tuple[int, ...]

    def answer(self, hub: Hub, progress: Progress = silent) -> Apart:
        """UnusableData where there is nothing to compare; otherwise as `DrawMap`."""
        gathered: Gathered = hub.run(self.drawing.gather(), progress)
        features = gathered.features.rows[gathered.features.of]
        inside = np.zeros(len(features), bool)
        if wrong := [row for row in self.rows if not 0 <= row < len(features)]:
            raise ValueError(f"the map has rows 0 to {len(features) - 1}, and no row {wrong[0]}")
        inside[list(self.rows)] = True
        if inside.all() or not inside.any():
            raise UnusableData("Select some of the pictures, not all of them: there is nothing to compare with.")
        direction = features[inside].mean(axis=0, dtype=np.float64) - features[~inside].mean(axis=0, dtype=np.float64)
        length = float(np.linalg.norm(direction))
        if length == 0:
            raise UnusableData("On average these pictures look to the model as all others do. Select other pictures.")
        along = features @ (direction / length)
        order = np.argsort(-along, kind="stable")
        within, without = order[inside[order]], order[~inside[order]]
        return Apart(
            request=self,
            along=along,
            typical=within[:SHOWN],
            odd=within[::-1][:SHOWN],
            lookalikes=without[:SHOWN],
            opposite=without[::-1][:SHOWN],
            separation=_separation(along, inside),
        )


@dataclass(frozen=True, eq=False)
class Apart:
    """Rows of the map, the clearest first."""

    request: SetApart
    along: NDArray[np.float64] = field(repr=False)  # (N,) how far each picture lies along the direction
    typical: NDArray[np.intp]  # of the selection, farthest along
    odd: NDArray[np.intp]  # of the selection, least far
    lookalikes: NDArray[np.intp]  # of all others, farthest along
    opposite: NDArray[np.intp]  # of all others, least far
    separation: float  # chance that a selected picture lies farther along than another one, 0.5 to 1


def _separation(along: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
    """The area under the ROC curve, by ranks (Mann & Whitney 1947)."""
    from scipy.stats import rankdata

    few, rest = int(inside.sum()), int((~inside).sum())
    return float((rankdata(along)[inside].sum() - few * (few + 1) / 2) / (few * rest))
