"""What a zip is by its list of contents: PyTorch's own archive, a model of ours, or something else that is named."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from xai_core.checkpoints.checkpoint import AGAIN, RECIPE, WEIGHTS_ALONE, Refusal
from xai_core.checkpoints.pickled import PICKLE_BYTES, called_for, check_called
from xai_core.limits import CHECKPOINT_TENSORS
from xai_core.names import safe_label
from xai_core.own_model import CARD, WEIGHTS

RECORDS = CHECKPOINT_TENSORS + 100
DIRECTORY_BYTES = 8 * 2**20
END, END64, LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
ENCRYPTED = 0x1

_PYTORCH = "Load it in the program that made it, and save its weights for PyTorch as .safetensors or .pt"
_STATE = f"Load the model in Python and save its weights with {RECIPE}"
_SIGNS = (  # the end of a record's name, what the archive is, what to do
    ("constants.pkl", "is a TorchScript program, which can do anything on this computer; it was not opened", _STATE),
    ("archive_format", "is an exported PyTorch program (.pt2), which can run code; it was not opened", _STATE),
    ("serialized_exported_program.json", "is an exported PyTorch program (.pt2); it was not opened", _STATE),
    ("model.weights.h5", "is a Keras model (.keras)", _PYTORCH),
    ("saved_model.pb", "is a TensorFlow model", _PYTORCH),
    (".npy", "is a NumPy archive (.npz)", _PYTORCH),
    ("[Content_Types].xml", "is an office document", "Drop a .safetensors, .pt or .pth file with a model's weights"),
)


def zip_kind(path: Path) -> Literal["torch", "export"]:
    """Which archive it is; Refusal for every other, and for records that two readers could understand differently."""
    with path.open("rb") as file:
        _check_directory(file)
    try:
        with zipfile.ZipFile(path) as archive:
            records = archive.infolist()
            _check_names([record.filename for record in records])
            found = _kind([record.filename for record in records])
            _check_records(records, packed=found == "export")
            if found == "torch":
                _check_pickle(path, next(r for r in records if r.filename.endswith("/data.pkl")))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise _damaged() from error
    return found


def _check_directory(file: BinaryIO) -> None:
    """Refusal unless the file ends with a zip's end, and its list of contents is short enough to be read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 22 - 76))
    tail = file.read()
    end = tail[-22:]
    if not end.startswith(END) or len(end) < 22:
        raise Refusal("is cut off or damaged: the end of the archive is missing", AGAIN)
    count, length = struct.unpack("<10xHI6x", end)
    if count == 0xFFFF or length == 0xFFFFFFFF:
        large = tail.find(END64)
        if large < 0 or tail[-42:-38] != LOCATOR:
            raise _damaged()
        count, length = struct.unpack("<QQ", tail[large + 32 : large + 48])
    if count > RECORDS:
        raise Refusal(f"holds {count:,} records; the limit is {RECORDS:,}", WEIGHTS_ALONE)
    if length > DIRECTORY_BYTES:
        raise Refusal(f"has a list of contents of {length:,} bytes; the limit is {DIRECTORY_BYTES:,}", WEIGHTS_ALONE)


def _check_names(names: list[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        plain = unicodedata.normalize("NFC", name).casefold()
        if plain in seen:
            raise Refusal(
                f"holds two records called {safe_label(seen[plain])} and {safe_label(name)}, "
                "and two programs may read different ones",
                WEIGHTS_ALONE,
            )
        seen[plain] = name


def _kind(names: list[str]) -> Literal["torch", "export"]:
    for sign, words, advice in _SIGNS:
        if any(name.endswith(sign) for name in names):
            raise Refusal(words, advice)
    lasts = [name.rpartition("/")[2] for name in names]
    if CARD in lasts and WEIGHTS in lasts:
        return "export"
    if sum(name.endswith("/data.pkl") for name in names) == 1:
        return "torch"
    raise Refusal(
        f"is a zip archive of {len(names):,} files, not a model",
        "Unpack it and drop the .safetensors, .pt or .pth inside",
    )


def _check_records(records: list[zipfile.ZipInfo], packed: bool) -> None:
    """Refusal for records that are encrypted, overlap or, unless `packed`, are compressed."""
    reached = 0
    for record in sorted(records, key=lambda record: record.header_offset):
        if record.flag_bits & ENCRYPTED:
            raise Refusal("is encrypted", "Save it without a password and drop it again")
        if not packed and record.compress_type != zipfile.ZIP_STORED:
            raise Refusal(
                "holds compressed records, which PyTorch never writes and which may unfold to any size", WEIGHTS_ALONE
            )
        first = not reached
        if record.header_offset < reached or (first and record.header_offset):
            raise _damaged()
        reached = record.header_offset + 30 + len(record.orig_filename.encode()) + record.compress_size


def _check_pickle(path: Path, record: zipfile.ZipInfo) -> None:
    if record.file_size > PICKLE_BYTES:
        raise Refusal(f"describes its content in more than {PICKLE_BYTES // 2**20} MB, the limit", WEIGHTS_ALONE)
    check_called(called_for(io.BytesIO(b"".join(_content(path, record)))))


def check_sums(path: Path) -> bool:
    """Whether the archive carries checksums; Refusal when one of them says that a record was changed since."""
    with zipfile.ZipFile(path) as archive:
        records = archive.infolist()
    if not any(record.CRC for record in records):
        return False  # torch.serialization.set_crc32_options(False)
    for record in records:
        found = 0
        for piece in _content(path, record):
            found = zlib.crc32(piece, found)
        if found != record.CRC:
            raise Refusal(
                f"was changed since it was saved: the checksum of its record {safe_label(record.filename)} is wrong",
                AGAIN,
            )
    return True


def _content(path: Path, record: zipfile.ZipInfo) -> Iterator[bytes]:
    """A stored record's bytes in pieces; zipfile would insist on checksums, which PyTorch may leave out."""
    with path.open("rb") as file:
        file.seek(record.header_offset)
        head = file.read(30)
        if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
            raise _damaged()
        name, extra = struct.unpack("<HH", head[26:])
        if file.read(name) != record.orig_filename.encode():
            raise _damaged()
        file.seek(extra, 1)
        left = record.file_size
        while left:
            piece = file.read(min(left, 2**20))
            if not piece:
                raise _damaged()
            left -= len(piece)
            yield piece


def _damaged() -> Refusal:
    return Refusal("is damaged: its list of contents and its records do not agree", AGAIN)
