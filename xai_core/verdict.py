"""Is a map about the model? One stated rule, from how much of it outlives the network's upper half.

Two anchors: what unrelated maps of the same kind share on average (0), and an edge detector, which knows no model and
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
MEANING: dict[Kind, str] = {
    "good": "It depends on what the model learned, as it should.",
    "care": "Part of it shows the picture, whatever the model learned. Use it beside other evidence.",
    "bad": "It is showing the picture, not the model. Do not use it to justify a decision.",
    "none": "",
}
RULE = (
    "We destroy the first half of the blocks, one after the other, and ask each time how much of the map is left: 0 is "
    "what unrelated maps of the same kind share on average, 1 is an edge detector, which knows no model and never "
    "changes. On average nearer to 0: about the model. From 0.75 on: not about the model. In between: with care. "
    "Where one block is destroyed at a time, every stage counts."
)


@dataclass(frozen=True)
class Verdict:
    """What became of one method's map, in a word and a sentence."""

    kind: Kind
    sentence: str  # with the method's name, and what chance would give
    short: str  # for under a map
    share: float | None  # 0: as good as chance, 1: as stubborn as an edge detector; None without a verdict

    @property
    def word(self) -> str:
        return WORDS[self.kind]


def judged(title: str, order: Order, ranks: NDArray[np.float64], chance: tuple[float, float]) -> Verdict:
    """`ranks`: rank agreement with the trained network's map at each stage, itself first, NaN where undefined.

    `chance`: from and to, what unrelated maps of the same kind share; NaN where undefined.
    """
    blocks = len(ranks) - 1
    asked = np.arange(1, blocks + 1) if order is Order.INDEPENDENT else np.arange(1, (blocks + 1) // 2 + 1)
    defined = asked[~np.isnan(ranks[asked])]
    low, high = chance
    if np.isnan(high) or 2 * len(defined) < len(asked) or not len(defined):
        few = f"nothing to compare at {len(asked) - len(defined)} of the {len(asked)} stages that count."
        return Verdict("none", f"{title}: {few}", _capital(few), None)
    # the middle: from the upper end, a coarse map, which is often alike by chance, would have to change least
    base = max((low + high) / 2, 0.0)
    share = float(np.clip((float(ranks[defined].mean()) - base) / (1 - base), 0, 1))
    kind: Kind = "good" if share <= ABOUT else "bad" if share >= NOT_ABOUT else "care"
    left = _left(kind, order, ranks, defined)
    sentence = f"{title}: {left} (unrelated maps share up to {_whole(max(high, 0.0))}). {MEANING[kind]}"
    return Verdict(kind, sentence, f"{_capital(left)}. {MEANING[kind]}", share)


def _left(kind: Kind, order: Order, ranks: NDArray[np.float64], defined: NDArray[np.intp]) -> str:
    """How much of the map outlived how much of the network."""
    blocks, mean = len(ranks) - 1, _whole(max(0.0, float(ranks[defined].mean())))
    if order is Order.INDEPENDENT:
        return f"{mean} of its map is left on average with one block destroyed at a time"
    still = [int(stage) for stage in defined if ranks[stage] >= STILL]
    if kind == "bad" and still:
        last = still[-1]
        return f"after {last} of {blocks} blocks were destroyed its map is still {_whole(float(ranks[last]))} the same"
    return f"{mean} of its map is left on average while {defined[-1]} of {blocks} blocks are destroyed"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _whole(share: float) -> str:
    """In whole percents; 100 % is said of identical maps only."""
    return f"{min(round(100 * share), 99) if share < 1 else 100} %"
