"""The last linear layer of any network, and a quick way to what it reads: the network's own summary of a picture."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from xai_core import hooks
from xai_core.classifier import Classifier
from xai_core.prepared import Forward, prepare, private_copy


def head_of(classifier: Classifier) -> str:
    """The dotted name of the linear layer whose output is the answer; "" where there is none."""
    with torch.no_grad(), hooks.outputs_of(classifier.module) as seen:
        answer = classifier.module(classifier.probe())
    last = [call for call in seen if isinstance(call.module, nn.Linear)][-1:]
    return last[0].name if last and last[0].output is answer and answer.dim() == 2 else ""


def trunk(classifier: Classifier, head: str) -> Forward:
    """Normalised pictures (B, 3, S, S) -> what `head` reads, (B, D), by the fastest checked path."""
    private, side = private_copy(classifier.module), classifier.preprocess.crop
    parent, _, name = head.rpartition(".")
    setattr(private.get_submodule(parent), name, nn.Identity())
    return prepare(private, (3, side, side))


def answers(classifier: Classifier, head: str, rows: Tensor) -> Tensor:
    """Logits (N, K) on the CPU of what the head reads (N, D)."""
    layer = classifier.module.get_submodule(head)
    with torch.inference_mode():
        found: Tensor = layer(rows.to(classifier.device)).float().cpu()
    return found
