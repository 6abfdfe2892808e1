"""Widgets that show a choice which may be changed from elsewhere too: by an address, by another page, by a button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st


def bound(key: str, value: object, take: Callable[[Any], None]) -> dict[str, Any]:
    """For a widget that shows what is kept, whoever changed it last, and hands on what a person chooses.

    A key that holds the value would lose every second choice: the browser sends it under the key of the one before.
    """
    st.session_state[key] = value
    return {"key": key, "on_change": lambda: take(st.session_state[key])}


def bound_to(owner: object, name: str, key: str) -> dict[str, Any]:
    """The same where a choice is kept as it is, in an attribute."""
    return bound(key, getattr(owner, name), lambda value: setattr(owner, name, value))
