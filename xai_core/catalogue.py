"""Every model that can be asked, under one kind of name: the table's, the demo world's, and people's own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xai_core import zoo
from xai_core.errors import MissingWeights, UnknownModel
from xai_core.library import entries
from xai_core.own_model import read_card
from xai_core.world import shipped

DEMO, MINE = shipped.PREFIX, "mine/"  # how names begin; the table's names have no slash


class Group(StrEnum):
    """Where a model comes from."""

    TABLE = "trained on ImageNet"
    DEMO = "demo world"
    MINE = "yours"


@dataclass(frozen=True)
class Offer:
    """A model before it is loaded."""

    name: str  # as in `hub.classifier(name)`
    title: str
    group: Group
    download: str = ""  # "548 MB" where its weights have to be fetched first

    @property
    def ready(self) -> bool:
        return not self.download


def offered() -> tuple[Offer, ...]:
    """All there are: the table's, the demo world's, then the library's."""
    table = (_of_table(line) for line in zoo.offered())
    return (*table, *(_of_demo(name) for name in shipped.SHIPPED), *_mine())


def offer(name: str) -> Offer:
    """The model of that name; UnknownModel when there is none (any more)."""
    if name.startswith(MINE):
        found = next((each for each in _mine() if each.name == name), None)
    elif name in shipped.SHIPPED:
        found = _of_demo(name)
    else:
        found = _of_table(zoo.spec(name))
    if found is None:
        raise UnknownModel("That model is no longer in the library. Choose another one.")
    return found


def _of_table(line: zoo.ModelSpec) -> Offer:
    return Offer(line.key, line.title, Group.TABLE, "" if zoo.ready(line) else line.download)


def _of_demo(name: str) -> Offer:
    return Offer(name, read_card(shipped.folder(name)).title, Group.DEMO)


def damaged() -> tuple[str, ...]:
    """Sentences about models of the library that cannot be offered; the others are."""
    return _library()[1]


def _mine() -> tuple[Offer, ...]:
    return _library()[0]


def _library() -> tuple[tuple[Offer, ...], tuple[str, ...]]:
    """What can be offered, and what is wrong with the rest."""
    found = entries.listing("models")
    offers, told = [], list(found.messages)
    for entry in found.entries:
        try:
            card = read_card(entries.folder_of("models", entry.key))
        except MissingWeights as error:
            told.append(str(error))
        else:
            offers.append(Offer(f"{MINE}{entry.key}", card.title, Group.MINE))
    return tuple(offers), tuple(told)
