"""Every visit starts here: the frame around all pages, and the list of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import frame, links, places, work

ASSETS = Path(__file__).resolve().parents[2] / "assets"

st.set_page_config(page_title="Second Look", page_icon=str(ASSETS / "mark.svg"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "mark.svg"))
# Streamlit keeps 6 rem free above every page and 5 beside it; on a projector that is a row, and a column, of maps
st.html(
    "<style>.stMainBlockContainer { padding-top: 3.25rem; }"
    "@media (max-width: 1200px) { .stMainBlockContainer { padding-left: 2rem; padding-right: 2rem; } }</style>"
)
page = st.navigation([made() for made in places.PAGES.values()], position="hidden")
frame.sidebar(page.url_path)
page.run()
links.show(page.url_path)
work.settle()
