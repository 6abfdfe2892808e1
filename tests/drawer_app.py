"""The drawer below the map as an app of its own, with what was lassoed, without a browser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import work
from pages.ui.compare import panels
from pages.ui.components.gallery import PanelView, Reply
from pages.ui.map import reading
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core.desk import Desk
from xai_core.embedding.picture_map import PictureMap
from xai_core.hub import Hub
from xai_core.jobs import Inline
from xai_core.store import Store

REDS = list(range(0, 30, 3))


def at_once(monkeypatch: pytest.MonkeyPatch, hub: Hub) -> dict[str, Sequence[PanelView]]:
    """Every answer comes at once; the panels that were drawn last, by the grid's key."""
    desk, found = Desk(Inline(hub)), dict[str, Sequence[PanelView]]()

    def gallery(views: Sequence[PanelView], *, key: str, display: object, **_others: object) -> Reply:
        found[key] = views
        return Reply(None, display)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "desk", lambda: desk)
    monkeypatch.setattr(work, "owner", lambda: "ann")
    monkeypatch.setattr(panels, "gallery", gallery)
    monkeypatch.setattr(reading, "_held", Store(2**20))
    return found


def page() -> None:
    import streamlit as st

    from pages.ui import work
    from pages.ui.map import detail, selected
    from pages.ui.map.state import atlas
    from pages.ui.shelf import shelf

    with work.page("map"):
        if st.session_state.get("beside"):
            detail.column(shelf(), atlas(), atlas().drawn)
        selected.drawer(shelf(), atlas(), atlas().drawn, None)


def opened(shown: PictureMap, rows: Sequence[int], **marks: object) -> AppTest:
    """The drawer with these rows selected."""
    app = AppTest.from_function(page, default_timeout=60)
    kept = Atlas(drawn=shown, rows=np.array(rows, np.intp))
    for name, value in marks.items():
        setattr(kept, name, value)
    app.session_state["map-state"] = kept
    app.session_state["shelf"] = Shelf(model="toy")
    return app


def look(app: AppTest, view: str) -> AppTest:
    app.run()
    app.segmented_control[0].set_value(view)
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(each.value for each in app.markdown)
