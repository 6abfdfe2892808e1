"""Random concepts to compare with: made once for all concepts of a size, all classes, and every later test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xai_core.progress import Progress, part, silent
from xai_core.tcav.activations import Activations
from xai_core.tcav.cavs import RandomCavs, random_cavs
from xai_core.tcav.request import Entry
from xai_core.tcav.sets import MOST_POOL, counter_examples, drawn
from xai_core.tcav.settings import USUAL, Settings

if TYPE_CHECKING:
    from xai_core.hub import Hub


@dataclass(frozen=True)
class RandomConcepts:
    """The request: the CAVs of random concepts of `size` pictures of a pool, at one layer."""

    model: str
    against: tuple[Entry, ...]
    layer: str
    size: int
    settings: Settings

    @classmethod
    def of(cls, model: str, against: tuple[Entry, ...], layer: str, size: int, settings: Settings) -> RandomConcepts:
        """The same request whatever the settings say about other sets."""
        return cls(model, against, layer, size, replace(settings, most=USUAL.most, examples=USUAL.examples))

    def answer(self, hub: Hub, progress: Progress = silent) -> RandomCavs:
        """Errors as `features` and `counter_examples`."""
        pool = drawn(counter_examples(self.against), MOST_POOL, self.settings.seed)
        looking, training = part(progress, 0.0, 0.5), part(progress, 0.5, 1.0)
        found = Activations.of(hub, self.model, (self.layer,), pool, self.settings.pooling, looking)
        return random_cavs(found.at(self.layer, pool), self.size, self.settings, hub.device, training)
