"""The sidebar around every page: which model on which device, the visitor's pictures, a link to this view."""

from __future__ import annotations

import streamlit as st

from pages.ui import links, media, places, work
from pages.ui.components.thumbs import Thumb, thumbs
from pages.ui.shelf import Shelf, shelf
from xai_core import catalogue, limits, zoo
from xai_core.catalogue import Group, Offer
from xai_core.describe import LookAtDevice
from xai_core.fetch import Fetch
from xai_core.jobs import Job
from xai_core.names import as_text

_GROUPS = {Group.TABLE: "ready", Group.DEMO: "demo world", Group.MINE: "yours"}


def sidebar(page: str) -> None:
    """Draw it around that page; choices go to the shelf."""
    kept = shelf()
    links.follow(page)
    with st.sidebar, work.asking("the frame"):
        _navigation(page)
        _model(kept)
        _basket(kept)
        with st.container(horizontal=True):
            with st.popover("Copy link", icon=":material/link:"):
                st.write("This link opens the same view for whoever has the same pictures and models in the library:")
                st.code(links.here(page), language=None, wrap_lines=True)
            with st.popover("Limits", icon=":material/info:"):
                st.write(limits.IN_WORDS)


def _navigation(page: str) -> None:
    """Ours, because each link carries its page's address: with Streamlit's own, Back would need two presses."""
    for name, made in places.PAGES.items():
        st.page_link(made(), query_params=links.values(name), width="stretch")
    links.leave(page)
    st.space("small")


def _words(offer: Offer) -> str:
    return f"{offer.title} · {f'download {offer.download}' if offer.download else _GROUPS[offer.group]}"


def _model(kept: Shelf) -> None:
    offered = {each.name: each for each in catalogue.offered()}
    if kept.model not in offered:  # somebody has removed it from the library
        st.warning("Your model is no longer in the library; this is the usual one.", icon=":material/deployed_code:")
        kept.use(zoo.DEFAULT)
    names = list(offered)
    chosen = st.selectbox(
        "Model",
        names,
        index=names.index(kept.model),
        format_func=lambda name: _words(offered[name]),
        key=f"model-{kept.model}",
        help="Those that are ready or to download were trained on ImageNet's 1,000 classes. What is not here yet is "
        "fetched once and kept. Bring your own on the page Models & data.",
    )
    if offered[chosen].ready:
        if chosen != kept.model:
            kept.use(chosen)
            st.rerun()
    else:
        _fetch(kept, chosen)
    device = work.quickly(LookAtDevice()).result if work.card(kept.model) else None
    st.badge(device or "loading the model", icon=":material/memory:", color="gray")


def _fetch(kept: Shelf, key: str) -> None:
    offer, request = catalogue.offer(key), Fetch(key)
    asked = st.session_state.setdefault("fetching", set())
    st.write(
        f"**{offer.title}** is not on this computer yet ({offer.download}). Meanwhile the page keeps working with "
        f"{as_text(catalogue.offer(kept.model).title)}."
    )
    if key not in asked:
        if st.button(f"Download {offer.download}", icon=":material/download:", type="primary"):
            asked.add(key)
            st.rerun()
        return
    job = work.ask(request)
    st.fragment(_watch, run_every=None if job.ended.is_set() else 0.7)(kept, key, job)


def _watch(kept: Shelf, key: str, job: Job) -> None:
    asked, request = st.session_state["fetching"], Fetch(key)
    if job.state in ("waiting", "running"):
        st.progress(job.fraction, text=job.note or "connecting")
        if st.button("Stop", key=f"stop-{key}"):
            asked.discard(key)
            work.stop(request)
            work.retry(request)
            st.rerun()
        return
    asked.discard(key)
    if job.state == "done":
        kept.use(key)
        st.rerun()
    work.retry(request)
    st.error(as_text(job.message), icon=":material/cloud_off:")
    if job.again and st.button("Try again", key=f"retry-{key}"):
        asked.add(key)
        st.rerun()


def _basket(kept: Shelf) -> None:
    st.markdown("**In your basket**")
    if not kept.basket:
        st.write("Pictures that you drop on the page wait here.")
        return
    items = [Thumb(held.digest, held.name, media.url("thumb", held)) for held in kept.basket]
    chosen = thumbs(items, kept.picture.digest, "Your pictures", key="basket")
    for held in kept.basket:
        if held.digest == chosen:
            kept.show(held)
            st.rerun()
    if kept.picture in kept.basket and st.button("Remove this picture", icon=":material/delete:", type="tertiary"):
        kept.discard(kept.picture)
        st.rerun()
