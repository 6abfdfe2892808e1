"""What the address of the comparison page holds."""

from __future__ import annotations

from dataclasses import fields

from pages.ui.compare.comparison import METHODS, TABS, comparison
from pages.ui.compare.plan import Preset
from pages.ui.query import Query, Values, without_usual
from pages.ui.shelf import shelf
from xai_core.method import methods
from xai_core.render import Display

PRESETS = {"quick": Preset.QUICK, "sources": Preset.SOURCES, "all": Preset.EVERYTHING, "own": Preset.CHOSEN}
QUIET = tuple(each.name for each in fields(Display))  # sliders and switches that are tried out until it looks right


def values() -> Values:
    """Without what is usual."""
    kept = comparison()
    told = {
        "view": next(name for name, preset in PRESETS.items() if preset is kept.preset),
        "methods": ",".join(kept.methods) if kept.preset is Preset.CHOSEN else "",
        "tab": str(kept.tab),
        "second": kept.second,
    }
    usual = {"view": "quick", "methods": ",".join(METHODS), "tab": "0", **_told(Display())}
    return without_usual({**told, **_told(shelf().display)}, usual)


def _told(display: Display) -> Values:
    """How maps are drawn; every page draws them so, and this one is where it is chosen."""
    given = {name: getattr(display, name) for name in QUIET}
    return {name: str(int(value) if isinstance(value, bool) else value) for name, value in given.items()}


def read(query: Query) -> None:
    """Set the page's state; a second picture that is not there is as none chosen."""
    kept = comparison()
    kept.preset = query.one("view", PRESETS, Preset.QUICK)
    kept.methods = query.several("methods", methods(), METHODS)
    kept.tab = query.number("tab", len(TABS), 0)
    kept.second = query.values.get("second", "")
    shelf().display = _display(query)


def _display(query: Query) -> Display:
    found = {}
    for name in QUIET:
        try:
            asked = {name: query.values[name]} if name in query.values else {}
            Display.parse(asked)
            found.update(asked)
        except ValueError:
            query.refuse(name)
    return Display.parse(found)
