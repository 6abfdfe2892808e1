"""A network whose reasons are known, maps made by hand, and a hub that has them at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from conftest import make_toy
from xai_core.classifier import Classifier
from xai_core.explain import Explain, Explanation
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.progress import Progress, silent
from xai_core.provenance import Provenance

SIDE = 32  # pixels; the planted patch covers rows 8 to 16 and columns 16 to 24
PATCH = (slice(8, 16), slice(16, 24))
PICTURE = Picture.of(np.full((SIDE, SIDE, 3), 255, np.uint8), "white")  # 2 everywhere once encoded
LABEL = "cat"


def _lamp() -> Picture:
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[PATCH] = 255
    return Picture.of(pixels, "lamp")


LAMP = _lamp()  # white in the patch alone: blurring it costs the first class nearly everything


class Planted(nn.Module):
    """The first of five logits is `gain` times the mean of the patch, the others are 0."""

    def __init__(self, gain: float = 2.0) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(gain))

    def forward(self, x: Tensor) -> Tensor:
        logit = self.gain * x[:, :, PATCH[0], PATCH[1]].mean(dim=(1, 2, 3))
        return torch.stack([logit, *[0 * logit] * 4], dim=1)


def softmax(logit: float) -> float:
    """The probability of the first class."""
    return float(np.exp(logit) / (np.exp(logit) + 4))


BEFORE, AFTER = softmax(4.0), softmax(0.0)  # with all of the patch, and with none


class Told(Hub):
    """A hub that has been told some answers."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__(lambda key, device: classifier, torch.device("cpu"))
        self.told: dict[Any, Any] = {}

    def run(self, request: Any, progress: Progress = silent) -> Any:
        return self.told[request] if request in self.told else super().run(request, progress)


def planted() -> Told:
    return Told(make_toy(Planted(), cam_layer="", name="planted"))


def asked(method: str = "gradient", target: int = 0, picture: Picture = PICTURE, **changed: Any) -> Explain:
    return Explain("planted", picture, Framing.WHOLE, target, method, methods()[method].params(**changed))


def marked(
    values: NDArray[Any], request: Explain | None = None, *, signed: bool = False, label: str = LABEL
) -> Explanation:
    """A finished explanation with this map."""
    request = asked() if request is None else request
    frozen = np.array(values, np.float32)
    frozen.setflags(write=False)
    blank = np.ptp(frozen) == 0
    return Explanation(
        request=request,
        values=frozen,
        signed=signed,
        status="blank" if blank else "ok",
        reasons=(f"{methods()[request.method].title} found nothing.",) if blank else (),
        box=(0.0, 0.0, float(request.picture.width), float(request.picture.height)),
        label=label,
        probability=BEFORE,
        seconds=0.1,
        details=(),
        notes=(),
        provenance=Provenance("planted", "0" * 64, "cpu", ()),
    )


def patch_map() -> NDArray[np.float32]:
    """1 inside the patch, 0 elsewhere."""
    values = np.zeros((SIDE, SIDE), np.float32)
    values[PATCH] = 1
    return values
