"""How a network is made to forget, as a value: which blocks, by which law, from which seed. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from xai_core.framing import Framing
from xai_core.picture import Picture


class Order(StrEnum):
    """Which blocks are destroyed at stage k of n (Adebayo 2018, section 3)."""

    TOP_DOWN = "from the output down"  # the last k blocks
    BOTTOM_UP = "from the input up"  # the first k
    INDEPENDENT = "one block at a time"  # the k-th from the output alone


class Law(StrEnum):
    """What the weights of a destroyed block are replaced by."""

    OWN = "each layer's own initialiser"
    TRUNCATED = "truncated normal, σ 0.01 (the paper)"
    UNIFORM = "uniform, −1 to 1"
    SHUFFLED = "its own weights, shuffled"
    SOURCE = "as in the source: one tensor a block, uniform"


class Norms(StrEnum):
    """What happens to the running statistics of batch normalisation in a destroyed block."""

    RESET = "reset to mean 0, variance 1"
    KEPT = "kept as trained"
    ESTIMATED = "estimated anew on the pictures at hand"


@dataclass(frozen=True)
class Cascade:
    """A recipe: the same one gives the same weights, bit for bit.

    `pictures` are those at hand, and matter only where statistics are estimated on them. ValueError where the parts
    contradict each other.
    """

    model: str
    order: Order = Order.TOP_DOWN
    law: Law = Law.OWN
    norms: Norms = Norms.RESET
    seed: int = 0
    pictures: tuple[Picture, ...] = field(default=())
    framing: Framing = Framing.AS_TRAINED  # of those pictures

    def __post_init__(self) -> None:
        if (self.norms is Norms.ESTIMATED) != bool(self.pictures):
            raise ValueError("pictures are needed where statistics are estimated on them, and nowhere else")
        if self.law is Law.SOURCE and self.norms is not Norms.KEPT:
            raise ValueError("the source leaves running statistics as they are: choose Norms.KEPT")

    def at(self, stage: int) -> str | Randomised:
        """The name of the network at that stage: stage 0 is the trained model itself."""
        return Randomised(self, stage) if stage else self.model


@dataclass(frozen=True)
class Randomised:
    """The name of one network of a cascade; wherever a model is named, this may stand."""

    cascade: Cascade
    stage: int  # 1 .. number of blocks

    def __str__(self) -> str:
        recipe = self.cascade
        return f"{recipe.model}, stage {self.stage} ({recipe.order}; {recipe.law}; seed {recipe.seed})"


ModelName = str | Randomised


def destroyed(order: Order, stage: int, blocks: int) -> range:
    """Which of the blocks, counted from the input, are destroyed at a stage from 0 to `blocks`."""
    if not 0 <= stage <= blocks:
        raise ValueError(f"stage must lie in [0, {blocks}], got {stage}")
    if order is Order.BOTTOM_UP:
        return range(stage)
    if order is Order.INDEPENDENT and stage:
        return range(blocks - stage, blocks - stage + 1)
    return range(blocks - stage, blocks)
