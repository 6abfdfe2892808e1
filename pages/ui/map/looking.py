"""How a visitor looks at the pictures that are selected on the map."""

from __future__ import annotations

from dataclasses import dataclass

GALLERY, EXPLAIN, TWO, APART = "Gallery", "Explain", "Compare two", "What sets them apart"
VIEWS = (GALLERY, EXPLAIN, TWO, APART)


@dataclass(frozen=True)
class Looking:
    """One of the views at a time; only what is looked at is computed."""

    view: str = GALLERY
    method: str = ""  # "": the first that applies
    model: str = ""  # that `target` is a class of
    target: int = -1  # the class that all are explained for; -1: for each picture what the model says of it
    rule: str = "typical"  # which ten are explained: one of `choosing.RULES`
    pair: tuple[int, ...] = ()  # rows of the two that are compared; () until some were chosen

    def class_of(self, model: str, count: int) -> int | None:
        """The class that was chosen for this model, if it was and the model has it."""
        return self.target if self.model == model and 0 <= self.target < count else None


USUAL = Looking()
