"""A view as a link: what to put into an address, and how to read one that anybody may have typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import streamlit as st

from pages.ui.compare.plan import Preset
from pages.ui.sanity.choices import MOST_SEED, Choices, choices
from pages.ui.shelf import Shelf
from xai_core import catalogue, samples
from xai_core.cascade import Law, Norms, Order
from xai_core.framing import Framing
from xai_core.method import methods

CLASSES = 100_000  # more than any model has


def here(kept: Shelf) -> str:
    """The address of what is on the page now."""
    values = {"model": kept.model, "view": st.session_state.get("preset", Preset.QUICK), "framing": kept.framing.value}
    if (key := samples.key_of(kept.picture)) is not None:
        values["sample"] = key
    if kept.target is not None:
        values["class"] = str(kept.target)
    values |= _destruction(choices())
    address = (st.context.url or "").split("?")[0]
    return f"{address}?{urlencode(values)}"


def _destruction(chosen: Choices) -> dict[str, str]:
    """How the sanity page destroys the network, where it is not the usual way."""
    usual, values = Choices(), {}
    for name in ("order", "law", "norms"):
        if (choice := getattr(chosen, name)) != getattr(usual, name):
            values[name] = choice.name.lower()
    if chosen.seed:
        values["seed"] = str(chosen.seed)
    if chosen.methods != usual.methods:
        values["methods"] = ",".join(chosen.methods)
    return values


def follow(kept: Shelf) -> None:
    """At a visit's beginning, set the shelf as the address says; what it cannot mean is told and left out."""
    if "followed" not in st.session_state:
        st.session_state["followed"] = read(dict(st.query_params), kept)
    for notice in st.session_state["followed"]:
        st.toast(notice, icon=":material/link_off:")
    st.session_state["followed"] = []


def read(query: Mapping[str, str], kept: Shelf) -> list[str]:
    """Apply what is valid of `query`; a notice for each part that is not."""
    notices: list[str] = []

    def valid(name: str, allowed: Mapping[str, object]) -> str | None:
        value = query.get(name)
        if value is None or value in allowed:
            return value
        shown = value if len(value) <= 20 else value[:20] + "…"
        notices.append(f"The link's {name} “{shown}” is not one we have; the usual one is shown.")
        return None

    ready = {each.name: None for each in catalogue.offered() if each.ready}
    if (model := valid("model", ready)) is not None:
        kept.use(model)
    if (sample := valid("sample", {item.key: None for item in samples.samples()})) is not None:
        kept.show(samples.sample(sample))
    if (framing := valid("framing", {item.value: None for item in Framing})) is not None:
        kept.framing = Framing(framing)
    if (view := valid("view", {item.value: None for item in Preset})) is not None:
        st.session_state["preset"] = Preset(view)
    _read_destruction(query, choices(), valid)
    target = query.get("class", "")
    if target.isascii() and target.isdigit() and len(target) < 7 and int(target) < CLASSES:
        kept.target = int(target)  # the page drops it where the model has fewer classes
    elif "class" in query:
        notices.append("The link's class is not a number we can use; the model's own answer is shown.")
    return notices


def _read_destruction(
    query: Mapping[str, str], chosen: Choices, valid: Callable[[str, Mapping[str, object]], str | None]
) -> None:
    kinds: tuple[tuple[str, type[Order] | type[Law] | type[Norms]], ...] = (
        ("order", Order), ("law", Law), ("norms", Norms),
    )  # fmt: skip
    for name, kind in kinds:
        allowed = {each.name.lower(): each for each in kind}
        if (key := valid(name, allowed)) is not None:
            setattr(chosen, name, allowed[key])
    if (seed := valid("seed", {str(number): None for number in range(MOST_SEED + 1)})) is not None:
        chosen.seed = int(seed)
    asked = [key for key in query.get("methods", "").split(",") if key in methods()]
    if asked:
        chosen.methods = tuple(asked)
