"""Deep explanation: a small network learns to redraw the picture until the class is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.fills import as_pixels
from xai_core.knobs import Params, knob
from xai_core.method import method

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from xai_core.details import Detail
    from xai_core.evidence import Evidence, Finding
    from xai_core.perturbation_net import Search
    from xai_core.progress import Progress

FALLEN = 0.5  # of the original probability: above it, the search has failed


@dataclass(frozen=True)
class DeepExplanationParams(Params):
    kernel: int = knob(3, 3, 11, step=2, unit="px", help="Side of the redrawing filter.")
    blocks: int = knob(3, 1, 6, step=1, help="How often the filter's layers are followed by a cut-off at zero.")
    layers: int = knob(3, 1, 6, step=1, label="layers per block", help="How often the filter is applied in each block.")
    epochs: int = knob(500, 1, 3000, step=10, help="Steps of learning; the best one is kept.")
    learning_rate: float = knob(0.01, 0.0001, 1.0, step=0.001, help="Size of a step; larger is faster and rougher.")
    l1_weight: float = knob(
        1.0,
        0.0,
        100.0,
        step=0.1,
        label="cost of change",
        help="How dear it is to change the picture at all (L1 weight).",
    )
    seed: int = knob(0, 0, 9999, step=1, help="Where the search starts; the same seed gives the same map.")
    average_first: bool = knob(
        False, label="average colours first", help="As in the source: opposite changes of two colours cancel out."
    )
    power: int = knob(
        1, 1, 6, step=1, help="Raise the difference to this power; the source takes 6, which hides weak changes."
    )
    wipe_border: bool = knob(
        False, help="As in the source: set the outer tenth to zero, where the filter's edge shows."
    )
    dilation: int = knob(
        0, 0, 40, step=1, unit="px", help="Widen every spot to a square of this side; the source takes 20."
    )

    def passes(self) -> float:
        return float(self.epochs)


@method(
    title="Deep explanation",
    paper="roberto1648, deep-explanation-using-ai-for-explaining-the-results-of-ai (GitHub)",
    shows="What a small network changed in the picture to make {target} vanish at the least cost.",
    caution="One of many ways to fool the model: what was changed was enough, not necessarily needed.",
    in_sources=True,
)
def deep_explanation(evidence: Evidence, params: DeepExplanationParams, progress: Progress) -> Finding:
    """Mean over colours of |picture - redrawn picture|, in the model's input space."""
    import torch

    from xai_core.batches import in_batches
    from xai_core.evidence import Finding
    from xai_core.perturbation_net import Search, alive_net, processed

    x = evidence.x
    net = alive_net(params.kernel, params.blocks, params.layers, params.seed, x)
    if net is None:
        words = "A picture of one colour leaves this method nothing to redraw."
        return Finding(torch.zeros(x.shape[2:]), signed=False, notes=(words,))
    search = Search(net, evidence.classifier.module, x, evidence.target, params.l1_weight, params.learning_rate)
    in_batches(params.epochs, 1, lambda start, stop: search.epoch(), progress, "epoch")
    if search.best_picture is None:
        words = "The search broke down at its first step; try another seed or a smaller learning rate."
        return Finding(torch.zeros(x.shape[2:]), signed=False, notes=(words,))
    difference = (x - search.best_picture)[0].double().cpu().numpy()
    values = processed(difference, params.average_first, params.power, params.wipe_border, params.dilation)
    return Finding(
        torch.from_numpy(values),
        signed=False,
        details=_details(evidence, search, difference),
        notes=_notes(evidence, params, search),
    )


def _details(evidence: Evidence, search: Search, difference: NDArray[np.float64]) -> tuple[Detail, ...]:
    from xai_core.details import Curve, Figure, Panel
    from xai_core.perturbation_net import centre_of_mass, processed

    assert search.best_picture is not None
    values = processed(difference, average_first=True, power=6, wipe_border=True, dilation=20)
    centre = centre_of_mass(values)
    epochs = tuple(float(epoch) for epoch in range(1, len(search.losses) + 1))
    found: list[Detail] = [
        Figure("Probability before", f"{evidence.probability:.4f}", "of the class, for the picture as it is"),
        Figure(
            "Probability after",
            f"{search.best_probability:.4f}",
            f"for the redrawn picture of epoch {search.best_epoch + 1}",
        ),
        Figure("Change (L1)", f"{abs(difference).mean():.4f}", "mean change of a pixel, in the model's own units"),
        Curve("Loss", "epoch", "probability + cost of change", epochs, tuple(search.losses)),
        Panel("The redrawn picture", as_pixels(evidence.classifier, search.best_picture)),
        Panel("Difference, processed as in the source", _marked(values, centre)),
    ]
    if centre is not None:
        place = f"{centre[1]:.0f} px from the left, {centre[0]:.0f} px from the top"
        found.append(Figure("Centre of mass", place, "of the processed difference, in the picture the model sees"))
    return tuple(found)


def _marked(values: NDArray[np.float64], centre: tuple[float, float] | None) -> NDArray[np.uint8]:
    """The map in shades of grey, white strongest, with a red cross at its centre of mass."""
    import numpy as np

    grey = np.round(255 * values / (values.max() or 1.0)).astype(np.uint8)
    pixels = np.stack([grey] * 3, axis=-1)
    if centre is not None:
        row, column, arm = round(centre[0]), round(centre[1]), max(2, len(values) // 40)
        pixels[max(0, row - arm) : row + arm + 1, column] = (220, 30, 30)
        pixels[row, max(0, column - arm) : column + arm + 1] = (220, 30, 30)
    return pixels


def _notes(evidence: Evidence, params: DeepExplanationParams, search: Search) -> tuple[str, ...]:
    notes = []
    if search.best_probability > FALLEN * evidence.probability:
        notes.append(
            f"The search failed: the probability only went from {evidence.probability:.3f} to "
            f"{search.best_probability:.3f}. Try another seed, more epochs or a lower cost of change."
        )
    if search.died:
        notes.append(f"The network went dark after epoch {len(search.losses)}; the best picture until then is shown.")
    if params.power > 1 or params.wipe_border or params.dilation > 1:
        notes.append("The source's processing is on: it makes the map look sharper and more centred than it is.")
    return tuple(notes)
