"""A page of pictures with a line or two under each; a click chooses one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.components.scripts import script, style

_component = st.components.v2.component(
    "second_look_album",
    html='<div class="album" role="group"></div>',
    css=style("album/album"),
    js=script("shared/refill", "album/album"),
)


@dataclass(frozen=True)
class Leaf:
    """One picture; keys must differ."""

    key: str
    url: str
    title: str
    note: str = ""  # a second line
    wrong: bool = False  # the note says that something went wrong


def album(
    leaves: Sequence[Leaf], label: str, key: str, current: str | None = None, across: int | None = None
) -> str | None:
    """Draw the pictures in their order with `current` marked, `across` in a row or as many as fit; the key that was
    just clicked, or None."""
    rows = [asdict(leaf) for leaf in leaves]
    data = {"rows": rows, "label": label, "current": current, "across": across}
    result = _component(key=key, data=data, on_chosen_change=lambda: None)
    chosen: str | None = result.chosen
    return chosen
