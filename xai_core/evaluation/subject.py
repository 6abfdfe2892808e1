"""What is known of a model besides its weights: its title, and the facts on its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xai_core import zoo
from xai_core.catalogue import DEMO, MINE
from xai_core.library import entries
from xai_core.names import safe_label
from xai_core.own_model import read_card
from xai_core.world import shipped


def subject(model: str) -> tuple[str, Mapping[str, Any]]:
    """Title and facts; no facts for the table's models. MissingWeights or UnknownModel for one that is gone."""
    if not model.startswith((DEMO, MINE)):
        return zoo.spec(model).title, {}
    own = model.startswith(MINE)
    card = read_card(entries.folder_of("models", model.removeprefix(MINE)) if own else shipped.folder(model))
    return safe_label(card.title), card.facts
