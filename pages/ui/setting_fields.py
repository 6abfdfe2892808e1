"""Streamlit fields for settings that were declared once, as knobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from xai_core.knobs import Setting


def fields(shown: Sequence[Setting], key: str) -> dict[str, Any]:
    """One field for each setting; what they say, by the settings' names."""
    return {setting.name: _field(setting, f"{key}-{setting.name}") for setting in shown}


def _field(setting: Setting, key: str) -> Any:
    spec, label = setting.knob, setting.label[0].upper() + setting.label[1:]
    if setting.kind is bool:
        return st.toggle(label, setting.value, key=key, help=spec.help)
    if isinstance(spec.choices, tuple) and spec.choices:
        at = spec.choices.index(setting.value)
        return st.selectbox(label, spec.choices, index=at, key=key, help=spec.help)
    unit = f" ({spec.unit})" if spec.unit else ""
    kind = int if setting.kind is int else float
    return st.number_input(
        label + unit,
        min_value=None if spec.low is None else kind(spec.low),
        max_value=None if spec.high is None else kind(spec.high),
        value=kind(setting.value),
        step=None if spec.step is None else kind(spec.step),
        format=None if kind is int else "%.5g",
        key=key,
        help=spec.help,
    )
