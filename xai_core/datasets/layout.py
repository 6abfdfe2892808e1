"""What the folders of an upload say: which class and which part of the data each picture belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xai_core.datasets.dataset import SPLITS, Split
from xai_core.datasets.pictures import CLAIMED

SPLIT_NAMES: dict[str, Split] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}

Path = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where one picture belongs; `label` None where no folder says it."""

    label: int | None
    split: Split


@dataclass(frozen=True)
class Layout:
    """The classes in order, a place for each path, and the same in words."""

    classes: tuple[str, ...]
    places: tuple[Place, ...]
    words: str


def arrange(paths: Sequence[Path]) -> Layout:
    """Read `class/…` and `train|validation|test/class/…`, also inside one common top folder.

    `paths` are folders and file name. The folder below is the class; deeper ones say nothing more. Files that do
    not even claim to be pictures have a place, but no say in what the layout is.
    """
    folders = [path[:-1] for path in paths]
    telling = [path[-1].casefold().endswith(CLAIMED) for path in paths]
    if not any(telling):
        telling = [True] * len(paths)
    if not _split_first(folders, telling) and len(_tops(folders, telling)) == 1 and _deep(folders, telling):
        folders = [each[1:] for each in folders]
    splits: list[Split] = [""] * len(folders)
    if _split_first(folders, telling):
        splits = [SPLIT_NAMES.get(each[0].casefold(), "") if each else "" for each in folders]
        folders = [each[1:] for each in folders]
    classes = tuple(sorted(_tops(folders, telling), key=natural))
    index = {name: number for number, name in enumerate(classes)}
    labels = [index.get(each[0]) if each else None for each in folders]
    places = tuple(Place(label, split) for label, split in zip(labels, splits, strict=True))
    return Layout(classes, places, _words(classes, splits))


def natural(name: str) -> tuple[list[tuple[str, int]], str]:
    """A sort key that puts 2 before 10 and a beside A."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", name.casefold())], name


def _tops(folders: Sequence[Path], telling: Sequence[bool]) -> set[str]:
    return {each[0] for each, tells in zip(folders, telling, strict=True) if tells and each}


def _deep(folders: Sequence[Path], telling: Sequence[bool]) -> bool:
    return any(len(each) > 1 for each, tells in zip(folders, telling, strict=True) if tells)


def _split_first(folders: Sequence[Path], telling: Sequence[bool]) -> bool:
    tops = _tops(folders, telling)
    return bool(tops) and all(top.casefold() in SPLIT_NAMES for top in tops)


def _words(classes: tuple[str, ...], splits: Sequence[Split]) -> str:
    words = "pictures without classes"
    if classes:
        words = "a single class" if len(classes) == 1 else f"a folder for each of {len(classes):,} classes"
    found = [split for split in SPLITS if split and split in splits]
    return f"folders for {', '.join(found)}; in them {words}" if found else words
