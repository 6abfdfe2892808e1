"""Where pictures come from: the visitor's data sets and the pools of counter-examples."""

from __future__ import annotations

import streamlit as st

from pages.ui.bound import bound
from pages.ui.concepts.study import Study
from xai_core.concepts.concept import concepts
from xai_core.datasets.dataset import Dataset, datasets


def available() -> tuple[Dataset, ...]:
    """All data sets, then the pools."""
    return (*datasets(), *(pool.data for pool in concepts().pools))


def name_of(source: Dataset) -> str:
    return f"{source.shelf}/{source.key}"


def chosen(kept: Study) -> Dataset | None:
    """The one in question; the first where there is none yet."""
    found = available()
    return next((each for each in found if name_of(each) == kept.source), found[0] if found else None)


def choose(label: str, kept: Study, key: str) -> Dataset | None:
    """A list of them; None while there is none."""
    found = available()
    if not found:
        st.write("There are no pictures yet: bring some on the page **Models & data**, or draw the ready-made ones.")
        return None
    names = [name_of(each) for each in found]
    titles = {name_of(each): f"{each.title} · {len(each.items):,}" for each in found}
    at = names.index(kept.source) if kept.source in names else 0
    kept.source = names[at]

    def take(name: str) -> None:
        kept.source = name

    st.selectbox(label, names, format_func=titles.__getitem__, **bound(key, kept.source, take))
    return found[at]
