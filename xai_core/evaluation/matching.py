"""Which class of a data set is which class of a model: the same name, whatever its case and separators."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from xai_core.errors import UnusableData
from xai_core.names import safe_label

_SEPARATORS = re.compile(r"[\W_]+")
SHOWN = 5  # names in a sentence


@dataclass(frozen=True)
class Match:
    """`label_of[c]`: the model's class of the data set's class c, None where it has none of that name."""

    label_of: tuple[int | None, ...] = field(repr=False)
    note: str  # what could not be matched and why, or ""


def match(classes: Sequence[str], labels: Sequence[str]) -> Match:
    """Match by exact name, else by name without case and separators; UnusableData when nothing matches at all."""
    exact = _places(labels)
    loose = _places([plain(label) for label in labels])
    found: list[int | None] = []
    doubtful = []
    for name in classes:
        places = exact.get(name) or loose.get(plain(name)) or []
        if len(places) > 1:
            doubtful.append(name)
        found.append(places[0] if len(places) == 1 else None)
    taken = [label for label in found if label is not None]
    if not taken:
        raise UnusableData(
            f"None of the data set's classes ({_some(classes)}) is among the model's ({_some(labels)}). Rename the "
            "classes as the model calls them, or train a model on these pictures."
        )
    if len(set(taken)) < len(taken):
        twice = [
            name for name, label in zip(classes, found, strict=True) if label is not None and taken.count(label) > 1
        ]
        raise UnusableData(f"The data set's classes {_some(twice)} are one class of the model. Put them into one.")
    return Match(tuple(found), _note(classes, found, doubtful))


def plain(name: str) -> str:
    """The name without case, accents' encodings and separators: "Golden_Retriever" and "golden retriever" agree."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return _SEPARATORS.sub(" ", text).strip() or text


def _places(names: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        found[name].append(place)
    return found


def _note(classes: Sequence[str], found: Sequence[int | None], doubtful: Sequence[str]) -> str:
    missing = [name for name, label in zip(classes, found, strict=True) if label is None and name not in doubtful]
    sentences = []
    if missing:
        sentences.append(
            f"{len(classes) - len(missing) - len(doubtful)} of {len(classes)} classes are classes of the model too; "
            f"pictures of {_some(missing)} are left out."
        )
    if doubtful:
        sentences.append(f"The model has several classes called {_some(doubtful)}; these pictures are left out.")
    return " ".join(sentences)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{safe_label(name)}”" for name in names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")
