"""The first bytes of a safetensors file, checked without reading a value: a length, then names, shapes and places."""

from __future__ import annotations

import json
import struct
from collections import Counter
from math import prod
from pathlib import Path
from typing import Any

from xai_core.checkpoints.checkpoint import AGAIN, WEIGHTS_ALONE, Refusal
from xai_core.limits import CHECKPOINT_TENSORS
from xai_core.names import safe_label

HEADER_BYTES = 2**24
BYTES_OF = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "U8": 1, "I8": 1, "BOOL": 1}


def check_header(path: Path) -> None:
    """Refusal unless every name is there once and the values follow each other without gap or overlap."""
    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > HEADER_BYTES:
            raise Refusal(
                f"is no sound safetensors file: its table of contents claims {length:,} bytes; "
                f"the limit is {HEADER_BYTES:,}",
                WEIGHTS_ALONE,
            )
        text = file.read(length)
    if len(text) < length:
        raise Refusal(f"is cut off: its table of contents has {length:,} bytes, {len(text):,} are there", AGAIN)
    _check_places(_entries(text), size - 8 - length)


def _entries(text: bytes) -> dict[str, Any]:
    try:
        table = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _unsound("its table of contents is no readable JSON") from error
    if not isinstance(table, dict):
        raise _unsound("its table of contents is no table")
    table.pop("__metadata__", None)
    if not table:
        raise Refusal("holds no weights: its table of contents is empty", WEIGHTS_ALONE)
    if len(table) > CHECKPOINT_TENSORS:
        raise Refusal(f"names {len(table):,} tensors; the limit is {CHECKPOINT_TENSORS:,}", WEIGHTS_ALONE)
    return table


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise _unsound(f"it names {safe_label(twice)} twice")
    return table


def _check_places(table: dict[str, Any], room: int) -> None:
    kinds = [str(entry.get("dtype")) for entry in table.values() if isinstance(entry, dict)]
    if odd := next((kind for kind in kinds if kind not in BYTES_OF), ""):
        raise Refusal(f"holds weights of the type {safe_label(odd)}, which are not the trained values", WEIGHTS_ALONE)
    places: list[tuple[int, int, str, int]] = []
    try:
        for name, entry in table.items():
            start, stop = map(int, entry["data_offsets"])
            places.append((start, stop, name, prod(map(int, entry["shape"])) * BYTES_OF[entry["dtype"]]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unsound("its table of contents does not say type, shape and place of every tensor") from error
    reached = 0
    for start, stop, name, size in sorted(places):
        if start != reached or stop - start != size:
            raise _unsound(f"the place of {safe_label(name)} overlaps another, leaves a gap, or has the wrong size")
        reached = stop
    if reached > room:
        raise Refusal(f"is cut off: {reached:,} bytes of weights are announced, {room:,} are there", AGAIN)
    if reached < room:
        raise _unsound(f"{room - reached:,} bytes at its end belong to no tensor")


def _unsound(cause: str) -> Refusal:
    return Refusal(f"is no sound safetensors file: {cause}", AGAIN)
