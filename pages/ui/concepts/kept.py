"""Table and files of the answer, and the tests that were kept before, to look at again and to compare."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui.downloads import download
from xai_core import catalogue
from xai_core.errors import XaiError
from xai_core.names import as_text
from xai_core.tcav import runs
from xai_core.tcav.comparing import CHANGES, compare
from xai_core.tcav.grid import Grid
from xai_core.tcav.runs import Run
from xai_core.tcav.table import as_csv, as_json, rows


def table(told: Grid, finished: bool) -> None:
    """Every figure; as CSV, as JSON, and into the library."""
    st.dataframe(rows(told), hide_index=True, width="stretch")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        download("CSV", partial(as_csv, told), "concepts.csv", "text/csv")
        download(
            "JSON", lambda: as_json(told).encode(), "concepts.json", "application/json",
            hint="Everything needed to repeat the test: settings, seeds, pictures by digest, every run's figures.",
        )  # fmt: skip
        if not finished:
            return
        title = st.text_input(
            "Keep this test as", _usual(told), max_chars=60, key=f"keep-title-{_usual(told)}", width=320
        )
        if st.button("Keep", icon=":material/bookmark_add:", key="keep-test", disabled=not title.strip()):
            try:
                runs.keep(told, title.strip(), catalogue.offer(told.findings[0].result.request.model).title)
            except XaiError as error:
                st.error(as_text(str(error)), icon=":material/error:")
                return
            st.toast("Kept. It stands under “Earlier tests”.", icon=":material/bookmark_added:")


def _usual(told: Grid) -> str:
    concepts = list(dict.fromkeys(found.result.title for found in told.findings))
    labels = list(dict.fromkeys(found.cell.label for found in told.findings))
    return f"{', '.join(concepts)} for {', '.join(labels)}"[:60]


def earlier() -> None:
    """One kept test, or two side by side."""
    _undo()
    found = runs.runs()
    for message in found.messages:
        st.warning(as_text(message), icon=":material/report:")
    if not found.runs:
        st.write("Tests that you keep stand here, to look at again and to compare.")
        return
    by_key = {run.key: run for run in found.runs}
    left, right = st.columns(2)
    with left:
        first = by_key[_pick("Test", found.runs, "kept-first")]
    with right:
        other = _pick("Compared with", found.runs, "kept-second", none="nothing")
    if other and other != first.key:
        _side_by_side(first, by_key[other])
        return
    st.markdown(f"**{as_text(first.headline)}**")
    st.caption(as_text(f"{first.model}, {first.created.replace('T', ' ')[:16]} UTC"))
    st.dataframe(
        [
            {"concept": row.concept, "class": row.label, "layer": row.layer, "score": row.score, "from": row.low,
             "to": row.high, "p": row.p, "answer": row.verdict, "in words": row.sentence}
            for row in first.rows
        ],
        hide_index=True, width="stretch",
    )  # fmt: skip
    with st.container(horizontal=True):
        download("JSON", partial(_answer, first.key), f"{first.key}.json", "application/json", key="kept-json")
        if st.button("Remove", key="kept-remove", icon=":material/delete:", type="tertiary"):
            try:
                st.session_state["kept-removed"] = (runs.remove(first.key), first.title)
            except XaiError as error:
                st.error(as_text(str(error)), icon=":material/error:")
                return
            st.rerun()


def _answer(key: str) -> bytes:
    return runs.answer(key).encode()


def _pick(label: str, found: tuple[Run, ...], key: str, none: str = "") -> str:
    titles = {run.key: f"{run.title} · {run.created[:10]}" for run in found}
    options = [*([""] if none else []), *titles]
    return st.selectbox(label, options, format_func=lambda name: titles.get(name, none), key=f"{key}-{len(found)}")


def _side_by_side(first: Run, second: Run) -> None:
    told = compare(first, second)
    st.markdown(f"**{as_text(told.sentence)}**")
    st.dataframe(
        [
            {"concept": each.concept, "class": each.label, "layer": each.layer, "answers": each.words,
             "change": CHANGES[each.change]}
            for each in told.pairings
        ],
        hide_index=True, width="stretch",
    )  # fmt: skip
    if told.differences:
        st.markdown("**Chosen differently**")
        lines = (
            f"- {as_text(each.name)}: {as_text(each.first)}, then {as_text(each.second)}" for each in told.differences
        )
        st.markdown("\n".join(lines))
    else:
        st.caption("Nothing was chosen differently.")


def _undo() -> None:
    removed: tuple[str, str] | None = st.session_state.get("kept-removed")
    if removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/delete: **{as_text(removed[1])}** was removed.")
        if st.button("Undo", key="kept-undo", icon=":material/undo:"):
            del st.session_state["kept-removed"]
            try:
                runs.restore(removed[0])
            except XaiError as error:
                st.error(as_text(str(error)), icon=":material/error:")
                return
            st.rerun()
