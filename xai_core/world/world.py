"""The demo world in the library: two data sets of creatures, a dozen concepts, and counter-examples."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from xai_core.concepts.concept import ORIGIN, POOL
from xai_core.datasets.dataset import Given, save
from xai_core.library import entries
from xai_core.library.rooms import Kind, alone
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent
from xai_core.world.concepts import concept
from xai_core.world.creatures import creature, drawn
from xai_core.world.examples import Example, examples, tag
from xai_core.world.facts import (
    COLOURS,
    CROPS,
    FAMILIES,
    PER_CONCEPT,
    SCENES,
    SEED,
    SIGNED,
    SPLITS,
    TAGS,
    TEXTURES,
    Split,
)
from xai_core.world.pool import counter_example

if TYPE_CHECKING:
    from xai_core.hub import Hub

VERSION = 1  # of the drawings; another one is another world
DATA, EXAMPLES, COUNTER_EXAMPLES = ("creatures", "tagged"), (*COLOURS, *TEXTURES, *SIGNED), ("pool",)
KNOWN, OF_TAGS = ("place", "height (pixels)", "lean (degrees)"), ("tag", "tag fits")  # columns of the creatures
AHEAD = 64  # pictures drawn before the first of them is written
THREE_WAYS = (
    20  # creatures a family that the tagged test split shows without a tag, with the right and with a wrong one
)

Draw = Callable[[], Given]


@dataclass(frozen=True)
class World:
    """Keys in the library; "" or nothing for what was not asked for."""

    creatures: str = ""
    tagged: str = ""
    concepts: tuple[tuple[str, str], ...] = ()  # name in `facts`, key
    pool: str = ""


@dataclass(frozen=True)
class Part:
    """One entry of the library that belongs to the world."""

    name: str
    kind: Kind
    title: str
    pictures: Callable[[], Sequence[Draw]]


@dataclass(frozen=True)
class BuildWorld:
    """The request: have the demo world, or some parts of it, in the library. What is there already is not drawn again.

    The names of the parts are `DATA`, `EXAMPLES` and `COUNTER_EXAMPLES`; ValueError for others.
    """

    on_device: ClassVar[bool] = False  # about files, which come and go

    parts: tuple[str, ...] = (*DATA, *EXAMPLES, *COUNTER_EXAMPLES)

    def __post_init__(self) -> None:
        if unknown := set(self.parts) - {*DATA, *EXAMPLES, *COUNTER_EXAMPLES}:
            raise ValueError(f"the demo world has no {', '.join(sorted(unknown))}")

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> World:
        """LibraryError where the library cannot be written. Stopped, it leaves whole entries or none."""
        keys = {each.name: key for each in self._wanted() if (key := _found(each))}
        if len(keys) < len(self._wanted()):
            with alone("world", progress, "somebody else is drawing the demo world"):
                try:
                    keys = self._keys(progress)
                finally:
                    drawn.cache_clear()
        concepts = tuple((name, key) for name, key in keys.items() if name in EXAMPLES)
        return World(keys.get("creatures", ""), keys.get("tagged", ""), concepts, keys.get("pool", ""))

    def _wanted(self) -> list[Part]:
        return [each for each in PARTS if each.name in self.parts]

    def _keys(self, progress: Progress) -> dict[str, str]:
        wanted = [(each, each.pictures()) for each in self._wanted()]
        total, done, keys = sum(len(pictures) for _, pictures in wanted), 0, {}
        for each, pictures in wanted:
            share = part(progress, done / total, (done + len(pictures)) / total)
            keys[each.name] = _found(each) or _made(each, pictures, share)
            done += len(pictures)
        return keys


def _found(wanted: Part) -> str | None:
    """The key of that part as an earlier call has left it, whatever it is called by now."""
    mark = _facts(wanted)
    return next((e.key for e in entries.listing(wanted.kind).entries if e.manifest.get("facts") == mark), None)


def _facts(wanted: Part) -> dict[str, Any]:
    return {"demo world": wanted.name, "version": VERSION, "seed": SEED}


def _columns(wanted: Part) -> tuple[str, ...]:
    return (*KNOWN, *OF_TAGS) if wanted.name == "tagged" else KNOWN


def _made(wanted: Part, pictures: Sequence[Draw], progress: Progress) -> str:
    def counted() -> Iterator[Given]:
        for done, given in enumerate(_drawn(pictures), 1):
            yield given
            progress(done / len(pictures), f"{wanted.title}: {done} of {len(pictures)} pictures")

    if wanted.kind == "datasets":
        return save(wanted.title, FAMILIES, counted(), _facts(wanted), columns=_columns(wanted)).key

    def fill(folder: Path) -> dict[str, Any]:
        from xai_core.datasets.writing import PictureFolder

        writer = PictureFolder(folder, ())
        for given in counted():
            writer.add(*given)
        pool = wanted.name in COUNTER_EXAMPLES
        return {**writer.manifest(), ORIGIN: "the demo world", POOL: pool, "facts": _facts(wanted)}

    return entries.create(wanted.kind, wanted.title, fill)


def _drawn(pictures: Sequence[Draw]) -> Iterator[Given]:
    """In order, a few ahead, on all cores: most of the time is Pillow's, which lets other threads run."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for start in range(0, len(pictures), AHEAD):
            yield from threads.map(lambda draw: draw(), pictures[start : start + AHEAD])


def _creatures() -> list[Draw]:
    return [_draw(example, split) for split in SPLITS for example in examples(split)]


def _tagged() -> list[Draw]:
    """For learning, the tags are mostly right; for testing, every creature comes all three ways."""
    learned: tuple[Split, ...] = ("train", "validation")
    draws = [_draw(example, split, True) for split in learned for example in examples(split, "mostly right")]
    for family in FAMILIES:
        for number in SPLITS["test"][:THREE_WAYS]:
            ways = (Example(family, number, tag(family, number, way)) for way in TAGS if way != "mostly right")
            draws.extend(_draw(way, "test", True) for way in ways)
    return draws


def _draw(example: Example, split: Split, tagged: bool = False) -> Draw:
    return partial(_creature, example, split, tagged)


def _creature(example: Example, split: Split, tagged: bool) -> Given:
    """With what is known of its picture: a text for each of `KNOWN`, and of `OF_TAGS` where tags are in question."""
    picture = creature(example.family, example.number, example.tag)
    found = drawn(example.family, example.number)
    facts: tuple[str, ...] = (found.place, f"{found.height:.0f}", f"{found.tilt:.0f}")
    if tagged:
        fits = "yes" if example.tag == example.family else "no"
        facts += ("no tag", "no tag") if example.tag is None else (f"{example.tag}’s", fits)
    return picture, f"{picture.name}.png", example.label, split, facts


def _examples(name: str) -> list[Draw]:
    return [partial(_example, name, number) for number in range(PER_CONCEPT)]


def _example(name: str, number: int) -> Given:
    return _given(concept(name, number), None, "")


def _pool() -> list[Draw]:
    return [
        lambda number=number: _given(counter_example(number), None, "")  # type: ignore[misc]
        for number in range(SCENES + CROPS)
    ]


def _given(picture: Picture, label: int | None, split: Any) -> Given:
    return picture, f"{picture.name}.png", label, split


PARTS = (
    Part("creatures", "datasets", "Demo: creatures", _creatures),
    Part("tagged", "datasets", "Demo: creatures with tags", _tagged),
    *(Part(name, "concepts", name[0].upper() + name[1:], partial(_examples, name)) for name in EXAMPLES),
    Part("pool", "concepts", "Demo: random counter-examples", _pool),
)
