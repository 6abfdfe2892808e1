"""The models of a notebook: one hub for all that it asks."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache

from torch import nn

from xai_core import build
from xai_core.classifier import Classifier, freeze
from xai_core.framing import Preprocess
from xai_core.hub import Hub


@cache
def hub() -> Hub:
    """The one that answers whatever this notebook asks."""
    return Hub(build.load)


def load(name: str = "lite0") -> Classifier:
    """The classifier of that name from the table; MissingWeights says which file is absent."""
    return hub().classifier(name)


def wrap(
    module: nn.Module, labels: Sequence[str], preprocess: Preprocess, *, cam_layer: str = "", name: str = "mine"
) -> Classifier:
    """Any network as a classifier: a private copy of it, frozen, on the device; yours stays as it is.

    `cam_layer`: the dotted name of the layer that Grad-CAM uses, "" where there is none. A second network under
    the same name takes the place of the first.
    """
    device = hub().device
    classifier = Classifier(name, freeze(copy.deepcopy(module), device), tuple(labels), preprocess, cam_layer)
    hub().adopt(classifier)
    return classifier
