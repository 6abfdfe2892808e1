"""On which pictures a model is judged, and whether it has seen them before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from xai_core.datasets.dataset import Dataset
from xai_core.errors import UnusableData
from xai_core.evaluation.contents import unique
from xai_core.names import safe_label

Which = Literal["held out", "test", "validation", "train", "all"]
WHICH: tuple[Which, ...] = get_args(Which)
DIGITS = 16  # of a picture's digest, in a model's facts: 64 bits tell any two pictures apart
WORDS: dict[Which, str] = {
    "held out": "held-out",
    "test": "test",
    "validation": "validation",
    "train": "training",
    "all": "",
}
UNKNOWN = "What this model learned from is not known. Pictures that it has seen before would flatter it."


@dataclass(frozen=True)
class Selection:
    """Numbers of a data set's items, rising; `where` says in the answer what they are; `notes` are whole sentences."""

    numbers: tuple[int, ...] = field(repr=False)
    where: str
    notes: tuple[str, ...]


def digests(data: Dataset, parts: Mapping[str, tuple[int, ...]]) -> dict[str, list[str]]:
    """For a model's facts: which contents are in which part of its split."""
    return {name: [data.items[number].digest[:DIGITS] for number in numbers] for name, numbers in parts.items()}


def select(data: Dataset, which: Which, facts: Mapping[str, Any]) -> Selection:
    """The pictures asked for, each content once.

    Parts are those of the model's training where `facts` knows these pictures, else the data set's own; "held out" is
    whatever the model neither learned from nor was chosen by. UnusableData where nothing is left.
    """
    contents = unique(data)
    part_of = {digest: name for name, found in facts.get("digests", {}).items() for digest in found}
    known = {number: part_of.get(data.items[number].digest[:DIGITS], "") for number in contents.numbers}
    notes = _left_out(contents.copies, contents.contradictions)
    if not any(known.values()) and which != "all":
        numbers = _by_data_set(data, contents.numbers, which)
    else:
        numbers = tuple(number for number in contents.numbers if _wanted(which, known[number]))
    if not numbers:
        raise UnusableData(_nothing(data, which, bool(contents.numbers)))
    if not part_of:
        told = facts.get("learned from")
        notes.append(f"It learned from {told}." if told else UNKNOWN)
    seen = sum(known[number] == "train" for number in numbers)
    if seen:
        notes.append(f"The model learned from {seen:,} of these {len(numbers):,} pictures, which flatters it.")
    if which == "validation" and any(known.values()):
        notes.append("These pictures decided when its training stopped, which flatters it a little.")
    held_out = which == "held out" and not part_of and len(numbers) == len(contents.numbers)
    return Selection(numbers, "" if held_out else WORDS[which], tuple(notes))


def _wanted(which: Which, part: str) -> bool:
    return which == "all" or (part not in ("train", "validation") if which == "held out" else part == which)


def _by_data_set(data: Dataset, numbers: tuple[int, ...], which: Which) -> tuple[int, ...]:
    wanted = "test" if which == "held out" else which
    found = tuple(number for number in numbers if data.items[number].split == wanted)
    return numbers if which == "held out" and not found else found


def _left_out(copies: int, contradictions: int) -> list[str]:
    notes = []
    if copies:
        notes.append(f"{copies:,} pictures show the same as another one and are not counted again.")
    if contradictions:
        notes.append(f"{contradictions:,} pictures are in two classes at once and are left out.")
    return notes


def _nothing(data: Dataset, which: Which, labelled: bool) -> str:
    title = safe_label(data.title)
    if not labelled:
        return f"“{title}” has no pictures with a class. Put them into one folder per class and import them again."
    if which == "held out":
        return f"The model was trained on every picture of “{title}”. Choose pictures that it never saw."
    return f"“{title}” has no {WORDS[which]} pictures for this model. Choose “held out” or “all”."
