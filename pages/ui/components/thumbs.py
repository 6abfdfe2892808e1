"""A strip of small pictures to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui.components.scripts import script, style

_component = st.components.v2.component(
    "thumbs",
    html='<div class="strip" role="group"></div>',
    css=style("thumbs/thumbs"),
    js=script("shared/refill", "thumbs/thumbs"),
)


@dataclass(frozen=True)
class Thumb:
    """One picture to choose."""

    key: str
    label: str
    url: str


def thumbs(items: Sequence[Thumb], current: str | None, label: str, key: str) -> str | None:
    """Draw the strip with `current` marked; the key that was just clicked, or None."""
    rows = [{"key": item.key, "label": item.label, "url": item.url} for item in items]
    result = _component(key=key, data={"rows": rows, "current": current, "label": label}, on_chosen_change=lambda: None)
    chosen: str | None = result.chosen
    return chosen
