"""The request: where do a model's pictures lie, seen from one layer?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xai_core.datasets.dataset import Shelf
from xai_core.embedding.settings import USUAL, Settings
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.embedding.gathering import Gather
    from xai_core.embedding.picture_map import PictureMap
    from xai_core.hub import Hub

ACTIVATIONS = "activations"


@dataclass(frozen=True)
class Source:
    """A data set or concept set of the library, in one revision; `items` are numbers of its items, () for all."""

    key: str
    revision: int
    shelf: Shelf = "datasets"
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class DrawMap:
    """Every picture of the sources is a point. Another layout of the same pictures shares their passes."""

    model: str
    sources: tuple[Source, ...]
    layer: str = ""  # "": what the model's last linear layer reads
    of: str = ACTIVATIONS  # or the key of a method: then a row is its map for the class that the model names
    settings: Settings = USUAL
    run: str = field(default="", compare=False)  # names this very drawing for `underway`; "" where nobody watches

    def answer(self, hub: Hub, progress: Progress = silent) -> PictureMap:
        """UnusableData where there is nothing to lay out, or no layout with these settings; LibraryError for pictures
        that are gone, UnsupportedMethod for a layer or a method that has no rows."""
        from xai_core.embedding.drawing import drawn

        return drawn(self, hub, progress)

    def gather(self) -> Gather:
        """What all layouts of these pictures share, as a request of its own."""
        from xai_core.embedding.gathering import Gather

        return Gather(self.model, self.sources, self.layer, self.of)

    def first(self) -> DrawMap:
        """The same pictures by PCA alone, which takes no iterations: to be shown while this is being drawn."""
        return replace(self, settings=Settings(layout="pca"), run="")
