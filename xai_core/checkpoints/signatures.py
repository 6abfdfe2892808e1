"""A short signature of every network's names and shapes, so that weights find theirs without building all of them.

`python -m xai_core.checkpoints.signatures` builds every network once, without memory for its values (minutes), and
writes `signatures.json`. Networks that a later version of the libraries adds are only not suggested.
"""

from __future__ import annotations

import json
import warnings
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from xai_core.architecture import Architecture, create
from xai_core.checkpoints.checkpoint import Shape, shapes_of
from xai_core.errors import UnknownModel

INDEX = Path(__file__).with_name("signatures.json")
SAMPLE = 12  # tensors kept of each network: an unbiased sample, as their hashes are random
COUNTER = "num_batches_tracked"  # of batch normalisation: files from before PyTorch 0.4.1 do not have it
HEAD = 2  # tensors of the usual head, which the file has and the signature has not
MARKER = 9973  # a number of classes that no other side of a network has


@dataclass(frozen=True)
class Signature:
    """Names and shapes of a network without its head and counters: how many, and the smallest hashes among them."""

    count: int
    sample: tuple[int, ...]
    architectures: tuple[Architecture, ...] = field(compare=False)

    def likeness(self, hashes: frozenset[int], count: int) -> float:
        """An estimate of this network's share that a file of `count` tensors holds, less where their numbers differ."""
        if not self.sample:
            return 0.0
        found = sum(value in hashes for value in self.sample) / len(self.sample)
        return found * (1 - min(1.0, abs(self.count + HEAD - count) / max(self.count, count)))


def hashes_of(shapes: Iterable[tuple[str, Shape]]) -> frozenset[int]:
    """One number of 32 bits for every name with its shape."""
    return frozenset(zlib.crc32(f"{name} {tuple(shape)}".encode()) for name, shape in shapes)


@lru_cache(64)
def outline(architecture: Architecture) -> tuple[tuple[str, Shape], ...]:
    """Names and shapes of the network with `MARKER` classes; UnknownModel where it cannot be built."""
    import torch

    with torch.random.fork_rng([]), warnings.catch_warnings(action="ignore"):
        try:
            with torch.device("meta"):  # no time and no memory for values
                return shapes_of(create(architecture, MARKER).state_dict())
        except UnknownModel:  # torchvision's RegNets compute their widths with tensors, which then need values
            return shapes_of(create(architecture, MARKER).state_dict())


def signature_of(architecture: Architecture) -> Signature:
    """The network's signature, from building it; UnknownModel where it cannot be built."""
    shapes = outline(architecture)
    body = [(name, shape) for name, shape in shapes if MARKER not in shape and not name.endswith(COUNTER)]
    return Signature(len(body), tuple(sorted(hashes_of(body))[:SAMPLE]), (architecture,))


@cache
def signatures() -> tuple[Signature, ...]:
    """All that were written, those of equal networks together."""
    table = json.loads(INDEX.read_text(encoding="utf-8"))
    return tuple(
        Signature(count, tuple(sample), tuple(Architecture(library, name) for library, name in networks))
        for count, sample, networks in table["signatures"]
    )


def write_index(architectures: Iterable[Architecture]) -> list[str]:
    """Write `signatures.json`; the networks that cannot be built."""
    import timm
    import torchvision

    together: dict[Signature, list[tuple[str, str]]] = {}
    failed = []
    for architecture in architectures:
        try:
            together.setdefault(signature_of(architecture), []).append((architecture.library, architecture.name))
        except UnknownModel:
            failed.append(str(architecture))
    lines = [json.dumps([found.count, found.sample, names]) for found, names in together.items()]
    made_with = json.dumps({"timm": timm.__version__, "torchvision": torchvision.__version__})
    text = '{"made_with": ' + made_with + ', "signatures": [\n' + ",\n".join(lines) + "\n]}\n"
    INDEX.write_text(text, encoding="utf-8")
    return failed


if __name__ == "__main__":
    from xai_core.checkpoints.architectures import available

    write_index(available())
