"""Does the order of a map matter to the model? Deletion and insertion (Petsiuk 2018, arXiv:1806.07421, section 3.3).

Deletion turns pixels into the model's neutral colour, strongest first; insertion brings them back into a blurred
picture. A map that knows what the model uses falls early and rises early. Two lines to compare with, on the same steps:
the same map moved elsewhere (as coarse as the map, in the wrong place), and single pixels in random order (the usual
one). The second alone would mislead: scattered grey dots confuse a network far more than one grey region does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_core.cascade import ModelName
from xai_core.errors import XaiError
from xai_core.explain import Explain, Explanation
from xai_core.framing import Framing, frame
from xai_core.order import Ranks, moved, random_ranks, ranks_of
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent
from xai_core.sentence import percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from xai_core.classifier import Classifier
    from xai_core.hub import Hub

Floats = NDArray[np.float32]

STEPS = 16  # areas within 0.01 of those of 224 steps on real photographs, at a fourteenth of the cost
SOURCE_STEPS = 224  # 224 pixels a step at 224 x 224, as the paper's code
BLUR_SIDE, BLUR_SIGMA = 11, 5  # pixels; the paper's code
FILL = "pixels that are taken away turn into the colour that the model takes for nothing (the mean of its training)"
START = f"insertion starts from a blurred copy (Gaussian, {BLUR_SIDE} x {BLUR_SIDE} pixels, sigma {BLUR_SIGMA})"
SIGN = "a signed map counts from the strongest for the class to the strongest against it"


@dataclass(frozen=True)
class RandomOrder:
    """The request: both games with single pixels in random order; the same for every map of a picture and class."""

    model: ModelName
    picture: Picture
    framing: Framing
    target: int
    steps: int = STEPS
    draws: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        _check(self.steps, self.draws)

    def answer(self, hub: Hub, progress: Progress = silent) -> Games:
        side = hub.classifier(self.model).preprocess.crop
        ranks = random_ranks(side, self.draws, self.seed)
        return _play(hub, self, ranks, self.steps, progress, "pixels in random order:")


@dataclass(frozen=True)
class Score:
    """The request: both games for one map, and for copies of it moved elsewhere. ValueError when out of bounds."""

    explain: Explain
    steps: int = STEPS  # 2 to 1000; as many or fewer are made, so that all are of one size
    draws: int = 3  # moved copies and random orders, 1 to 20
    seed: int = 0

    def __post_init__(self) -> None:
        _check(self.steps, self.draws)

    @property
    def method(self) -> str:
        return self.explain.method

    def answer(self, hub: Hub, progress: Progress = silent) -> Scored:
        """A blank map gets no score, and says so."""
        asked = self.explain
        explanation: Explanation = hub.run(asked, part(progress, 0.0, 0.2))
        if explanation.status == "blank":
            return Scored(self, explanation.method.title, explanation.label, None, None, None, explanation.reasons, 0.0)
        start = time.perf_counter()
        like = RandomOrder(asked.model, asked.picture, asked.framing, asked.target, self.steps, self.draws, self.seed)
        random: Games = hub.run(like, part(progress, 0.2, 0.5))
        own = ranks_of(explanation.values, hub.classifier(asked.model).preprocess.crop, self.seed)
        ranks = [own, *moved(own, self.draws, self.seed)]
        games = _play(hub, asked, ranks, self.steps, part(progress, 0.5, 1.0), "taking away and bringing back:")
        return Scored(
            request=self,
            title=explanation.method.title,
            label=explanation.label,
            own=games.rows(slice(0, 1)),
            moved=games.rows(slice(1, None)),
            random=random,
            reasons=(),
            seconds=time.perf_counter() - start,
        )


@dataclass(frozen=True, eq=False)
class Line:
    """A game's probabilities of the class (draws, n + 1), one row per order of the pixels."""

    probabilities: Floats = field(repr=False)

    @property
    def mean(self) -> Floats:
        return np.asarray(self.probabilities.mean(axis=0), np.float32)

    @property
    def areas(self) -> tuple[float, ...]:
        """The area under each row, in [0, 1]."""
        return tuple(area(row) for row in self.probabilities)

    @property
    def area(self) -> float:
        """The mean area; with `min(areas)` and `max(areas)` for its spread."""
        return float(np.mean(self.areas))


@dataclass(frozen=True, eq=False)
class Games:
    """Deletion and insertion over the same `shares` (n + 1,) of changed pixels, 0 to 1."""

    shares: Floats = field(repr=False)
    deletion: Line
    insertion: Line

    def rows(self, at: slice) -> Games:
        """Both games of some of the orders."""
        return Games(self.shares, Line(self.deletion.probabilities[at]), Line(self.insertion.probabilities[at]))


