"""What the address of the comparison page holds."""

from __future__ import annotations

from pages.ui.compare.comparison import METHODS, TABS, comparison
from pages.ui.compare.plan import Preset
from pages.ui.query import Query, Values, without_usual
from xai_core.method import methods

PRESETS = {"quick": Preset.QUICK, "sources": Preset.SOURCES, "all": Preset.EVERYTHING, "own": Preset.CHOSEN}


def values() -> Values:
    """Without what is usual."""
    kept = comparison()
    told = {
        "view": next(name for name, preset in PRESETS.items() if preset is kept.preset),
        "methods": ",".join(kept.methods) if kept.preset is Preset.CHOSEN else "",
        "tab": str(kept.tab),
        "second": kept.second,
    }
    return without_usual(told, {"view": "quick", "methods": ",".join(METHODS), "tab": "0"})


def read(query: Query) -> None:
    """Set the page's state; a second picture that is not there is as none chosen."""
    kept = comparison()
    kept.preset = query.one("view", PRESETS, Preset.QUICK)
    kept.methods = query.several("methods", methods(), METHODS)
    kept.tab = query.number("tab", len(TABS), 0)
    kept.second = query.values.get("second", "")
