"""Occlusion: what the class loses when a window of the picture is covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.fills import FILLS
from xai_core.knobs import Params, knob
from xai_core.method import method

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress

MEASURES = ("probability", "score")
SIDE, FORWARD = 224, 0.35  # pixels of a usual input; a forward pass in forward-and-backward passes


@dataclass(frozen=True)
class OcclusionParams(Params):
    window: int = knob(32, 2, 224, step=2, unit="px", help="Side of the covered square, in pixels the model sees.")
    stride: int = knob(16, 2, 112, step=2, unit="px", help="How far the square moves; smaller is finer and slower.")
    fill: str = knob("grey", choices=FILLS, help="What the square is covered with.")
    measure: str = knob(
        "probability",
        choices=MEASURES,
        help="What is measured: the class's probability, or its raw score before probabilities are made of it.",
    )

    def passes(self) -> float:
        return FORWARD * len(starts(SIDE, self.window, self.stride)) ** 2


def starts(side: int, window: int, stride: int) -> list[int]:
    """Where windows begin along one edge. The last one reaches the far edge, cut short there if need be."""
    stride = min(stride, window)  # a longer stride would leave pixels that no window covers
    steps = max(0, -(-(side - window) // stride))
    return [step * stride for step in range(steps + 1)]


def bands(side: int, window: int, stride: int) -> Tensor:
    """(n, side) booleans: the pixels along one edge that each of the n windows covers."""
    import torch

    pixels, first = torch.arange(side), torch.tensor(starts(side, window, stride))[:, None]
    return (pixels >= first) & (pixels < first + window)


@method(
    title="Occlusion",
    paper="Zeiler 2014, arXiv:1311.2901, section 4.2",
    shows="How much {target} loses when a square of the picture is covered there.",
    caution="A covered square is a strange picture: some of the loss is the square's doing, not the missing content's.",
    in_sources=True,
)
def occlusion(evidence: Evidence, params: OcclusionParams, progress: Progress) -> Finding:
    """Drop of the class's outcome, averaged over the windows that cover a pixel."""
    import torch

    from xai_core.details import Figure
    from xai_core.evidence import Finding
    from xai_core.fills import filled

    classifier, x = evidence.classifier, evidence.x
    first = starts(x.shape[-1], params.window, params.stride)
    n, hidden = len(first), filled(classifier, x, params.fill)

    def pictures(start: int, stop: int) -> Tensor:
        covered = x.repeat(stop - start, 1, 1, 1).contiguous(memory_format=torch.channels_last)
        for picture, index in zip(covered, range(start, stop), strict=True):
            rows, columns = (slice(first[i], first[i] + params.window) for i in divmod(index, n))
            picture[:, rows, columns] = hidden[0, :, rows, columns]
        return covered

    logits, halved = classifier.scores(n * n, pictures, progress, "windows")
    if params.measure == "probability":
        before, after = evidence.logits.softmax(0)[evidence.target], logits.softmax(1)[:, evidence.target]
    else:
        before, after = evidence.logits[evidence.target], logits[:, evidence.target]
    widths = bands(x.shape[-1], params.window, params.stride).float()
    drops = widths.T @ (before - after).view(n, n) @ widths
    covers = widths.sum(0)
    lowest = int(after.argmin())
    words = f"{float(before):.3f} → {float(after[lowest]):.3f}"
    top, left = (first[i] for i in divmod(lowest, n))
    found = Figure(
        f"Largest loss of {params.measure}",
        words,
        f"with the {params.window}-pixel square at {left} px from the left and {top} px from the top covered",
    )
    return Finding(drops / (covers[:, None] * covers), signed=True, details=(found,), notes=_notes(params, n, halved))


def _notes(params: OcclusionParams, n: int, halved: bool) -> tuple[str, ...]:
    from xai_core.batches import HALVED

    notes = [f"{n * n} squares of {params.fill} were tried; where the map is negative, covering helps the class."]
    if params.stride > params.window:
        notes.append("The square moved by its own width: a longer stride would have skipped parts of the picture.")
    return (*notes, HALVED) if halved else tuple(notes)
