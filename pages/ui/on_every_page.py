"""What the address holds on every page: model, picture, class, framing and settings of the methods."""

from __future__ import annotations

from dataclasses import fields

from pages.ui.query import Query, Values, without_usual
from pages.ui.shelf import FIRST_SAMPLE, Shelf, shelf
from xai_core import catalogue, samples
from xai_core.datasets.finding import with_digest
from xai_core.errors import XaiError
from xai_core.framing import Framing
from xai_core.knobs import changed
from xai_core.method import methods
from xai_core.picture import Picture

CLASSES = 100_000  # more than any model has
DIGITS = 16  # of a picture's digest
FRAMINGS = {"middle": Framing.AS_TRAINED, "whole": Framing.WHOLE}
_USUAL = {"picture": FIRST_SAMPLE, "framing": "middle"}


def values() -> Values:
    """Without what is usual."""
    kept, usual = shelf(), {**_USUAL, "model": Shelf().model}
    names = {framing: name for name, framing in FRAMINGS.items()}
    told = {
        "model": kept.model,
        "picture": samples.key_of(kept.picture) or kept.picture.digest[:DIGITS],
        "framing": names[kept.framing],
        "class": "" if kept.target is None else str(kept.target),
        "against": "" if kept.contrast is None else str(kept.contrast),
    }
    return {**without_usual(told, usual), **_settings(kept)}


def _settings(kept: Shelf) -> Values:
    """As "method.setting", where it is not the usual one."""
    found: Values = {}
    for key, params in kept.params.items():
        usual = methods()[key].params()
        for item in fields(params):
            if (value := getattr(params, item.name)) != getattr(usual, item.name):
                found[f"{key}.{item.name}"] = str(value)
    return found


def read(query: Query) -> None:
    """Set the shelf; the page drops a class that the model does not have."""
    kept = shelf()
    ready = {each.name: each.name for each in catalogue.offered() if each.ready}
    kept.use(query.one("model", ready, Shelf().model))
    kept.framing = query.one("framing", FRAMINGS, Framing.AS_TRAINED)
    _read_picture(query, kept)
    kept.target = query.number("class", CLASSES, None)
    kept.contrast = query.number("against", CLASSES, None)
    kept.params = {}
    for key in methods():
        _read_settings(query, kept, key)


def _read_settings(query: Query, kept: Shelf, key: str) -> None:
    usual = methods()[key].params()
    asked = {each.name: query.values[name] for each in fields(usual) if (name := f"{key}.{each.name}") in query.values}
    try:
        if (params := changed(usual, asked)) != usual:
            kept.params[key] = params
    except (ValueError, TypeError, OverflowError) as error:
        query.notices.append(f"{methods()[key].title} keeps its usual settings: {str(error)[:100]}.")


def _read_picture(query: Query, kept: Shelf) -> None:
    asked = query.values.get("picture", FIRST_SAMPLE)
    if asked in {item.key for item in samples.samples()}:
        kept.show(samples.sample(asked))
    elif (found := _found(asked, kept)) is None:
        query.notices.append("The link's picture is not in this library: drop it on the page to see the same view.")
    else:
        try:
            kept.receive(found)
        except XaiError as error:
            query.notices.append(str(error))


def _found(asked: str, kept: Shelf) -> Picture | None:
    """In the basket or in the library."""
    if len(asked) != DIGITS:
        return None
    return next((each for each in kept.basket if each.digest.startswith(asked)), None) or with_digest(asked)
