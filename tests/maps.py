"""How tests of methods ask for a map and compare it with somebody else's."""

from __future__ import annotations

from torch import Tensor, nn

from xai_core.classifier import Classifier
from xai_core.evidence import Evidence, Finding
from xai_core.framing import Framing, frame
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.progress import silent


def relative(ours: Tensor, theirs: Tensor) -> float:
    """Largest difference, as a share of the largest value."""
    theirs = theirs.detach()
    return float((ours - theirs).abs().max() / theirs.abs().max())


def run(key: str, evidence: Evidence, **changed: object) -> Finding:
    """The method's finding with its default settings but for those named."""
    card = methods()[key]
    return card.run(evidence, card.params(**changed), silent)


def evidence_of(classifier: Classifier, picture: Picture, target: int = 1) -> Evidence:
    return Evidence(classifier, frame(picture.pixels, classifier.preprocess, Framing.AS_TRAINED).square, target)


def without_inplace(module: nn.Module) -> nn.Module:
    """The peers hook layers and keep features without copying; neither stands in-place layers."""
    for child in module.modules():
        if hasattr(child, "inplace"):
            child.inplace = False
    return module
