"""Which weights, on which device, with which versions made an answer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xai_core.classifier import Classifier


@dataclass(frozen=True)
class Provenance:
    """Enough to make the same answer again."""

    model: str
    weights: str  # SHA-256 over all weights and buffers
    device: str
    versions: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, classifier: Classifier) -> Provenance:
        packages = ("torch", "torchvision", "numpy", "scikit-image", "lime")
        versions = tuple((name, version(name)) for name in packages)
        return cls(classifier.name, classifier.fingerprint, classifier.device.type, versions)
