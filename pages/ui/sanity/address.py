"""What the address of the sanity page holds: how the network is destroyed, and which methods have to notice."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from pages.ui.query import Query, Values, without_usual
from pages.ui.sanity import questions
from pages.ui.sanity.choices import MOST_SEED, TABS, Choices, choices
from pages.ui.sanity.questions import Question
from xai_core.cascade import Law, Norms, Order
from xai_core.method import methods

Each = TypeVar("Each", bound=Enum)


def _by_name(kind: type[Each]) -> dict[str, Each]:
    return {each.name.lower(): each for each in kind}


def values() -> Values:
    """Without what is usual."""
    asked = {"test": questions.open_one().name.lower()}
    return without_usual({**asked, **_told(choices())}, {"test": Question.WEIGHTS.name.lower(), **_told(Choices())})


def _told(chosen: Choices) -> Values:
    names = {name: getattr(chosen, name).name.lower() for name in ("order", "law", "norms")}
    return {
        **names,
        "seed": str(chosen.seed),
        "methods": ",".join(chosen.methods),
        "own_class": "yes" if chosen.repredict else "no",
        "tab": str(chosen.tab),
    }


def read(query: Query) -> None:
    """Set the page's state."""
    chosen, usual = choices(), Choices()
    questions.ask(query.one("test", _by_name(Question), Question.WEIGHTS))
    chosen.order = query.one("order", _by_name(Order), usual.order)
    chosen.law = query.one("law", _by_name(Law), usual.law)
    chosen.norms = query.one("norms", _by_name(Norms), usual.norms)
    chosen.seed = query.number("seed", MOST_SEED + 1, usual.seed)
    chosen.methods = query.several("methods", methods(), usual.methods)
    chosen.repredict = query.one("own_class", {"yes": True, "no": False}, False)
    chosen.tab = query.number("tab", len(TABS), 0)
