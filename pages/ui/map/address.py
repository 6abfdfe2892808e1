"""What the address of the map holds: pictures, what they are seen by, the layout, colours, and what is marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import get_args

import numpy as np

from pages.ui.components.scatter_view import SOUGHT, Rows, Whereabouts
from pages.ui.map import sets
from pages.ui.map.looking import USUAL as USUAL_LOOKING
from pages.ui.map.looking import VIEWS, Looking
from pages.ui.map.marks import from_text, to_text
from pages.ui.map.state import LABEL, Atlas, atlas
from pages.ui.query import Query, Values, without_usual
from pages.ui.shelf import shelf
from xai_core.datasets.dataset import Dataset
from xai_core.embedding import attributed
from xai_core.embedding.choosing import RULES
from xai_core.embedding.request import ACTIVATIONS
from xai_core.embedding.settings import USUAL, Settings, layouts
from xai_core.embedding.several import Varied
from xai_core.knobs import changed
from xai_core.method import methods

MOST = 1_000_000  # more than any map has pictures
SLUGS = ("gallery", "explain", "two", "apart")  # of the views of a selection
NO_ROWS = np.zeros(0, np.intp)
LONGEST = 100  # letters of a column's or a layer's name
QUIET = ("find", "zoom")  # a person looks around until something is found


def values() -> Values:
    """Without what is usual."""
    kept = atlas()
    told = {
        "pictures": ",".join(kept.sources or ()),
        "layer": kept.layers.get(shelf().model, ""),
        "of": kept.of,
        "colour": kept.colouring,
        "stable": kept.varied,
        "find": kept.where.find,
        "zoom": _place(kept.where),
    }
    usual = {"of": ACTIVATIONS, "colour": LABEL, "zoom": _place(Whereabouts())}
    settings = without_usual(_settings(kept.settings), _settings(USUAL))
    return {**without_usual(told, usual), **settings, **_marks(kept)}


def _place(where: Whereabouts) -> str:
    return f"{where.zoom:.6g}_{where.x:.6g}_{where.y:.6g}"


def _settings(of: Settings) -> Values:
    return {item.name: str(getattr(of, item.name)) for item in fields(of)}


def _marks(kept: Atlas) -> Values:
    """Rows are numbered, so they hold for the very revisions of the data sets that are on the map."""
    if kept.current is None and kept.cell is None and not len(kept.rows):
        return {}
    shown = _on_map(kept)
    marked = {
        "picture_on_map": "" if kept.current is None else str(kept.current),
        "selected": to_text(kept.rows, _count(shown)),
        "cell": "" if kept.cell is None else ".".join(map(str, kept.cell)),
    }
    found = without_usual(marked, {})
    if "selected" in found:
        found |= _looking(kept.looking)
    return {**found, "revisions": _revisions(shown)} if found else {}


def _on_map(kept: Atlas) -> list[Dataset]:
    found = sets.available()
    return [found[name] for name in sets.chosen(kept, found)]


def _count(shown: Sequence[Dataset]) -> int:
    """Rows of their map."""
    return sum(len(each.items) for each in shown)


def _revisions(shown: Sequence[Dataset]) -> str:
    return ".".join(str(each.revision) for each in shown)


def _looking(now: Looking) -> Values:
    told = {
        "selection": SLUGS[VIEWS.index(now.view)],
        "method": now.method,
        "for": str(now.target) if now.model == shelf().model and now.target >= 0 else "",
        "rule": now.rule,
        "pair": ".".join(map(str, now.pair)),
    }
    return without_usual(told, {"selection": SLUGS[0], "rule": USUAL_LOOKING.rule})


def read(query: Query) -> None:
    """Set the page's state; marks only where they were made on these very pictures."""
    kept, model, found = atlas(), shelf().model, sets.available()
    kept.sources = query.several("pictures", found, None)
    kept.layers[model] = query.values.get("layer", "")[:LONGEST]
    offered = {method.key: method.key for method in attributed.offered()}
    kept.of = query.one("of", {ACTIVATIONS: ACTIVATIONS, **offered}, ACTIVATIONS)
    kept.colouring = query.values.get("colour", LABEL)[:LONGEST]  # the page passes over what these pictures have not
    kept.varied, kept.beside = query.one("stable", {each: each for each in get_args(Varied)}, ""), ()
    kept.where = _where(query)
    asked = {item.name: query.values[item.name] for item in fields(USUAL) if item.name in query.values}
    try:
        if asked.get("layout", USUAL.layout) not in layouts():
            raise ValueError("it is to be laid out in a way that is not installed here")
        kept.settings = changed(USUAL, asked)  # type: ignore[assignment]
    except (ValueError, TypeError, OverflowError) as error:
        query.notices.append(f"The map keeps its usual settings: {str(error)[:100]}.")
    _read_marks(query, kept, _on_map(kept))


def _where(query: Query) -> Whereabouts:
    """Where the link's visitor had moved to, and what they sought."""
    usual = Whereabouts(find=query.values.get("find", "")[:SOUGHT])
    if "zoom" not in query.values:
        return usual
    try:
        zoom, x, y = map(float, query.values["zoom"].split("_"))
    except ValueError:
        found = None
    else:
        found = Whereabouts.parse({"zoom": zoom, "x": x, "y": y, "find": usual.find})
    if found is None:
        query.refuse("zoom")
    return found or usual


def _read_marks(query: Query, kept: Atlas, shown: list[Dataset]) -> None:
    kept.current, kept.rows, kept.cell = None, NO_ROWS, None
    kept.looking, kept.awaited = USUAL_LOOKING, True
    revisions = query.values.get("revisions")
    if revisions is None:
        return
    if revisions != _revisions(shown):
        query.notices.append("The pictures have changed since the link was made: its selection is left out.")
        return
    kept.current = query.number("picture_on_map", MOST, None)
    kept.rows = _selected(query, _count(shown))
    kept.cell = _two(query, "cell")
    model, target = shelf().model, query.number("for", MOST, -1)
    rules: dict[str, str] = {rule: rule for rule in RULES}
    kept.looking = Looking(
        view=query.one("selection", dict(zip(SLUGS, VIEWS, strict=True)), VIEWS[0]),
        method=query.one("method", {key: key for key in methods()}, ""),
        model=model if target >= 0 else "",
        target=target,
        rule=query.one("rule", rules, USUAL_LOOKING.rule),
        pair=_two(query, "pair") or (),
    )


def _selected(query: Query, count: int) -> Rows:
    """None where the address has none, or none that can be meant."""
    text = query.values.get("selected", "")
    try:
        return from_text(text, count) if text else NO_ROWS
    except ValueError:
        query.refuse("selected")
        return NO_ROWS


def _two(query: Query, name: str) -> tuple[int, int] | None:
    """Two numbers, as in "3.17"."""
    if name not in query.values:
        return None
    if (found := re.fullmatch(r"([0-9]{1,6})\.([0-9]{1,6})", query.values[name])) is None:
        query.refuse(name)
        return None
    return int(found[1]), int(found[2])
