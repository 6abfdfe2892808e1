"""RISE: the average of random masks, each weighed by how well the class survives under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.fills import as_pixels
from xai_core.knobs import Params, knob
from xai_core.method import method

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from xai_core.details import Detail
    from xai_core.evidence import Evidence, Finding
    from xai_core.progress import Progress

FORWARD = 0.35  # a forward pass in forward-and-backward passes
FEW = 4000  # masks; the paper's number for the smaller of its networks


@dataclass(frozen=True)
class RiseParams(Params):
    masks: int = knob(1000, 10, 8000, step=10, help="Random masks to try. The paper takes 4,000 to 8,000.")
    cells: int = knob(7, 2, 20, step=1, help="Coarseness of a mask: its grid of visible and hidden cells per side.")
    visible: float = knob(0.5, 0.1, 0.9, step=0.05, help="The chance of each cell to stay visible.")
    from_lowest: bool = knob(
        True,
        label="from the lowest value",
        help="Subtract the map's lowest value, which every pixel gets by chance; off: the paper's plain average.",
    )
    seed: int = knob(0, 0, 9999, step=1, help="Which random masks; the same seed gives the same map.")

    def passes(self) -> float:
        return FORWARD * self.masks


class Masks:
    """Random smooth masks, drawn once and built batch by batch wherever they are needed.

    Petsiuk 2018, section 3.2: an s x s grid of Bernoulli(p) cells is enlarged bilinearly to (s + 1) cells of
    ceil(S / s) pixels, and an S x S part of it at a random shift of less than one cell is the mask.
    """

    def __init__(self, count: int, cells: int, visible: float, side: int, seed: int) -> None:
        import torch
        from torch.nn import functional as F

        draws = torch.Generator().manual_seed(seed)  # on the CPU, so that every device gets the same masks
        cell = -(-side // cells)
        self.side = side
        self.grids = (torch.rand((count, cells, cells), generator=draws) < visible).float()
        self.shifts = torch.randint(0, cell, (count, 2), generator=draws)
        # enlarging is linear: its weights are found by enlarging the unit vectors
        unit, size = torch.eye(cells)[None], (cells + 1) * cell
        self.weights = F.interpolate(unit, size, mode="linear", align_corners=False)[0].T.contiguous()

    def __call__(self, start: int, stop: int, device: torch.device) -> Tensor:
        """Masks (B, S, S) in [0, 1] with numbers start to stop."""
        import torch

        weights = self.weights.to(device)
        window = self.shifts[start:stop, :, None].to(device) + torch.arange(self.side, device=device)  # (B, 2, S)
        down, across = weights[window[:, 0]], weights[window[:, 1]]  # (B, S, cells) each
        return down @ self.grids[start:stop].to(device) @ across.transpose(1, 2)


@method(
    title="RISE",
    paper="Petsiuk 2018, arXiv:1806.07421, equation 6",
    shows="Which parts, when left visible among random hiding, keep {target} likely.",
    caution="Built from chance: spots the size of a mask's cell may be noise; more masks make the map calmer.",
)
def rise(evidence: Evidence, params: RiseParams, progress: Progress) -> Finding:
    """S = 1 / (N p) x sum of f(x * M) M over the masks M, f the class's probability."""
    import torch

    from xai_core.batches import batch_size, in_batches
    from xai_core.evidence import Finding

    classifier, x = evidence.classifier, evidence.x
    masks = Masks(params.masks, params.cells, params.visible, x.shape[-1], params.seed)
    total = torch.zeros(x.shape[2:], device=x.device)
    outcomes = torch.zeros(params.masks)

    def work(start: int, stop: int) -> None:
        nonlocal total
        with torch.inference_mode():
            made = masks(start, stop, x.device)
            found = classifier.prepared(x * made[:, None]).float().softmax(1)[:, evidence.target]
            total = total + torch.tensordot(found, made, dims=1)
        outcomes[start:stop] = found.cpu()

    halved = in_batches(params.masks, batch_size(x.device, gradients=False), work, progress, "masks")
    values = total / (params.masks * params.visible)
    lowest = float(values.min()) if params.from_lowest else 0.0
    details = _details(evidence, masks(0, 1, x.device), outcomes, lowest)
    return Finding(values - lowest, signed=False, details=details, notes=_notes(evidence, params, halved))


def _details(evidence: Evidence, mask: Tensor, outcomes: Tensor, lowest: float) -> tuple[Detail, ...]:
    from xai_core.details import Figure, Panel

    return (
        Figure(
            "Probability under the masks",
            f"{float(outcomes.mean()):.3f}",
            f"on average, from {float(outcomes.min()):.3f} to {float(outcomes.max()):.3f}; "
            f"the whole picture has {evidence.probability:.3f}",
        ),
        Figure(
            "Lowest value", f"{lowest:.4f}", "subtracted from the map; every pixel gets at least this much by chance"
        ),
        Panel("The first of the masked pictures", as_pixels(evidence.classifier, evidence.x * mask)),
    )


def _notes(evidence: Evidence, params: RiseParams, halved: bool) -> tuple[str, ...]:
    from xai_core.batches import HALVED

    red, green, blue = as_pixels(evidence.classifier, evidence.x[:, :, :1, :1] * 0)[0, 0]
    notes = [f"Hidden means faded towards this model's zero, the colour RGB {red}, {green}, {blue}."]
    if params.masks < FEW:
        notes.append(f"{params.masks} masks leave speckle; the paper takes {FEW} or more.")
    return (*notes, HALVED) if halved else tuple(notes)
