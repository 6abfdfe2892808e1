"""What hidden parts of a picture are replaced with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from xai_core.classifier import Classifier

FILLS = ("grey", "black", "white", "blurred", "mean colour")
LEVELS = {"grey": 0.5, "black": 0.0, "white": 1.0}
BLUR_SIDE, BLUR_SIGMA = 45, 11.0  # pixels: no feature of a 224-pixel picture survives it


def filled(classifier: Classifier, x: Tensor, fill: str) -> Tensor:
    """A picture to hide behind, in the model's input space: x (1, 3, S, S) -> (1, 3, S, S).

    The colours are those of the screen: "grey" is RGB 0.5, whatever zero means after normalisation.
    """
    from torchvision.transforms.v2.functional import gaussian_blur

    if fill == "blurred":
        side = min(BLUR_SIDE, (x.shape[-1] - 1) // 2 * 2 + 1)  # reflection needs a kernel within the picture
        blurred: Tensor = gaussian_blur(x, [side, side], [BLUR_SIGMA, BLUR_SIGMA])
        return blurred
    if fill == "mean colour":
        return x.mean(dim=(2, 3), keepdim=True).expand_as(x)
    return classifier.normalise(x.new_full(x.shape, LEVELS[fill]))


def as_pixels(classifier: Classifier, x: Tensor) -> NDArray[np.uint8]:
    """One encoded picture (1, 3, S, S) as it would look on screen, (S, S, 3) uint8; what is out of range is clipped."""
    rgb = classifier.denormalise(x)[0].clamp(0, 1).mul(255).round()
    pixels: NDArray[np.uint8] = rgb.permute(1, 2, 0).byte().cpu().numpy()
    return pixels
