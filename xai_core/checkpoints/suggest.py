"""Which networks a table of weights may belong to, for somebody who does not know."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from xai_core.architecture import Architecture
from xai_core.checkpoints.checkpoint import Checkpoint, Shape
from xai_core.checkpoints.signatures import COUNTER, MARKER, hashes_of, outline, signatures
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub

OFFERED, CERTAIN = 12, 4  # how many are named; how many of those that fit exactly are enough
ALIKE = 0.5  # of the tensors that a suggested network shares with the file


@dataclass(frozen=True)
class CountClasses:
    """The request: how many classes a file answers if it belongs to this network; 0 where it has no such head."""

    on_device: ClassVar[bool] = False

    checkpoint: Checkpoint
    architecture: Architecture

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> int:
        return classes_of(self.checkpoint, self.architecture)


def suggest(checkpoint: Checkpoint) -> tuple[Architecture, ...]:
    """The networks whose names and shapes are most like the file's, best first; () where none is half alike.

    Networks of equal names and shapes may still differ in what they compute (padding, activation): such a choice
    is the visitor's, and torchvision's come first.
    """
    shapes = [(name, shape) for name, shape in checkpoint.shapes if not name.endswith(COUNTER)]
    hashes = hashes_of(shapes)
    ranked = sorted(((each.likeness(hashes, len(shapes)), each) for each in signatures()), key=lambda pair: -pair[0])
    found: list[Architecture] = []
    for likeness, each in ranked:
        if likeness < ALIKE:
            break
        found += sorted(each.architectures, key=lambda one: (one.library == "timm", len(one.name), one.name))
    return _exact_first(found[:OFFERED], frozenset(shapes))


def _exact_first(found: list[Architecture], shapes: frozenset[tuple[str, Shape]]) -> tuple[Architecture, ...]:
    """Those whose every tensor but the head's is in the file come first: signatures are samples and may be shared."""
    exact: list[Architecture] = []
    for one in found:
        body = ((name, shape) for name, shape in outline(one) if MARKER not in shape and not name.endswith(COUNTER))
        if set(body) <= shapes:
            exact.append(one)
        if len(exact) == CERTAIN:
            break
    return (*exact, *(one for one in found if one not in exact))


def classes_of(checkpoint: Checkpoint, architecture: Architecture) -> int:
    """How many classes the file's head answers in that network; 0 where it has no such head."""
    table = checkpoint.table
    counts: Counter[int] = Counter()
    for name, axis in head_of(architecture):
        if len(table.get(name, ())) > axis:
            counts[table[name][axis]] += 1
    return counts.most_common(1)[0][0] if counts else 0


def head_of(architecture: Architecture) -> tuple[tuple[str, int], ...]:
    """The tensors that grow with the number of classes, each with the axis that does."""
    return tuple((name, shape.index(MARKER)) for name, shape in outline(architecture) if MARKER in shape)
