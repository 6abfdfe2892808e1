"""The pages there are, in the order of the navigation."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

COMPARE = ""  # as in their addresses
SANITY = "sanity"
CONCEPTS = "concepts"
MAP = "map"
MODELS = "models"
FOLDER = Path(__file__).resolve().parents[1]


def compare() -> StreamlitPage:
    return st.Page(FOLDER / "compare.py", title="Compare", icon=":material/grid_view:", default=True)


def sanity() -> StreamlitPage:
    return st.Page(FOLDER / "sanity.py", title="Sanity check", url_path=SANITY, icon=":material/rule:")


def picture_map() -> StreamlitPage:
    return st.Page(FOLDER / "map.py", title="Map", url_path=MAP, icon=":material/scatter_plot:")


def models() -> StreamlitPage:
    return st.Page(FOLDER / "models.py", title="Models & data", url_path=MODELS, icon=":material/folder_open:")


def concepts() -> StreamlitPage:
    return st.Page(FOLDER / "concepts.py", title="Concepts", url_path=CONCEPTS, icon=":material/category:")


PAGES = {COMPARE: compare, SANITY: sanity, CONCEPTS: concepts, MAP: picture_map, MODELS: models}
