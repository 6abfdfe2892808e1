"""The same test on more pictures and with more seeds: is the verdict luck?"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.measuring import measure
from pages.ui.sanity.choices import Choices
from pages.ui.sanity.curves import Falling, charts
from pages.ui.shelf import Shelf
from xai_core import limits
from xai_core.method import methods
from xai_core.names import as_text
from xai_core.repeats import Repeated, Repeats
from xai_core.sanity import SanityTest
from xai_core.survey import Survey

MOST_SEEDS = 10


def show(kept: Shelf, chosen: Choices, survey: Survey, tests: Sequence[SanityTest]) -> None:
    """Choose, run, and draw means with their spread."""
    pictures = {each.digest: each for each in kept.all_pictures()}
    left, right = st.columns([3, 1])
    picked = left.multiselect(
        f"Pictures (up to {limits.PICTURES_AT_ONCE}; each is explained for the model's own answer)",
        list(pictures),
        default=list(pictures)[:3],
        max_selections=limits.PICTURES_AT_ONCE,
        format_func=lambda digest: pictures[digest].name,
        key=f"sanity-repeat-pictures-{len(pictures)}",
    )
    seeds = int(right.number_input("Seeds", 1, MOST_SEEDS, 3, key="sanity-repeat-seeds"))
    if not picked:
        st.write("Choose at least one picture.")
        return
    wanted = tuple(pictures[digest] for digest in picked)
    requests = [Repeats(test, wanted, tuple(range(chosen.seed, chosen.seed + seeds))) for test in tests]
    passes = sum(test.params.passes() for test in tests) * len(picked) * seeds
    slow = [methods()[test.method].title for test in tests if test.params.passes() > 10]
    if slow:
        st.write(f"{as_text(', '.join(slow))} take longest; leave them out under Methods for a quick answer.")
    offer = f"Repeat {len(picked) * seeds} times"
    if passes:
        measure("sanity", requests, offer=offer, icon=":material/repeat:", draw=_draw)


def _draw(answers: list[Repeated]) -> None:
    charts([Falling(each.title, each.mean, each.floor, each.spread) for each in answers], key="repeats")
    for each in answers:
        st.markdown(f"- **{each.verdict.word}.** {as_text(each.verdict.sentence)}")
        for where, why in each.left_out:
            st.markdown(f"  - left out: {as_text(where)}: {as_text(why)}")
