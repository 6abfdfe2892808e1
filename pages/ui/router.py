"""Every visit starts here: the frame around all pages, and the list of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import frame, work

PAGES = Path(__file__).resolve().parents[1]
MARK = PAGES.parent / "assets" / "mark.svg"

st.set_page_config(page_title="Second Look", page_icon=str(MARK), layout="wide")
st.logo(str(PAGES.parent / "assets" / "logo.svg"), size="large", icon_image=str(MARK))
page = st.navigation([st.Page(PAGES / "compare.py", title="Compare", icon=":material/grid_view:", default=True)])
frame.sidebar()
page.run()
work.settle()
