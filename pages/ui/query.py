"""What an address asks for: anybody may have typed it, so every value is checked, and what cannot be meant is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")
SHOWN = 20  # letters of a stranger's value
TOLD = 2  # of them, each in a notice of its own
Values = dict[str, str]  # as they stand in an address


class Query:
    """The values of an address. A value that is not there means the usual one; a wrong one too, and leaves a notice."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.notices: list[str] = []
        self._refused: dict[str, str] = {}  # what is told of a value, by its name

    def one(self, name: str, allowed: Mapping[str, T], usual: T) -> T:
        """The meaning of a value that must be among these."""
        value = self.values.get(name)
        if value is None:
            return usual
        if value not in allowed:
            self.refuse(name)
            return usual
        return allowed[value]

    def number(self, name: str, below: int, usual: T) -> int | T:
        """A whole number from 0 to below."""
        value = self.values.get(name)
        if value is None:
            return usual
        if not (value.isascii() and value.isdigit() and len(value) <= len(str(below)) and int(value) < below):
            self.refuse(name)
            return usual
        return int(value)

    def several(self, name: str, allowed: Iterable[str], usual: T) -> tuple[str, ...] | T:
        """Those of a list that are allowed, in the address's order; the usual where none is."""
        value, known = self.values.get(name), frozenset(allowed)
        if value is None:
            return usual
        asked = list(dict.fromkeys(value.split(",")))
        found = tuple(each for each in asked if each in known)
        if len(found) < len(asked):
            self.refuse(name, some=bool(found))
        return found or usual

    def refuse(self, name: str, some: bool = False) -> None:
        """Tell that a value is not one we have, or only `some` of a list."""
        value = self.values[name]
        shown = value if len(value) <= SHOWN else value[:SHOWN] + "…"
        missing = (
            "are not all here; the others are shown" if some else "is not one we have here; the usual one is shown"
        )
        self._refused[name] = f"The link's {name} “{shown}” {missing}."

    def told(self) -> list[str]:
        """All notices; one of all values that are not ours, where there are many."""
        if len(self._refused) <= TOLD:
            return [*self._refused.values(), *self.notices]
        names = ", ".join(self._refused)
        return [f"The link asks for what we do not have here ({names}); the usual is shown.", *self.notices]


def without_usual(values: Mapping[str, str], usual: Mapping[str, str]) -> Values:
    """What differs from the usual: an address says no more than it must."""
    return {name: value for name, value in values.items() if value and value != usual.get(name)}
