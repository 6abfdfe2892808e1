"""Which class is explained, on every page."""

from __future__ import annotations

from pages.ui.shelf import Shelf
from xai_core.predict import Prediction


def target_of(kept: Shelf, prediction: Prediction) -> int:
    """The chosen class, where this model has it; else the model's own answer."""
    if kept.target is not None and kept.target < len(prediction.labels):
        return kept.target
    return prediction.top(1)[0].index
