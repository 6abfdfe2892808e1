"""Does hiding what a map marks change the answer? The strongest tenth, against the same shape in random places.

Hidden pixels turn into the model's neutral colour, as in the deletion score. That colour itself disturbs a network, the
more so the more scattered it lies, so the comparison hides the same shape elsewhere: random single pixels would make
any smooth map look useless, and one random square any scattered map look good.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.explain import Explain, Explanation
from xai_core.framing import frame
from xai_core.order import moved, ranks_of
from xai_core.progress import Progress, part, silent
from xai_core.resample import resample
from xai_core.scores import probabilities
from xai_core.sentence import moves, percent

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.hub import Hub

MADE = (
    "Hidden pixels get the colour that the model takes for nothing (the mean of its training pictures). "
    "The comparison hides the same shape in random other places of the picture."
)


@dataclass(frozen=True)
class Tenth:
    """The request. ValueError when a number is out of bounds."""

    explain: Explain
    share: float = 0.10  # of the model's square, above 0 and at most 0.5
    draws: int = 5  # random places, 1 to 50
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.share <= 0.5:
            raise ValueError(f"share must lie in (0, 0.5], got {self.share}")
        if not 1 <= self.draws <= 50:
            raise ValueError(f"draws must lie in [1, 50], got {self.draws}")

    def answer(self, hub: Hub, progress: Progress = silent) -> HiddenTenth:
        """One small batch of passes beyond the map itself. A map that marks nothing for the class says so."""
        explanation: Explanation = hub.run(self.explain, part(progress, 0.0, 0.6))
        start = time.perf_counter()
        side = hub.classifier(self.explain.model).preprocess.crop
        marked = round(self.share * side * side)
        # values of 0 and below mark nothing: hiding them would only fill up the count with chance
        marked = min(marked, int((resample(explanation.values, (side, side)) > 0).sum()))
        if reasons := _nothing(explanation, marked):
            return self._undefined(explanation, reasons)
        own = ranks_of(explanation.values, side, self.seed)
        ranks = np.stack([own, *moved(own, self.draws, self.seed)])
        found = self._without(hub, ranks < marked, part(progress, 0.6, 1.0))
        found.setflags(write=False)
        return HiddenTenth(
            request=self,
            title=explanation.method.title,
            label=explanation.label,
            before=explanation.probability,
            after=float(found[0]),
            elsewhere=found[1:],
            share=marked / side**2,
            reasons=(),
            seconds=time.perf_counter() - start,
        )

    def _undefined(self, explanation: Explanation, reasons: tuple[str, ...]) -> HiddenTenth:
        title, before = explanation.method.title, explanation.probability
        return HiddenTenth(self, title, explanation.label, before, None, None, 0.0, reasons, 0.0)

    def _without(self, hub: Hub, masks: NDArray[np.bool_], progress: Progress) -> NDArray[np.float32]:
        """The class's probability with each mask (n, S, S) hidden, (n,)."""
        import torch

        asked, classifier = self.explain, hub.classifier(self.explain.model)
        square = frame(asked.picture.pixels, classifier.preprocess, asked.framing).square
        x = hub.evidence(asked.model, square, asked.target).x
        hidden = torch.from_numpy(masks).to(x.device)

        def pictures(start: int, stop: int) -> Tensor:
            shown = x.masked_fill(hidden[start:stop, None], 0.0)
            return shown.contiguous(memory_format=torch.channels_last)

        return probabilities(classifier, len(masks), pictures, asked.target, progress, "hiding parts:")


@dataclass(frozen=True, eq=False)
class HiddenTenth:
    """The class's probability before and after. `after` and `elsewhere` are None where the map marks nothing."""

    request: Tenth
    title: str  # of the method
    label: str  # of the class
    before: float
    after: float | None  # with the strongest part hidden
    elsewhere: NDArray[np.float32] | None = field(repr=False)  # (draws,): with the same shape hidden in random places
    share: float  # of the square that was hidden; less than asked for where the map marks less
    reasons: tuple[str, ...]  # why there is no figure, in words
    seconds: float

    @property
    def typical(self) -> float | None:
        """The mean of the random places."""
        return None if self.elsewhere is None else float(self.elsewhere.mean())

    @property
    def spread(self) -> tuple[float, float] | None:
        """The lowest and highest of the random places."""
        return None if self.elsewhere is None else (float(self.elsewhere.min()), float(self.elsewhere.max()))

    @property
    def matters(self) -> bool | None:
        """Whether hiding the marked part lowers the class more than every one of the random places does."""
        if self.after is None or self.elsewhere is None:
            return None
        return self.after < min(self.before, float(self.elsewhere.min()))

    @property
    def part(self) -> str:
        """The hidden part in words: "the tenth", or its share."""
        return "the tenth" if round(self.share, 2) == 0.1 else f"the {percent(self.share)}"

    @property
    def short(self) -> str:
        """For under a map: "Hiding its strongest tenth: 95 % to 31 %; a random tenth: 93 %"."""
        if self.after is None or self.typical is None:
            return self.reasons[0]
        name = self.part.removeprefix("the ")
        return (
            f"Hiding its strongest {name}: {percent(self.before)} to {percent(self.after)}; "
            f"a random {name}: {percent(self.typical)}"
        )

    @property
    def sentence(self) -> str:
        """The same in full, with the range of the random places."""
        if self.after is None or self.typical is None or self.spread is None:
            return self.reasons[0]
        low, high = (percent(end) for end in self.spread)
        places = percent(self.typical) if low == high else f"{percent(self.typical)} ({low} to {high})"
        verb, after = moves(self.before, self.after), percent(self.after)
        change = f"{verb} {self.label} " + (
            f"at {after}" if verb == "leaves" else f"from {percent(self.before)} to {after}"
        )
        return (
            f"Hiding {self.part} that {self.title} marks {change}; hiding the same shape in random places leaves "
            f"{places}{'' if self.matters else ': no more than chance'}."
        )


def _nothing(explanation: Explanation, marked: int) -> tuple[str, ...]:
    if explanation.status == "blank":
        return explanation.reasons
    if marked == 0:
        return (f"{explanation.method.title} marks nothing that speaks for {explanation.label}.",)
    return ()
