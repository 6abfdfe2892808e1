"""Which methods stand on the page, and the requests behind their panels."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pages.ui.shelf import Shelf
from xai_core.describe import ModelCard
from xai_core.explain import Explain
from xai_core.knobs import Params
from xai_core.method import Method, methods
from xai_core.picture import Picture

QUICK_PASSES = 2.0  # methods that cost no more than this answer at once


class Preset(StrEnum):
    """The sets of methods on offer."""

    QUICK = "Quick look"
    SOURCES = "As in the sources"
    EVERYTHING = "Everything"
    CHOSEN = "My choice"


def cards(preset: Preset, card: ModelCard | None, chosen: Sequence[str]) -> list[Method]:
    """The methods of a preset, cheapest first.

    A quick look leaves out what does not apply to the model; the other sets show it with the reason.
    """
    refused = dict(card.refusals) if card else {}
    everything = list(methods().values())
    if preset is Preset.QUICK:
        usual = [m for m in everything if quick(m.params()) and m.key not in refused]
        # while the model is loading, keep places only for what nearly every network can answer
        return usual if card else [m for m in usual if "attention" not in m.needs]
    if preset is Preset.SOURCES:
        return [m for m in everything if m.in_sources]
    if preset is Preset.CHOSEN:
        return [m for m in everything if m.key in chosen]
    return everything


def quick(params: Params) -> bool:
    """Whether this is computed in a moment, and so may go ahead of what is not."""
    return params.passes() <= QUICK_PASSES


def request(shelf: Shelf, method: Method, target: int, picture: Picture | None = None) -> Explain:
    """The request behind one panel."""
    params = shelf.settings(method.key)
    return Explain(shelf.model, picture or shelf.picture, shelf.framing, target, method.key, params)
