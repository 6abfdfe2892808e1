"""Which actions of a component have been heard: its browser half repeats one until it is told so."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def _numbers() -> dict[str, str]:
    numbers: dict[str, str] = st.session_state.setdefault("heard-actions", {})
    return numbers


def latest(key: str) -> str:
    """The number of the last action heard from this component, for its browser half; "" before the first."""
    return _numbers().get(key, "")


def once(key: str) -> Mapping[str, object] | None:
    """What the component under this key has just sent, unless it was heard before; in its callback only."""
    raw = st.session_state.get(key, {}).get("action")
    if not isinstance(raw, Mapping):
        return None
    number = raw.get("number")
    if not isinstance(number, str) or number == latest(key):
        return None
    _numbers()[key] = number
    return raw
