"""What sets the selection apart: its typical pictures, the odd ones in it, and those outside that look like it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui import watching
from pages.ui.components.album import album
from pages.ui.map.reading import leaf
from pages.ui.map.state import Atlas
from xai_core.embedding.apart import Apart, SetApart
from xai_core.embedding.picture_map import PictureMap


def comparable(shown: PictureMap, rows: Sequence[int]) -> bool:
    """Whether there are others."""
    return len(set(rows)) < len(shown)


def found(shown: PictureMap, rows: Sequence[int]) -> Apart | None:
    """None until it is known; every layout of the same pictures shares it."""
    request = SetApart(shown.request.first(), tuple(sorted(set(rows))))
    answer = watching.answered(request, "map-apart", "comparing them with all others")
    return answer if isinstance(answer, Apart) else None


def show(kept: Atlas, shown: PictureMap, rows: list[int]) -> None:
    """Three rows of pictures; a click opens one beside the map."""
    if not comparable(shown, rows):
        st.write("Everything is selected: there is nothing to set it apart from. Select some of the pictures.")
        return
    told = found(shown, rows)
    if told is None:
        return
    st.markdown(told.sentence)
    few = 2 * len(told.typical) > len(rows)  # both ends would show the same pictures
    typical, odd = (told.typical[: -(-len(rows) // 2)], told.odd[: len(rows) // 2]) if few else (told.typical, told.odd)
    _pictures(kept, shown, typical, "Most typical of them", "map-typical")
    if len(odd):
        _pictures(kept, shown, odd, "Odd ones among them: nearest to all other pictures", "map-odd")
    count = len(told.lookalikes)
    if not count:
        st.markdown("**No look-alikes**: to the model no other picture is like these.")
        return
    title = "Look-alikes: not selected, but the model sees them like these"
    _pictures(kept, shown, told.lookalikes, title, "map-alikes")
    words = f"Add these {count} to the selection" if count > 1 else "Add it to the selection"
    if st.button(words, icon=":material/add:", key="map-alikes-add"):
        kept.rows, kept.cell = np.union1d(kept.rows, told.lookalikes), None
        st.rerun()


def _pictures(kept: Atlas, shown: PictureMap, rows: Sequence[int] | np.ndarray, title: str, key: str) -> None:
    st.markdown(f"**{title}**")
    known = [int(row) for row in rows]
    current = None if kept.current is None else str(kept.current)
    picked = album([leaf(shown, row) for row in known], title, key=key, current=current)
    if picked is not None and picked.isdigit() and int(picked) in known:
        kept.current = int(picked)
        st.rerun()
