"""Picture files made in memory for the tests of intake: honest, odd and hostile."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from xai_core.errors import UnreadablePicture
from xai_core.intake import read_picture


def photo(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """A smooth picture (H, W, 3) without symmetry."""
    down, across = np.mgrid[0:height, 0:width]
    planes = (255 * across / width, 255 * down / height, 127 + 100 * np.sin(across / 9 + down / 17))
    return np.stack(planes, axis=-1).astype(np.uint8)


def saved(image: Image.Image | NDArray[Any], form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, form, **options)
    return buffer.getvalue()


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.png", content)
    return buffer.getvalue()


def refusal(data: bytes, name: str = "photo.png") -> str:
    """What a person is told: the file's name, a cause and a next step, and nothing of our insides."""
    with pytest.raises(UnreadablePicture) as caught:
        read_picture(data, name)
    message = str(caught.value)
    assert message.startswith(name), "names the file"
    assert message.count(". ") >= 1, "a cause and a next step"
    assert message.endswith(".")
    assert not any(word in message for word in ("Traceback", "PIL", "BytesIO", "Error", "/"))
    return message


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *extra: bytes, bits: int = 8, colour: int = 0, rows: bytes | None = None) -> bytes:
    """A PNG of zeros (or of `rows`, each with its filter byte), with further chunks before its pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    body = bytes((1 + (width * channels * bits + 7) // 8) * height) if rows is None else rows
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    ends = chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + ends


def promised_png(width: int, height: int) -> bytes:
    """A PNG whose header promises this size and whose pixels are a few zeros."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


def ycck_jpeg(rgb: NDArray[np.uint8]) -> bytes:
    """The picture as Photoshop writes print JPEGs: inverted CMYK, stored as luminance and colour differences.

    A reader turns those into R, G, B, takes C = 255 - R and so on, and inverts what it has (Adobe TN 5116).
    """
    ycc = np.asarray(Image.fromarray(255 - rgb).convert("YCbCr"))
    stored = np.dstack([ycc, np.full(ycc.shape[:2], 255, np.uint8)])  # black ink 0, inverted
    plain = saved(Image.fromarray(255 - stored, "CMYK"), "JPEG", quality=98, subsampling=0)
    mark = plain.index(b"Adobe") + 11  # transform 2 says YCCK
    return plain[:mark] + b"\2" + plain[mark + 1 :]


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _profile(kind: bytes, space: bytes, between: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC version 2 profile (ICC.1:2001-04, sections 6.1 and 6.2)."""
    table, bodies, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        body += bytes(-len(body) % 4)
        table += name + struct.pack(">II", at + len(bodies), len(body))
        bodies += body
    size = at + len(bodies)
    header = struct.pack(">I4sI4s4s4s12s4s", size, b"\0" * 4, 0x02400000, kind, space, between, bytes(12), b"acsp")
    header += bytes(28) + _fixed(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + bodies


def _description(words: bytes) -> bytes:
    return b"desc" + bytes(4) + struct.pack(">I", len(words) + 1) + words + bytes(1 + 8 + 3 + 67)


P3_TO_XYZ = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
SRGB_TO_XYZ = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])


def rgb_profile(matrix: NDArray[np.float64], gamma: float, words: bytes) -> bytes:
    """A screen whose linear colours reach XYZ (D50) through `matrix` (3, 3), columns red, green, blue."""
    tags = {b"desc": _description(words), b"wtpt": b"XYZ " + bytes(4) + _fixed(0.9642, 1.0, 0.8249)}
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    for letter, column in zip(b"rgb", matrix.T, strict=True):
        tags[bytes([letter]) + b"XYZ"] = b"XYZ " + bytes(4) + _fixed(*column)
        tags[bytes([letter]) + b"TRC"] = curve
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_ink_profile() -> bytes:
    """A press whose three coloured inks are all grey: L* = 100 (1 - k) (1 - (c + m + y) / 3)."""
    corners = bytearray()
    for corner in range(16):
        c, m, y, k = (corner >> shift & 1 for shift in (3, 2, 1, 0))
        corners += bytes([round(255 * (1 - k) * (1 - (c + m + y) / 3)), 128, 128])
    ramp = bytes(range(256))
    table = (
        b"mft1"
        + bytes(4)
        + bytes([4, 3, 2, 0])
        + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
        + ramp * 4
        + bytes(corners)
        + ramp * 3
    )
    tags = {
        b"desc": _description(b"grey inks"),
        b"wtpt": b"XYZ " + bytes(4) + _fixed(0.9642, 1.0, 0.8249),
        b"A2B0": table,
    }
    return _profile(b"prtr", b"CMYK", b"Lab ", tags)
