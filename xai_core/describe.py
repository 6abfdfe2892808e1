"""What a page needs to know about a model and its device, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from xai_core.explain import refusal
from xai_core.method import methods
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    import torch

    from xai_core.hub import Hub


@dataclass(frozen=True)
class Describe:
    """The request: load the model, warm it up, and tell what it is."""

    model: str

    def answer(self, hub: Hub, progress: Progress = silent) -> ModelCard:
        from xai_core.bottlenecks import bottlenecks, usual

        progress(0.1, "loading the model")
        classifier = hub.classifier(self.model)
        progress(0.6, "warming it up")
        layers = classifier.layers
        # the first pass of each kind is slow; a visitor should not be the one to wait for it
        classifier.gradient(classifier.probe(), 0)
        classifier.prepared(classifier.probe())
        refusals = {key: reason for key, card in methods().items() if (reason := refusal(card, classifier))}
        offered = bottlenecks(classifier)
        return ModelCard(
            model=self.model,
            labels=classifier.labels,
            layers=tuple((layer.name, str(layer)) for layer in layers),
            cam_layer=classifier.cam_layer,
            refusals=tuple(refusals.items()),
            weights=classifier.fingerprint,
            bottlenecks=tuple((layer.name, layer.words) for layer in offered),
            bottleneck=usual(offered),
        )


@dataclass(frozen=True)
class ModelCard:
    """A loaded model in words."""

    model: str
    labels: tuple[str, ...] = field(repr=False)
    layers: tuple[tuple[str, str], ...] = field(repr=False)  # (dotted name, name with its resolution)
    cam_layer: str
    refusals: tuple[tuple[str, str], ...]  # (method key, why it has no meaning here)
    weights: str  # SHA-256
    bottlenecks: tuple[tuple[str, str], ...] = ()  # where concepts can be looked for: (dotted name, words)
    bottleneck: str = ""  # the one to begin with; "" where there is none


@dataclass(frozen=True)
class LookAtDevice:
    """The request: the device's name and memory at this moment, in words."""

    on_device: ClassVar[bool] = False  # needs no turn, and is never answered from memory

    def answer(self, hub: Hub, progress: Progress = silent) -> str:
        return device_words(hub.device)


def device_words(device: torch.device) -> str:
    """For example "CPU, 2 threads" or "NVIDIA H200, 1.2 of 140 GB used"."""
    import torch

    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return f"{torch.cuda.get_device_name(device)}, {(total - free) / 2**30:.1f} of {total / 2**30:.0f} GB used"
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} {'thread' if threads == 1 else 'threads'}"
