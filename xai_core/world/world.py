"""The demo world in the library: two data sets of creatures, concepts, and counter-examples."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from xai_core.datasets.dataset import Given, save
from xai_core.library import entries
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
    SPLITS,
    TAGS,
    TEXTURES,
    Split,
)
from xai_core.world.pool import counter_example

if TYPE_CHECKING:
    from xai_core.hub import Hub

VERSION = 1  # of the drawings; another one is another world
AHEAD = 64  # pictures drawn before the first of them is written
THREE_WAYS = (
    20  # creatures a family that the tagged test split shows without a tag, with the right and with a wrong one
)

Draw = Callable[[], Given]
_turn = threading.Lock()


@dataclass(frozen=True)
class World:
    """Keys in the library: data sets, then concept sets. A concept set lists its pictures as a data set does."""

    creatures: str
    tagged: str
    colours: str
    textures: str
    counter_examples: str


@dataclass(frozen=True)
class Part:
    """One entry of the library that belongs to the world."""

    name: str
    kind: entries.Kind
    title: str
    classes: tuple[str, ...]
    pictures: Callable[[], Sequence[Draw]]


@dataclass(frozen=True)
class BuildWorld:
    """The request: have the demo world in the library. What is there already is not drawn again."""

    on_device: ClassVar[bool] = False  # about files, which come and go

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> World:
        """LibraryError where the library cannot be written. Stopped, it leaves whole entries or none."""
        while not _turn.acquire(timeout=0.2):
            progress(0.0, "somebody else is drawing the demo world")
        try:
            wanted = [(each, each.pictures()) for each in PARTS]
            total, done, keys = sum(len(pictures) for _, pictures in wanted), 0, []
            for each, pictures in wanted:
                share = part(progress, done / total, (done + len(pictures)) / total)
                keys.append(_found(each) or _made(each, pictures, share))
                done += len(pictures)
            return World(*keys)
        finally:
            drawn.cache_clear()
            _turn.release()


def _found(wanted: Part) -> str | None:
    """The key of that part as an earlier call has left it, whatever it is called by now."""
    mark = _facts(wanted)
    return next((e.key for e in entries.listing(wanted.kind).entries if e.manifest.get("facts") == mark), None)


def _facts(wanted: Part) -> dict[str, Any]:
    return {"demo world": wanted.name, "version": VERSION, "seed": SEED}


def _made(wanted: Part, pictures: Sequence[Draw], progress: Progress) -> str:
    def counted() -> Iterator[Given]:
        for done, given in enumerate(_drawn(pictures), 1):
            yield given
            progress(done / len(pictures), f"{wanted.title}: {done} of {len(pictures)} pictures")

    if wanted.kind == "datasets":
        return save(wanted.title, wanted.classes, counted(), _facts(wanted)).key

    def fill(folder: Path) -> dict[str, Any]:
        from xai_core.datasets.writing import PictureFolder

        writer = PictureFolder(folder, wanted.classes)
        for given in counted():
            writer.add(*given)
        return {**writer.manifest(), "facts": _facts(wanted)}

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
    draws = [_draw(example, split) for split in learned for example in examples(split, "mostly right")]
    for family in FAMILIES:
        for number in SPLITS["test"][:THREE_WAYS]:
            ways = (Example(family, number, tag(family, number, way)) for way in TAGS if way != "mostly right")
            draws.extend(_draw(way, "test") for way in ways)
    return draws


def _draw(example: Example, split: Split) -> Draw:
    return lambda: _given(creature(example.family, example.number, example.tag), example.label, split)


def _concepts(names: tuple[str, ...]) -> list[Draw]:
    return [
        lambda name=name, label=label, number=number: _given(concept(name, number), label, "")  # type: ignore[misc]
        for label, name in enumerate(names)
        for number in range(PER_CONCEPT)
    ]


def _pool() -> list[Draw]:
    return [
        lambda number=number: _given(counter_example(number), 0, "")  # type: ignore[misc]
        for number in range(SCENES + CROPS)
    ]


def _given(picture: Picture, label: int, split: Any) -> Given:
    return picture, f"{picture.name}.png", label, split


PARTS = (
    Part("creatures", "datasets", "Demo: creatures", FAMILIES, _creatures),
    Part("tagged", "datasets", "Demo: creatures with tags", FAMILIES, _tagged),
    Part("colours", "concepts", "Demo: colours", COLOURS, lambda: _concepts(COLOURS)),
    Part("textures", "concepts", "Demo: textures", TEXTURES, lambda: _concepts(TEXTURES)),
    Part("counter-examples", "concepts", "Demo: random counter-examples", ("random",), _pool),
)
