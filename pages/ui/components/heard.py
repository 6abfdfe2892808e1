"""Which actions and choices of a component have been heard.

Its browser half repeats an action until it is told so, and until then keeps a choice against what Python still passes.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def _numbers() -> dict[str, str]:
    numbers: dict[str, str] = st.session_state.setdefault("heard-actions", {})
    return numbers


def latest(key: str) -> str:
    """The number of the last action or choice heard under this key, for the browser half; "" before the first."""
    return _numbers().get(key, "")


def note(key: str, value: object) -> None:
    """Remember the number of a choice, which came with its value."""
    number = value.get("number") if isinstance(value, Mapping) else None
    if isinstance(number, str):
        _numbers()[key] = number


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
