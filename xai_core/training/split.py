"""Which pictures are learned from, which decide when to stop, and which are kept for the test."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from xai_core.errors import UnusableData
from xai_core.evaluation.contents import unique
from xai_core.names import safe_label
from xai_core.training.recipe import Recipe

if TYPE_CHECKING:
    from xai_core.datasets.dataset import Dataset

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")
FEWEST = 5  # pictures of a class, where both held-out parts are taken from them


@dataclass(frozen=True)
class Split:
    """Numbers of a data set's items; each content is in one part at most."""

    train: tuple[int, ...] = field(repr=False)
    validation: tuple[int, ...] = field(repr=False)
    test: tuple[int, ...] = field(repr=False)
    copies: int  # items left out because another one shows the same
    contradictions: int  # items left out because the same content carries two labels
    given: tuple[Part, ...]  # held-out parts that the data set brought along

    def part(self, name: Part) -> tuple[int, ...]:
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    @property
    def everything(self) -> tuple[int, ...]:
        return (*self.train, *self.validation, *self.test)


def split(data: Dataset, recipe: Recipe) -> Split:
    """The data set's own parts where it has them; a missing one is taken from the rest, class by class.

    Each content counts once, on the side that is held out furthest. UnusableData names the class with too few.
    """
    contents = unique(data)
    parts: dict[str, list[int]] = defaultdict(list)
    for number in contents.numbers:
        parts[data.items[number].split or "train"].append(number)
    given: tuple[Part, ...] = tuple(name for name in PARTS if parts[name] and name != "train")
    _check(data, parts["train"], len(given))
    for name, share in (("test", recipe.test), ("validation", recipe.validation)):
        if name not in given:
            wanted = share * len(contents.numbers) / max(1, len(parts["train"])) if not given else share
            parts["train"], parts[name] = _taken(data, parts["train"], wanted, recipe.seed)
    train, validation, test = (tuple(sorted(parts[name])) for name in PARTS)
    return Split(train, validation, test, contents.copies, contents.contradictions, given)


def counts(data: Dataset, of: Split) -> dict[str, dict[str, int]]:
    """Pictures of each class in each part: {"train": {"grookin": 36, ...}, ...}."""
    found = {name: Counter(data.items[number].label for number in of.part(name)) for name in PARTS}
    return {name: {label: found[name][i] for i, label in enumerate(data.classes)} for name in PARTS}


def _check(data: Dataset, pool: Sequence[int], given: int) -> None:
    if len(data.classes) < 2:
        raise UnusableData(
            f"“{safe_label(data.title)}” has {len(data.classes)} class; telling pictures apart needs at least two. "
            "Put the pictures of each class into a folder of its own and import them again."
        )
    needed = FEWEST - 2 * given  # 5, 3 or 1
    found = Counter(data.items[number].label for number in pool)
    for index, name in enumerate(data.classes):
        have = found[index]
        if have < needed:
            raise UnusableData(
                f"The class “{safe_label(name)}” has {have} different {'picture' if have == 1 else 'pictures'} to "
                f"learn from, and {needed} are the least. Add {needed - have} more to it, or leave the class out."
            )


def _taken(data: Dataset, pool: Sequence[int], share: float, seed: int) -> tuple[list[int], list[int]]:
    """What stays of the pool and what is taken from it: of each class that share, at least one picture."""
    from sklearn.model_selection import train_test_split

    stays: list[int] = []
    taken: list[int] = []
    for index in range(len(data.classes)):
        own = [number for number in pool if data.items[number].label == index]
        rest, part = train_test_split(own, test_size=max(1, round(share * len(own))), random_state=seed)
        stays += rest
        taken += part
    return stays, taken
