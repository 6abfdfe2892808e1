"""Is a map about the model? One stated rule, from how much of it outlives the network's upper half.

Two anchors: what unrelated maps of the same kind score by chance (0), and an edge detector, which knows no model and
stays the same whatever is destroyed (1). A map nearer to chance is about the model, one that goes three quarters of the
way to the edge detector is not, and what lies between asks for care. Judged is the mean over the first half of the
stages: the layers next to the input, which a cascade destroys last, draw edges whatever was learned above, and the
paper's own erratum limits its claims to the higher layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from xai_core.cascade import Order

Kind = Literal["good", "care", "bad", "none"]

ABOUT, NOT_ABOUT = 0.5, 0.75  # of the way from chance to the edge detector
STILL = 0.9  # a map that agrees this well is "still the same"
WORDS: dict[Kind, str] = {
    "good": "About the model",
    "care": "With care",
    "bad": "Not about the model",
    "none": "No verdict",
}
SHORT: dict[Kind, str] = {
    "good": "It changes with what the model learned, as it should.",
    "care": "Part of it shows the picture, whatever the model learned.",
    "bad": "It shows the picture, not the model. Do not use it to justify a decision.",
    "none": "There were too few maps to compare.",
}
RULE = (
    "We destroy the first half of the blocks, one after the other, and ask each time how much of the map is left: 0 is "
    "what unrelated maps of the same kind share by chance, 1 is an edge detector, which knows no model and never "
    "changes. On average nearer to 0: about the model. From 0.75 on: not about the model. In between: with care."
)


@dataclass(frozen=True)
class Verdict:
    """What became of one method's map, in a word and a sentence."""

    kind: Kind
    sentence: str
    share: float | None  # 0: as good as chance, 1: as stubborn as an edge detector; None without a verdict

    @property
    def word(self) -> str:
        return WORDS[self.kind]

    @property
    def short(self) -> str:
        """What the word means, for under a map."""
        return SHORT[self.kind]


def judged(title: str, order: Order, ranks: NDArray[np.float64], chance: float) -> Verdict:
    """`ranks`: rank agreement with the trained network's map at each stage, itself first, NaN where undefined.

    `chance`: the most that unrelated maps of the same kind share.
    """
    blocks = len(ranks) - 1
    asked = np.arange(1, blocks + 1) if order is Order.INDEPENDENT else np.arange(1, (blocks + 1) // 2 + 1)
    defined = asked[~np.isnan(ranks[asked])]
    if np.isnan(chance) or chance >= 1 or 2 * len(defined) < len(asked) or not len(defined):
        missing = len(asked) - len(defined)
        return Verdict("none", f"{title}: nothing to compare at {missing} of the {len(asked)} stages that count.", None)
    mean = float(ranks[defined].mean())
    share = float(np.clip((mean - max(chance, 0.0)) / (1 - max(chance, 0.0)), 0, 1))
    kind: Kind = "good" if share <= ABOUT else "bad" if share >= NOT_ABOUT else "care"
    return Verdict(kind, _sentence(kind, title, order, ranks, defined, chance), share)


def _sentence(
    kind: Kind, title: str, order: Order, ranks: NDArray[np.float64], defined: NDArray[np.intp], chance: float
) -> str:
    blocks, by_chance = len(ranks) - 1, f"unrelated maps share up to {_whole(max(chance, 0.0))}"
    mean = _whole(max(0.0, float(ranks[defined].mean())))
    if order is Order.INDEPENDENT:
        left = f"with one block destroyed at a time, {mean} of its map is left on average"
    else:
        left = f"while up to {defined[-1]} of {blocks} blocks were destroyed, {mean} of its map was left on average"
    if kind == "good":
        return f"{title}: {left} ({by_chance}). It depends on what the model learned, as it should."
    if kind == "care":
        return (
            f"{title}: {left} ({by_chance}). Part of it shows the picture, whatever the model learned. "
            "Use it beside other evidence."
        )
    still = [int(stage) for stage in defined if ranks[stage] >= STILL]
    if still and order is not Order.INDEPENDENT:
        last = still[-1]
        left = f"after {last} of {blocks} blocks were destroyed its map is still {_whole(float(ranks[last]))} the same"
    return (
        f"{title}: {left} ({by_chance}). It is showing the picture, not the model. Do not use it to justify a decision."
    )


def _whole(share: float) -> str:
    """In whole percents; 100 % is said of identical maps only."""
    return f"{min(round(100 * share), 99) if share < 1 else 100} %"
