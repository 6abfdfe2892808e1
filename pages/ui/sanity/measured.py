"""How the verdicts come about: the rule, the choices, the figures, and what the test cannot tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui.sanity.choices import Choices
from pages.ui.sanity.screen import finished
from xai_core.cascade import Law, Norms
from xai_core.names import as_text
from xai_core.sanity import SanityRun, SanityTest
from xai_core.similarity import MEASURES, RANKS
from xai_core.verdict import RULE

MADE = (
    "Maps keep their sign and their colour channels are added up; then each is divided by the 99th percentile of its "
    "absolute values, and cut there. A map that is the same everywhere is undefined, never 0 or 100 %. The chance band "
    "compares the trained model's map with itself moved elsewhere and mirrored."
)
LIMITS = (
    "Destroying from the output down leaves the first layers trained until the end, and those draw edges anyhow. "
    "Critics (Hedström 2024) therefore advise the order from the input up, or all blocks at once. Both are there: "
    "choose the order above, or look at the last stage. A method that passes is not thereby right; one that fails is "
    "not to be relied on."
)


def show(chosen: Choices, tests: Sequence[SanityTest]) -> None:
    """The rule first, then everything it was applied to."""
    st.markdown(f"**The rule.** {as_text(RULE)}")
    norms = Norms.KEPT if chosen.law is Law.SOURCE else chosen.norms
    st.markdown(
        f"**The network.** Destroyed {as_text(chosen.order)}; new weights: {as_text(chosen.law)}; statistics of batch "
        f"normalisation: {as_text(norms)}; seed {chosen.seed}. A private copy is destroyed: your model is not touched, "
        "and nobody else notices."
    )
    st.markdown(
        f"**The comparison.** {as_text(MADE)} Measures and order of destruction: Adebayo 2018, arXiv:1810.03292."
    )
    st.markdown(f"**What it cannot tell.** {as_text(LIMITS)}")
    if runs := finished(tests):
        st.markdown("\n".join(f"- **{run.verdict.word}.** {as_text(run.verdict.sentence)}" for run in runs))
        st.dataframe([_row(run) for run in runs], hide_index=True)


def _row(run: SanityRun) -> dict[str, object]:
    half = (run.survey.blocks + 1) // 2
    figures = {
        f"{measure.title}, after {half} blocks": _whole(run.similarity[half, at]) for at, measure in enumerate(MEASURES)
    }
    low, high = run.floor[RANKS]
    return {
        "method": run.title,
        "verdict": run.verdict.word,
        "0 chance, 1 edge detector": "undefined" if run.verdict.share is None else f"{run.verdict.share:.2f}",
        **figures,
        "chance": "undefined" if np.isnan(low) else f"{_whole(low)} to {_whole(high)}",
        "like the edge detector: trained": _whole(run.edges[0]),
        "destroyed": _whole(run.edges[-1]),
    }


def _whole(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{round(100 * float(value))} %"
