"""Second Look: `streamlit run app.py`. Starts the server, warms the model up, and hands visitors to the router."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from pages.ui import media, work
from xai_core.errors import XaiError
from xai_core.names import as_text

ROOT = Path(__file__).resolve().parent


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Load the default model beside the server's own start, not before it."""
    threading.Thread(target=work.warm_up, daemon=True).start()
    yield
    work.close()


def kindly(error: Exception) -> bool:
    """What a visitor sees when a page fails: what to do where we know it, never a traceback; that goes to the log."""
    logging.getLogger("second-look").exception("a page failed", exc_info=error)
    if isinstance(error, XaiError):  # the library went away while the page was drawn
        st.error(as_text(str(error)), icon=":material/error:")
        return True
    st.error(
        "Something went wrong on our side and the details are in the server's log. Your pictures are safe; "
        "reload the page to go on.",
        icon=":material/error:",
    )
    return True


app = st.App(str(ROOT / "pages" / "ui" / "router.py"), lifespan=lifespan, routes=media.routes(), on_script_error=kindly)

if __name__ == "__main__":
    app.run()
