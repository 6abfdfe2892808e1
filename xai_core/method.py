"""The registry: one card per explanation method, filled by importing `methods/`.

Cards and settings are free of torch, so that a page can draw them; a method's function imports torch inside.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from xai_core.knobs import Params

if TYPE_CHECKING:
    from xai_core.evidence import Finding

Need = Literal["spatial", "relu", "attention"]  # traits of a classifier without which a method has no meaning
Run = Callable[..., "Finding"]  # run(evidence, params, progress)
_registry: dict[str, Method] = {}


@dataclass(frozen=True)
class Method:
    """How to compute one kind of map, and how to present it.

    `run(evidence, params, progress)` returns a `Finding`: values (h, w) of any resolution that cover the
    model's input square; `explain` resolves, checks, times and freezes them.
    """

    key: str
    title: str
    paper: str  # "First author year, venue or arXiv id"
    shows: str  # one plain sentence: what the map shows
    caution: str  # one plain sentence: how not to read it
    in_sources: bool  # used by the documents the project comes from
    needs: tuple[Need, ...]
    params: type[Params]
    run: Run


def method(
    *, title: str, paper: str, shows: str, caution: str, in_sources: bool = False, needs: tuple[Need, ...] = ()
) -> Callable[[Run], Run]:
    """Register the decorated function under its own name; its `params` annotation is the settings type."""

    def register(run: Run) -> Run:
        key = run.__name__
        if key in _registry and _registry[key].run.__module__ != run.__module__:
            raise RuntimeError(f"two methods are called {key!r}")
        # only this one annotation is read: the others name torch types that a page must not load
        params: Any = run.__globals__[run.__annotations__["params"]]
        _registry[key] = Method(key, title, paper, shows, caution, in_sources, needs, params, run)
        return run

    return register


@cache
def methods() -> Mapping[str, Method]:
    """All methods by key, cheapest first. A file that fails to import fails loudly here."""
    package = importlib.import_module("xai_core.methods")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"xai_core.methods.{found.name}")
    ordered = sorted(_registry.values(), key=lambda card: (card.params().passes(), card.title))
    return MappingProxyType({card.key: card for card in ordered})
