"""A view as an address: it stands in the browser, can be copied, and the back button leads through it.

Every page says what of its state an address holds (`address.py` in its folder): `values` writes, `read` sets. What is
usual is left out, so that an address without values means the usual view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import on_every_page, places, work
from pages.ui.compare import address as compare
from pages.ui.components.leaving import leaving
from pages.ui.components.quietly import quietly
from pages.ui.concepts import address as concepts
from pages.ui.map import address as picture_map
from pages.ui.models import address as models
from pages.ui.query import Query, Values
from pages.ui.sanity import address as sanity
from pages.ui.shelf import shelf
from xai_core.describe import Describe, ModelCard

FOLLOWED, NOTICES = "followed", "link-notices"
LEAVING, LOST = "leaving-by-link", "leaving-lost"


class Part(NamedTuple):
    """One page's share of an address."""

    values: Callable[[], Values]
    read: Callable[[Query], None]
    quiet: tuple[str, ...] = ()  # values that are tried out more than chosen: the back button passes over them


PARTS = {
    places.COMPARE: Part(compare.values, compare.read, compare.QUIET),
    places.SANITY: Part(sanity.values, sanity.read),
    places.CONCEPTS: Part(concepts.values, concepts.read),
    places.MAP: Part(picture_map.values, picture_map.read, picture_map.QUIET),
    places.MODELS: Part(models.values, models.read),
}


def values(page: str) -> Values:
    """What the address of that page holds now."""
    return {**on_every_page.values(), **PARTS[page].values()}


def here(page: str) -> str:
    """The whole address of what is on the page now."""
    address, asked = (st.context.url or "").split("?")[0], values(page)
    return f"{address}?{urlencode(asked)}" if asked else address


def go(page: str) -> NoReturn:
    """Open that page with its address: the browser does, when the next run has drawn its link with what holds now."""
    st.session_state[LEAVING] = page
    st.rerun()


def leave(page: str) -> None:
    """Behind the links of the sidebar: go from this page where `go` was told to."""
    if st.session_state.get(LEAVING) == page:  # arrived
        del st.session_state[LEAVING]
    if (lost := st.session_state.pop(LOST, None)) is not None:
        st.switch_page(places.PAGES[lost](), query_params=values(lost))
    wanted: str | None = st.session_state.get(LEAVING)
    if wanted is not None:

        def on_lost() -> None:
            st.session_state[LOST] = wanted

        leaving(wanted, on_lost)


def follow(page: str) -> None:
    """Set the state as the address says: when a visit begins, and when the browser went back or forth."""
    context = get_script_run_ctx()
    moved = context is not None and context.is_history_navigation
    if moved or FOLLOWED not in st.session_state:
        st.session_state[FOLLOWED] = True
        st.session_state[NOTICES] = read(page, dict(st.query_params))
    for notice in st.session_state[NOTICES]:
        st.toast(notice, icon=":material/link_off:")
    st.session_state[NOTICES] = []


def read(page: str, asked: Values) -> list[str]:
    """Apply an address to the state of every page and of this one; a notice for each value that cannot be meant."""
    query = Query(asked)
    on_every_page.read(query)
    PARTS[page].read(query)
    return query.told()


def show(page: str) -> None:
    """Put the view that the page has come to into the browser's address.

    While a model is being loaded, or another page is about to be opened, the page is on its way only, and would leave a
    step that nobody took.
    """
    if st.session_state.pop(LEAVING, None) is not None:
        return
    if not isinstance(work.desk().known(Describe(shelf().model)), ModelCard):
        return
    asked, now, quiet = values(page), dict(st.query_params), PARTS[page].quiet
    if _without(asked, quiet) != _without(now, quiet):
        st.query_params.from_dict(asked)
    elif asked != now:
        quietly(asked, quiet)


def _without(told: Values, names: tuple[str, ...]) -> Values:
    return {name: value for name, value in told.items() if name not in names}
