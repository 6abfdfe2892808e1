"""Model files for the tests of what visitors bring: as training programs write them, odd and hostile ones."""

from __future__ import annotations

import argparse
import io
import json
import os
import pathlib
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from safetensors.torch import save as safetensors_bytes
from torch import Tensor, nn

CLASSES = 7
CANARY = "canary.txt"


def saved(content: object, **options: Any) -> bytes:
    """What `torch.save` writes."""
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def legacy(content: object) -> bytes:
    """What `torch.save` wrote before version 1.6."""
    return saved(content, _use_new_zipfile_serialization=False)


def network() -> nn.Module:
    """A small network with everything that a state dict can hold: weights, biases, statistics and a counter."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        module = nn.Sequential()
        module.add_module("stem", nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)))
        module.add_module("head", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, CLASSES)))
        module.train()(torch.randn(16, 3, 8, 8))
    return module.eval()


def state() -> dict[str, Tensor]:
    return dict(network().state_dict())


class Evil:
    """Unpickled, it makes a file called `CANARY` in the folder that the process works in."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"echo sang > {CANARY}",)


def rezipped(data: bytes, compression: int = zipfile.ZIP_STORED, **more: bytes) -> bytes:
    """The same archive written again by Python; `more` are further records, by the last part of their name."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", compression) as new,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # a record that is there twice
        for record in old.infolist():
            new.writestr(record.filename, old.read(record))
        for name, content in more.items():
            new.writestr(f"archive/{name.replace('_dot_', '.')}", content)
    return buffer.getvalue()


def zipped(**files: bytes) -> bytes:
    """A zip of these; a double underscore in a name stands for its dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def with_pickle(pickled: bytes) -> bytes:
    """PyTorch's archive around a pickle made by hand."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/version", "3\n")
    return buffer.getvalue()


def nested(depth: int) -> bytes:
    return with_pickle(b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b".")


def flipped(data: bytes, values: Tensor) -> bytes:
    """One bit of these values changed, where the file stores them."""
    at = data.index(values.numpy().tobytes()) + 5
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def safetensors_file(header: object, body: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def entry(start: int, stop: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": [(stop - start) // 4], "data_offsets": [start, stop]}


def torchscript() -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # outdated, but still what people have
        torch.jit.save(torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2)), buffer)
    return buffer.getvalue()


def npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, weight=np.zeros(3))
    return buffer.getvalue()


def quantised() -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # to be removed one day, but still in people's files
        return torch.quantize_per_tensor(torch.randn(4, 4), 0.1, 0, torch.qint8)


def hostile() -> dict[str, tuple[bytes, str]]:
    """By name: a file, and words of the sentence that it must be refused with."""
    good = saved(state())
    evil = Evil()
    runs = "contains code (posix.system)" if os.name == "posix" else "contains code (nt.system)"
    counts = {f"layer{number}.weight": entry(4 * number, 4 * number + 4) for number in range(100_000)}
    return {
        "code": (saved(evil), runs),
        "code beside weights": (saved({"state_dict": state(), "callback": evil}), runs),
        "code, older format": (legacy(evil), runs),
        "code, plain pickle": (pickle.dumps(evil), runs),
        "plain pickle": (pickle.dumps({"weight": [1.0]}), "is a plain Python pickle"),
        "whole module": (saved(network()), "is a whole saved model"),
        "whole module, older format": (legacy(network()), "is a whole saved model"),
        "NumPy number": (saved({"state_dict": state(), "best": np.float64(1)}), "numpy"),
        "path": (saved({"state_dict": state(), "file": pathlib.PurePosixPath("a")}), "beside the weights (pathlib."),
        "arguments": (
            saved({"model": state(), "args": argparse.Namespace(lr=1)}),
            "beside the weights (argparse.Namespace)",
        ),
        "TorchScript": (torchscript(), "is a TorchScript program"),
        ".pt2": (
            zipped(archive_format=b"pt2", **{"models/model__json": b"{}"}),
            "is an exported PyTorch program (.pt2)",
        ),
        ".pt2, older": (zipped(serialized_exported_program__json=b"{}"), "is an exported PyTorch program (.pt2)"),
        "ONNX": (b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:" + bytes(200), "is an ONNX model"),
        "Keras 2": (b"\x89HDF\r\n\x1a\n" + bytes(500), "is an HDF5 file, as Keras writes it"),
        "Keras 3": (zipped(config__json=b"{}", model__weights__h5=b"\x89HDF"), "is a Keras model"),
        "NumPy archive": (npz(), "is a NumPy archive (.npz)"),
        "TensorFlow index": (
            bytes(range(256)) + b"\x57\xfb\x80\x8b\x24\x75\x47\xdb",
            "is part of a TensorFlow checkpoint",
        ),
        "web page": (b"<!DOCTYPE html>\n<html><body>404</body></html>", "is a web page, not a model"),
        "LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "is a Git LFS placeholder"),
        "text": (b"epoch,loss\n1,0.3\n", "is plain text, not a model"),
        "empty": (b"", "is an empty file (0 bytes)"),
        "zeros": (bytes(5000), "holds nothing but zero bytes"),
        "junk": (b"\xa7" + bytes(range(256)) * 9, "its content is of no kind we know"),
        "half": (good[: len(good) // 2], "the end of the archive is missing"),
        "something behind it": (good + b"tail", "the end of the archive is missing"),
        "half, older format": (legacy(state())[:2000], "is damaged"),
        "bit flip": (flipped(good, state()["stem.0.weight"]), "was changed since it was saved"),
        "compressed": (rezipped(good, zipfile.ZIP_DEFLATED), "holds compressed records"),
        "two pickles": (rezipped(good, data_dot_pkl=b"."), "two records called data.pkl and data.pkl"),
        "two cases": (rezipped(good, DATA_dot_pkl=b"."), "two records called data.pkl and DATA.pkl"),
        "ordinary zip": (zipped(photo__jpg=b"x"), "is a zip archive of 1 files, not a model"),
        "a tensor of 10^12": (saved({"weight": torch.ones(1).expand(10**12)}), "gives weight 1,000,000,000,000 values"),
        "sparse": (
            saved({"weight": torch.sparse_coo_tensor([[0], [0]], [1.0], (10**9, 10**9), check_invariants=True)}),
            "sparse",
        ),
        "meta": (saved({"weight": torch.empty(10**6, 10**6, device="meta")}), "no values"),
        "quantised": (saved({"weight": quantised()}), "quantised weights"),
        "whole numbers": (saved({"weight": torch.ones(4, 4, dtype=torch.int8)}), "holds weights as int8 (weight)"),
        "complex": (saved({"weight": torch.ones(4, 4, dtype=torch.complex64)}), "complex numbers (weight)"),
        "a million deep": (nested(10**6), "more than 1,000,000 steps"),
        "a million keys": (
            with_pickle(b"\x80\x02}(" + b"X\x01\0\0\0aK\x01" * 10**6 + b"u."),
            "more than 1,000,000 steps",
        ),
        "a tensor alone": (saved(torch.ones(3)), "holds a single tensor"),
        "a list": (saved([torch.ones(3)]), "holds a list"),
        "no weights": (
            saved({"epoch": 3, "loss": 0.2}),
            "holds no weights that we recognise; it is a table of epoch, loss",
        ),
        "NaN": (saved(state() | {"head.2.bias": torch.full((7,), torch.nan)}), "holds 7 values that are no numbers"),
        "negative variance": (
            saved(state() | {"stem.1.running_var": torch.full((8,), -1.0)}),
            "negative variance (-1 in",
        ),
        "too large for float32": (
            saved({"a.weight": torch.full((2, 2), 1e300, dtype=torch.float64)}),
            "holds 4 values that are no numbers",
        ),
        "huge header": (safetensors_file({}, length=2**40), "claims 1,099,511,627,776 bytes"),
        "header cut off": (safetensors_file({}, length=1000), "is cut off"),
        "overlap": (safetensors_file({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)), "overlaps another"),
        "gap": (safetensors_file({"a": entry(0, 4), "b": entry(8, 12)}, bytes(12)), "leaves a gap"),
        "wrong size": (safetensors_file({"a": entry(0, 8) | {"shape": [10**12]}}, bytes(8)), "has the wrong size"),
        "values missing": (
            safetensors_file({"a": entry(0, 8)}, bytes(4)),
            "8 bytes of weights are announced, 4 are there",
        ),
        "values left": (safetensors_file({"a": entry(0, 8)}, bytes(12)), "4 bytes at its end"),
        "name twice": (
            safetensors_file(
                b'{"a":' + json.dumps(entry(0, 4)).encode() + b',"a":' + json.dumps(entry(0, 4)).encode() + b"}",
                bytes(4),
            ),
            "names a twice",
        ),
        "100,000 tensors": (safetensors_file(counts, bytes(400_000)), "names 100,000 tensors"),
        "8-bit floats": (safetensors_file({"a": entry(0, 4, "F8_E4M3")}, bytes(4)), "weights of the type F8_E4M3"),
        "half a safetensors": (safetensors_bytes(state())[:-10], "bytes of weights are announced"),
    }
