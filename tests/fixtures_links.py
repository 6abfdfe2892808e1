"""Fixtures of the tests of links: a visitor who has just come, and pictures in the library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from link_visitor import two_kinds

from xai_core.datasets.dataset import Dataset


@pytest.fixture
def fresh_visitor() -> Iterator[None]:
    st.session_state.clear()
    yield
    st.session_state.clear()


@pytest.fixture
def creatures() -> Dataset:
    return two_kinds()
