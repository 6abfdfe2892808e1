"""Every visit starts here: the frame around all pages, and the list of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import frame, links, places, work
from xai_core.library import remembered

ASSETS = Path(__file__).resolve().parents[2] / "assets"

st.set_page_config(page_title="Second Look", page_icon=str(ASSETS / "mark.svg"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "mark.svg"))
# Streamlit keeps 6 rem free above every page and 5 beside it; on a projector that is a row, and a column, of maps. Its
# captions, words of charts, and what is white or pressed on a dark page have less than 4.5 to 1 of contrast (WCAG AA)
st.html(
    "<style>.stMainBlockContainer { padding-top: 3.25rem; }"
    "@media (max-width: 1200px) { .stMainBlockContainer { padding-left: 2rem; padding-right: 2rem; } }"
    ".stApp [data-testid=stCaptionContainer] { opacity: 0.8; }"
    ".stPlotlyChart :is([class*=axislayer], .infolayer) text { fill: currentColor !important; }"
    ".stApp :is([data-testid^=stBaseButton-primary], [data-tag]) {"
    " background-image: linear-gradient(light-dark(transparent, rgb(0 0 0 / 18%)) 0 0); }"
    ".stApp [data-testid$=Active]:hover { color: inherit; }"
    ".stApp a:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }"
    "@media (forced-colors: active) { .stApp :is([data-testid$=Active], [role=tab][aria-selected=true]) {"
    " forced-color-adjust: none; background: Highlight; color: HighlightText; } }"
    "</style>"
)
page = st.navigation([made() for made in places.PAGES.values()], position="hidden")
with remembered.once():
    frame.sidebar(page.url_path)
    page.run()
    links.show(page.url_path)
work.settle()
