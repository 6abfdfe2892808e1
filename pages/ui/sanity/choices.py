"""What a visitor has chosen on the sanity page, and the requests that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.shelf import Shelf
from xai_core.cascade import Cascade, Law, Norms, Order
from xai_core.describe import ModelCard
from xai_core.edges import Edges
from xai_core.method import Method, methods
from xai_core.sanity import SanityTest
from xai_core.survey import Survey

MOST_SEED = 9999
USUAL = (
    *("gradient", "gradient_x_input", "guided_backprop", "gradcam", "guided_gradcam"),
    *("smoothgrad", "integrated_gradients"),
)


TABS = ("Curves", "More pictures and seeds", "How this is measured", "Export")


@dataclass
class Choices:
    """How the network is destroyed, and which methods have to notice."""

    methods: tuple[str, ...] = USUAL
    order: Order = Order.TOP_DOWN
    law: Law = Law.OWN
    norms: Norms = Norms.RESET
    seed: int = 0
    repredict: bool = False
    tab: int = 0  # which of TABS is open

    def cascade(self, kept: Shelf) -> Cascade:
        """The recipe; where statistics are estimated, then on the picture on the page."""
        # the source's law allows only one; what was chosen before comes back with another law
        norms = Norms.KEPT if self.law is Law.SOURCE else self.norms
        if norms is not Norms.ESTIMATED:
            return Cascade(kept.model, self.order, self.law, norms, self.seed)
        return Cascade(kept.model, self.order, self.law, norms, self.seed, (kept.picture,), kept.framing)

    def cards(self, card: ModelCard | None) -> list[Method]:
        """The chosen methods that apply to the model, cheapest first."""
        refused = dict(card.refusals) if card else {}
        return [method for key, method in methods().items() if key in self.methods and key not in refused]

    def show_evidence(self, method: str) -> None:
        """The usual cascade again, which badges rest on, with this method among those that are tested."""
        usual = Choices()
        self.order, self.law, self.norms = usual.order, usual.law, usual.norms
        self.seed, self.repredict = usual.seed, usual.repredict
        if method not in self.methods:
            self.methods = (*self.methods, method)

    def survey(self, kept: Shelf, target: int) -> Survey:
        return Survey(self.cascade(kept), kept.picture, kept.framing, target, self.repredict)

    def test(self, kept: Shelf, target: int, method: str) -> SanityTest:
        return SanityTest(
            self.cascade(kept), kept.picture, kept.framing, target, method, kept.settings(method), self.repredict
        )


def control(kept: Shelf) -> Edges:
    """The column that knows no model."""
    return Edges(kept.model, kept.picture, kept.framing)


def choices() -> Choices:
    """This visitor's, laid out at their first visit."""
    kept: Choices = st.session_state.setdefault("sanity-choices", Choices())
    return kept
