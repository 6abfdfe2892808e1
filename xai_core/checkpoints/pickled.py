"""Which Python objects a pickle would call for, read from its instructions; none of them is carried out.

These words are for people. What keeps code from running is that the weights are read with `weights_only=True`,
in a process of their own.
"""

from __future__ import annotations

import io
import pickletools
import struct
from pathlib import Path
from typing import IO, Any

from xai_core.checkpoints.checkpoint import AGAIN, RECIPE, Refusal
from xai_core.names import safe_label

STEPS = 1_000_000  # instructions; a tensor takes about 30, its optimiser twice as many again
PICKLE_BYTES = 32 * 2**20
MAGIC = 0x1950A86A20F9469CFC6C  # what a PyTorch file from before version 1.6 begins with

_REBUILT = "torch._utils._rebuild_"
_WEIGHTS = {
    *("collections.OrderedDict", "collections.Counter", "builtins.set", "__builtin__.set", "torch.Size"),
    *(
        "torch.device",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch.serialization._get_layout",
    ),
    *("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.nn.parameter.Parameter"),
    *("torch.storage.UntypedStorage", "torch.storage.TypedStorage", "torch._utils._rebuild_tensor_v3"),
}
_DTYPES = ("float", "bfloat", "int", "uint", "bool", "double", "half", "complex", "long", "short", "quint", "qint")
_ODD_TENSORS = {
    "sparse": "stores sparse tensors, in which most values are left out",
    "qtensor": "holds quantised weights (whole numbers with a scale)",
    "meta": "has the shapes of the weights but no values",
    "nested": "stores nested tensors",
    "wrapper_subclass": "stores tensors of a special type",
    "from_type": "stores tensors of a special type",
}
_ORDINARY = "Turn them into ordinary float32 tensors in the program that made them, then save with " + RECIPE
_RUNS = {
    *("os", "posix", "nt", "subprocess", "sys", "builtins", "__builtin__", "shutil", "socket", "importlib", "runpy"),
    *("pty", "ctypes", "webbrowser", "code", "pickle", "_pickle", "operator", "functools", "marshal", "types"),
    *("commands", "multiprocessing", "threading", "urllib", "http", "requests", "pip", "pdb", "timeit", "cProfile"),
}


def check_pickles(path: Path) -> None:
    """Refusal unless the file is an older PyTorch file whose pickles call for nothing but tensors."""
    with path.open("rb") as file:
        start = file.read(PICKLE_BYTES + 1)
    stream = io.BytesIO(start)
    legacy = _first_number(start) == MAGIC
    found: dict[str, None] = {}
    for _ in range(5 if legacy else 1):  # magic number, version, machine, the object, the names of its storages
        found |= dict.fromkeys(called_for(stream, len(start) > PICKLE_BYTES))
    check_called(list(found))
    if not legacy:
        raise Refusal("is a plain Python pickle, which may hold anything")


def check_called(found: list[str]) -> None:
    """Refusal, naming the first object that is no part of plain weights."""
    others = [name for name in found if not _harmless(name)]
    runs = next((name for name in others if name.split(".")[0] in _RUNS), "")
    if runs:
        raise Refusal(f"contains code ({safe_label(runs)}) that would run when it is opened; it was not opened")
    for name in others:
        for mark, words in _ODD_TENSORS.items():
            if name.startswith(("torch._utils._rebuild_", "torch._tensor._rebuild_")) and mark in name:
                raise Refusal(words, _ORDINARY)
    if any(name.startswith(("torch.nn.", "torchvision.", "timm.")) for name in others):
        raise Refusal(
            "is a whole saved model (a Python program), not its weights",
            f"Where it was trained, run {RECIPE} and drop that",
        )
    if others:
        raise Refusal(f"holds Python objects beside the weights ({safe_label(others[0])}), which we do not open")


def called_for(stream: IO[bytes], more: bool = False) -> list[str]:
    """The dotted names that one pickle looks up, in order; `stream` is left behind it.

    `more`: the stream is only the beginning of its file, so that running out of it is a matter of size.
    """
    found: list[str] = []
    strings: list[str] = ["?", "?"]
    memo: dict[int, str | None] = {}
    last: str | None = None
    try:
        for step, (code, argument, _) in enumerate(pickletools.genops(stream)):
            if step > STEPS:
                raise Refusal(f"is described in more than {STEPS:,} steps, the limit")
            if code.name in ("GLOBAL", "INST"):
                found.append(str(argument).replace(" ", "."))
            elif code.name == "STACK_GLOBAL":
                found.append(".".join(strings[-2:]))
            elif code.name.startswith("EXT"):
                found.append(f"copyreg.extension {argument}")
            elif code.name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
                memo[len(memo) if argument is None else int(argument)] = last
                continue
            last = _string(code.name, argument, memo)
            if last is not None:
                strings = [strings[-1], last]
    except (ValueError, OverflowError, struct.error, MemoryError) as error:
        if more:
            raise Refusal(f"describes its content in more than {PICKLE_BYTES // 2**20} MB, the limit") from error
        raise Refusal("is damaged or cut off: the list of its content ends in the middle", AGAIN) from error
    return found


def _string(code: str, argument: Any, memo: dict[int, str | None]) -> str | None:
    if code in ("GET", "BINGET", "LONG_BINGET"):
        return memo.get(int(argument))
    return argument if isinstance(argument, str) and ("UNICODE" in code or "STRING" in code) else None


def _first_number(start: bytes) -> object:
    try:
        steps = pickletools.genops(start[:64])
        return next((argument for _, argument, _ in steps if isinstance(argument, int) and argument > 255), None)
    except ValueError:
        return None


def _harmless(name: str) -> bool:
    if name in _WEIGHTS:
        return True
    module, _, last = name.rpartition(".")
    return module in ("torch", "torch.storage") and (last.endswith("Storage") or last.startswith(_DTYPES))
