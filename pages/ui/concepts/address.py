"""What the address of the concepts page holds: the question, whether it was asked, and the concept that is open."""

from __future__ import annotations

from dataclasses import asdict, replace

from pages.ui import work
from pages.ui.concepts import asking, sources
from pages.ui.concepts.study import BOUNDS, NEW, RANDOMS, TABS, Study, study
from pages.ui.query import Query, Values, without_usual
from pages.ui.shelf import shelf
from xai_core.concepts.concept import concepts
from xai_core.describe import Describe, ModelCard
from xai_core.tcav.grid import CORRECTIONS
from xai_core.tcav.settings import USUAL, Settings

MOST = 50  # layers and classes that are read from an address
LONGEST = 2000  # letters of a list
BETWEEN = "|"  # labels may hold commas


def values() -> Values:
    """Without what is usual. Classes by their labels: their numbers mean something else to another model."""
    kept, model = study(), shelf().model
    told = {
        "concepts": ",".join(kept.chosen),
        "classes": BETWEEN.join(kept.classes.get(model, [])),
        "layers": ",".join(kept.layers.get(model, [])),
        "pictures": kept.source,
        "pool": kept.pool,
        "relative": "yes" if kept.relative else "no",
        "correction": kept.correction,
        "asked": "yes" if kept.asked or kept.ask_at_once else "no",
        "open": kept.open,
        "shown": kept.layer,
        "tab": "" if kept.tab is None else str(kept.tab),
        **{name: str(value) for name, value in asdict(kept.settings).items()},
    }
    usual = {"relative": "no", "correction": Study().correction, "asked": "no", **_filled_in(kept, model)}
    return without_usual(told, {**usual, **{name: str(value) for name, value in asdict(USUAL).items()}})


def _filled_in(kept: Study, model: str) -> Values:
    """What the page itself chooses while the visitor has not."""
    card, source = work.desk().known(Describe(model)), sources.chosen(kept)
    card = card if isinstance(card, ModelCard) else None
    pool = asking.pool_of(replace(kept, pool=""), concepts())
    return {
        "pictures": sources.name_of(found[0]) if (found := sources.available()) else "",
        "pool": pool.key if pool else "",
        "layers": card.bottleneck if card else "",
        "classes": BETWEEN.join(asking.usual_classes(card, source, shelf().target)) if card and source else "",
    }


def read(query: Query) -> None:
    """Set the question; it is asked again where it had been asked. What the model does not have, the page drops."""
    kept, model, inside = study(), shelf().model, concepts()
    keys = [each.key for each in inside.concepts]
    kept.chosen = list(query.several("concepts", keys, ()))
    kept.classes[model] = _listed(query, "classes", BETWEEN)
    kept.layers[model] = _listed(query, "layers", ",")
    names = {sources.name_of(each): sources.name_of(each) for each in sources.available()}
    kept.source = query.one("pictures", names, "")
    kept.pool = query.one("pool", {each.key: each.key for each in inside.pools}, "")
    kept.relative = query.one("relative", {"yes": True, "no": False}, False)
    kept.correction = query.one("correction", {each: each for each in CORRECTIONS}, Study().correction)
    kept.settings = _settings(query)
    opened = query.one("open", {key: key for key in (*keys, NEW)}, "")
    if opened not in ("", NEW, kept.open):
        kept.tray.clear()  # boxes for a new concept wait for it, and go into no other
    kept.open = opened
    kept.layer = query.values.get("shown", "")  # the page passes over what was not tested
    kept.tab = query.number("tab", len(TABS), None)
    kept.asked, kept.ask_at_once = (), query.one("asked", {"yes": True, "no": False}, False)
    kept.moves += 1


def _listed(query: Query, name: str, between: str) -> list[str]:
    return [each for each in query.values.get(name, "")[:LONGEST].split(between) if each][:MOST]


def _settings(query: Query) -> Settings:
    found = USUAL
    for name, usual in asdict(USUAL).items():
        if (value := query.values.get(name)) is None:
            continue
        try:
            meant = type(usual)(value)
            if name in BOUNDS and not (BOUNDS[name][0] <= meant <= BOUNDS[name][1]):
                raise ValueError(f"{name} is out of bounds")
            if name == "random_concepts" and meant not in RANDOMS:
                raise ValueError(f"{name} is none of those on offer")
            found = replace(found, **{name: meant})
        except ValueError:
            query.refuse(name)
    return found