@dataclass(frozen=True, eq=False)
class Scored:
    """How well a map's order holds. The three games are None for a blank map: undefined, never 0."""

    request: Score
    title: str  # of the method
    label: str  # of the class
    own: Games | None
    moved: Games | None  # the same map in other places
    random: Games | None  # single pixels in random order
    reasons: tuple[str, ...]  # why there is no score, in words
    seconds: float

    @property
    def made(self) -> str:
        """How it was made, in one sentence."""
        steps = 0 if self.own is None else len(self.own.shares) - 1
        return f"In {steps} steps; {FILL}; {START}; {SIGN}."

    @property
    def sentence(self) -> str:
        if self.own is None or self.moved is None or self.random is None:
            return f"{self.title} gets no score: its map is blank."
        away, back = self.own.deletion.area, self.own.insertion.area
        moved, random = self.moved, self.random
        return (
            f"Taking away first what {self.title} marks leaves {self.label} at {percent(away)} on average (lower is "
            f"better); the same map moved elsewhere leaves {percent(moved.deletion.area)}, single pixels at random "
            f"{percent(random.deletion.area)}. Bringing it back first gives {percent(back)} (higher is better), "
            f"moved {percent(moved.insertion.area)}, at random {percent(random.insertion.area)}."
        )


def _check(steps: int, draws: int) -> None:
    if not 2 <= steps <= 1000:
        raise ValueError(f"steps must lie in [2, 1000], got {steps}")
    if not 1 <= draws <= 20:
        raise ValueError(f"draws must lie in [1, 20], got {draws}")


def area(curve: NDArray[np.floating]) -> float:
    """Under a curve (n + 1,) over [0, 1]: (sum - half of first and last) / n, as the paper's code."""
    exact = curve.astype(np.float64)
    return float((exact.sum() - exact[0] / 2 - exact[-1] / 2) / (len(exact) - 1))


def probabilities(
    classifier: Classifier,
    total: int,
    pictures: Callable[[int, int], Tensor],
    target: int,
    progress: Progress = silent,
    note: str = "",
) -> Floats:
    """Of the target for each of `pictures(start, stop)`, (total,). XaiError where the model's answer is not finite."""
    logits, _ = classifier.scores(total, pictures, progress, note)
    found: Floats = logits.softmax(dim=1)[:, target].numpy()
    if not np.isfinite(found).all():
        raise XaiError(f"{classifier.name} gives no finite answer for a partly hidden picture; no score is possible.")
    return found


def blurred(x: Tensor) -> Tensor:
    """(1, 3, S, S) -> the same, blurred as by the paper's code: the kernel is a blurred spike, zeros lie around."""
    import torch
    from scipy.ndimage import gaussian_filter

    spike = np.zeros((BLUR_SIDE, BLUR_SIDE))
    spike[BLUR_SIDE // 2, BLUR_SIDE // 2] = 1
    kernel = torch.from_numpy(gaussian_filter(spike, BLUR_SIGMA)).to(x)
    return torch.nn.functional.conv2d(x, kernel.expand(3, 1, -1, -1), padding=BLUR_SIDE // 2, groups=3)


def _play(
    hub: Hub, asked: Explain | RandomOrder, ranks: list[Ranks], steps: int, progress: Progress, note: str
) -> Games:
    """Both games for each order of the pixels; the untouched, the empty and the blurred picture are judged once."""
    import torch

    classifier = hub.classifier(asked.model)
    square = frame(asked.picture.pixels, classifier.preprocess, asked.framing).square
    x = hub.evidence(asked.model, square, asked.target).x
    fills = torch.cat([torch.zeros_like(x), blurred(x)])
    order = torch.from_numpy(np.stack(ranks)).to(x.device)
    pixels = order[0].numel()
    cuts = np.minimum(np.arange(-(-pixels // -(-pixels // steps)) + 1) * -(-pixels // steps), pixels)
    # (fill, order, pixels changed): fill 0 hides the pixels that come first, fill 1 shows them
    states = [(0, 0, 0), (0, 0, pixels), (1, 0, 0)]
    states += [(fill, row, int(cut)) for row in range(len(ranks)) for fill in (0, 1) for cut in cuts[1:-1]]
    table = torch.tensor(states, device=x.device)

    def pictures(start: int, stop: int) -> Tensor:
        fill, row, cut = table[start:stop].T
        changed = order[row] < cut[:, None, None]
        shown = torch.where(fill[:, None, None] == 1, changed, ~changed)
        return torch.where(shown[:, None], x, fills[fill]).contiguous(memory_format=torch.channels_last)

    found = probabilities(classifier, len(states), pictures, asked.target, progress, note)
    inner = found[3:].reshape(len(ranks), 2, len(cuts) - 2)
    ends = np.repeat(found[None, :3], len(ranks), axis=0)
    deletion = np.concatenate([ends[:, :1], inner[:, 0], ends[:, 1:2]], axis=1)
    insertion = np.concatenate([ends[:, 2:3], inner[:, 1], ends[:, :1]], axis=1)
    shares = (cuts / pixels).astype(np.float32)
    for array in (shares, deletion, insertion):
        array.setflags(write=False)
    return Games(shares, Line(deletion), Line(insertion))
