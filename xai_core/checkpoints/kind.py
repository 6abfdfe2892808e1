"""What a file that was dropped as a model really is, told from its bytes alone: nothing in it is loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from xai_core.checkpoints.checkpoint import AGAIN, WEIGHTS_ALONE, Refusal
from xai_core.checkpoints.header import check_header
from xai_core.checkpoints.layout import zip_kind
from xai_core.checkpoints.pickled import check_pickles
from xai_core.limits import CHECKPOINT_BYTES

Kind = Literal["torch", "safetensors", "export"]  # "export": a model that was saved by this dashboard

_PYTORCH = "Load it in the program that made it, and save its weights for PyTorch as .safetensors or .pt"
_UNPACK = "Unpack it and drop the .safetensors, .pt or .pth file inside"
_NO_MODEL = "Drop a .safetensors, .pt or .pth file with a model's weights"
_OTHERS = (
    (rb"\x89HDF\r\n\x1a\n", "is an HDF5 file, as Keras writes it (.h5)", _PYTORCH),
    (rb"\x93NUMPY", "is a single NumPy array (.npy)", _PYTORCH),
    (rb"....TFL3", "is a TensorFlow Lite model", _PYTORCH),
    (rb"GGUF", "is a GGUF language model", _NO_MODEL),
    (rb"\x08[\x01-\x20](\x12.{0,40}(pytorch|onnx|tf2onnx|keras|paddle)|\x1a|\x22|\x3a)", "is an ONNX model", _PYTORCH),
    (rb"\x08\x01\x12", "is a TensorFlow model (.pb)", _PYTORCH),
    (rb"(\x1f\x8b|Rar!|7z\xbc\xaf\x27\x1c|\x28\xb5\x2f\xfd|.{257}ustar)", "is a packed archive", _UNPACK),
    (rb"(\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|BM.{12}\x28\0)", "is a picture, not a model", _NO_MODEL),
    (rb"%PDF-", "is a PDF document, not a model", _NO_MODEL),
    (rb"(MZ|\x7fELF|\xcf\xfa\xed\xfe)", "is a program, not a model", _NO_MODEL),
    (
        rb"version https://git-lfs",
        "is a Git LFS placeholder: it stands for the model and does not hold it",
        "Run `git lfs pull`, or download the file itself from the project's page, and drop that",
    ),
    (rb"\0+$", "holds nothing but zero bytes", AGAIN),
)
_WEB_PAGE = re.compile(rb"\s*<(!doctype\s+html|html|head|body|script|\?xml)", re.IGNORECASE)
_TENSORFLOW_INDEX = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"  # the last eight bytes of a checkpoint's .index file
_TENSORFLOW_NAME = re.compile(r"(\.ckpt(-\d+)?(\.index|\.meta)?|\.data-\d{5}-of-\d{5})$", re.IGNORECASE)


def kind_of(path: Path, name: str) -> Kind:
    """How the file can be read; Refusal, naming what it is instead and what to do, for everything else.

    `name`, what the visitor called it, only helps to name a file that says nothing about itself.
    """
    check_size(path.stat().st_size)
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(-min(8, path.stat().st_size), 2)
        tail = file.read()
    if head.startswith(b"PK\x03\x04"):
        return zip_kind(path)
    if re.match(rb"\x80[\x02-\x05]", head):
        check_pickles(path)
        return "torch"
    for pattern, words, advice in _OTHERS:
        if re.match(pattern, head, re.DOTALL):
            raise Refusal(words, advice)
    _check_text(head)
    if head[8:9] == b"{":
        check_header(path)
        return "safetensors"
    if tail == _TENSORFLOW_INDEX or _TENSORFLOW_NAME.search(name):
        raise Refusal("is part of a TensorFlow checkpoint", _PYTORCH)
    if head.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise Refusal("is an empty or divided zip archive", _UNPACK)
    # who has a .safetensors need not be told how to make one
    advice = AGAIN if name.lower().endswith(".safetensors") else WEIGHTS_ALONE
    raise Refusal("is no model file: its content is of no kind we know", advice)


def check_size(size: int) -> None:
    """Refusal for an empty file or one over the limit."""
    if not size:
        raise Refusal("is an empty file (0 bytes)", AGAIN)
    if size > CHECKPOINT_BYTES:
        limit = f"{CHECKPOINT_BYTES // 2**20} MB ({CHECKPOINT_BYTES:,} bytes)"
        raise Refusal(f"is larger ({size / 2**20:,.1f} MB) than the limit of {limit}", WEIGHTS_ALONE)


def _check_text(head: bytes) -> None:
    if _WEB_PAGE.match(head):
        advice = "The download was answered with a page; open the link in a browser, save the file itself and drop that"
        raise Refusal("is a web page, not a model", advice)
    # a letter may be cut in two at the end of the excerpt
    printable = "\ufffd" not in head.decode("utf-8", errors="replace")[:-3]
    if printable and all(byte >= 32 or byte in b"\t\r\n" for byte in head):
        raise Refusal("is plain text, not a model", _NO_MODEL)
