"""What a picture file says about itself before anything is decoded: size, frames, and whether it is whole."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, replace

from xai_core.intake_kind import AGAIN, AS_PICTURE, Refusal

# Costs of the cheapest hostile files, measured: a Python step per part, 32 ms per JPEG scan at 40 megapixels.
PARTS = 50_000  # segments, chunks or blocks
SCANS = 100  # real progressive JPEGs have about ten
GIF_BLOCKS = 300_000  # of at most 255 bytes; a file of the largest size has 103,000 full ones
FRAMES = 1_000  # counted no further
HIDDEN_TEXT = 2**20  # bytes that compressed PNG text may unfold to
PROFILE = 2**20  # bytes of a PNG colour profile
RUN_LENGTH = 2 * 2**20  # bytes; Pillow unfolds run-length BMP in Python, 1 s for these


@dataclass(frozen=True)
class Outline:
    """The header's own claims; the decoder's are checked again."""

    data: bytes  # the file, without what must not reach the decoder
    width: int = 0
    height: int = 0
    frames: int = 1
    more_frames: bool = False  # the count stopped at `FRAMES`
    bits: int = 8  # of one channel
    notes: tuple[str, ...] = ()


def outline(data: bytes, name: str) -> Outline:
    """The outline of a file of this `PICTURE_FORMATS` name; Refusal when it is damaged, cut off or a trap."""
    readers = {"PNG": _png, "JPEG": _jpeg, "GIF": _gif, "WEBP": _webp, "BMP": _bmp, "TIFF": _tiff}
    try:
        return readers[name](data)
    except (struct.error, IndexError) as error:  # the file ends inside its own header
        raise cut_off(data) from error


def cut_off(data: bytes) -> Refusal:
    return Refusal(f"is cut off: the picture does not end within its {len(data):,} bytes", AGAIN)


def _too_many(what: str) -> Refusal:
    return Refusal(f"has more than {PARTS:,} {what}; a real picture has far fewer", AS_PICTURE)


def _png(data: bytes) -> Outline:
    found, position, text, pixels, kept = Outline(data), 8, 0, False, [memoryview(data)[:8]]
    for _ in range(PARTS):
        if position == len(data) and pixels:  # without its end mark every pixel can still be there
            return replace(found, data=b"".join(kept))
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            raise cut_off(data)
        body = data[position + 8 : end - 4]
        if zlib.crc32(body, zlib.crc32(kind)) != struct.unpack_from(">I", data, end - 4)[0]:
            raise Refusal("is damaged: the checksum of one of its parts is wrong", AGAIN)
        if kind == b"IHDR":
            width, height, bits = struct.unpack_from(">IIB", body)
            found = replace(found, width=width, height=height, bits=bits)
        text += _unfolded(kind, body)
        if text > HIDDEN_TEXT:
            raise Refusal(f"hides more than {HIDDEN_TEXT // 2**20} MB of compressed text", AS_PICTURE)
        if kind == b"iCCP" and not _usable_profile(body):
            found = replace(found, notes=("Its colour profile is damaged or too large and was ignored.",))
        else:
            kept.append(memoryview(data)[position:end])
        if kind == b"IEND":
            return replace(found, data=b"".join(kept))
        pixels, position = pixels or kind == b"IDAT", end
    raise _too_many("parts")


def _unfolded(kind: bytes, body: bytes) -> int:
    """Bytes of a compressed PNG text, counted without keeping more than the limit."""
    packed = b""
    if kind == b"zTXt":
        packed = body.partition(b"\0")[2][1:]
    elif kind == b"iTXt" and body.partition(b"\0")[2][:1] == b"\1":
        packed = body.partition(b"\0")[2][2:].split(b"\0", 2)[-1]
    try:
        return len(zlib.decompressobj().decompress(packed, HIDDEN_TEXT + 1))
    except zlib.error:
        return 0  # unreadable text is nobody's loss


def _usable_profile(body: bytes) -> bool:
    _, _, rest = body.partition(b"\0")
    try:
        unfolded = zlib.decompressobj().decompress(rest[1:], PROFILE)
    except zlib.error:
        return False
    return rest[:1] == b"\0" and 128 < len(unfolded) < PROFILE


_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)  # in pixel data a true 0xff is followed by 0 or a restart


def _jpeg(data: bytes) -> Outline:
    found, position, scans, first_scan = Outline(data), 2, 0, len(data)
    for _ in range(PARTS):
        match = _MARKER.search(data, position)
        if match is None:  # a damaged scan can swallow the marker; the end must still be there
            if data.find(b"\xff\xd9", first_scan) < 0:
                raise cut_off(data)
            return found
        marker, position = data[match.end() - 1], match.end()
        if marker == 0xD9:
            return found
        if marker in (0x01, 0xD8):
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and not found.width:
            bits, height, width = struct.unpack_from(">BHH", data, position + 2)
            found = replace(found, width=width, height=height, bits=bits)
        if marker == 0xDA:
            scans, first_scan = scans + 1, min(first_scan, position)
        if scans > SCANS:
            raise Refusal(f"draws itself in more than {SCANS} passes (scans); a photograph needs about 10", AS_PICTURE)
        position += struct.unpack_from(">H", data, position)[0] if position + 2 <= len(data) else 2
    raise _too_many("parts")


def _gif(data: bytes) -> Outline:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    found, position, frames, blocks = Outline(data, width, height), 13 + _table(flags), 0, 0
    while blocks <= GIF_BLOCKS:
        introducer = data[position : position + 1]
        if frames < 2 and position > len(data):
            raise cut_off(data)
        if introducer not in (b"\x2c", b"\x21"):  # the end mark, or damage in frames that nobody will look at
            return replace(found, frames=max(frames, 1))
        if introducer == b"\x2c":
            frames, position = frames + 1, position + 11 + _table(data[position + 9])
        else:
            position += 2
        if frames > FRAMES:
            return replace(found, frames=FRAMES, more_frames=True)
        while blocks <= GIF_BLOCKS and position < len(data) and data[position]:
            position, blocks = position + data[position] + 1, blocks + 1
        position, blocks = position + 1, blocks + 1
        if frames == 0 and blocks > PARTS:
            raise _too_many("comments and other parts before its first frame")
    return replace(found, frames=frames, more_frames=True)


def _table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> Outline:
    kind, found = data[12:16], Outline(data)
    if struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise cut_off(data)
    if kind == b"VP8X":
        wide, high = (int.from_bytes(data[start : start + 3], "little") + 1 for start in (24, 27))
        return replace(found, width=wide, height=high)
    if kind == b"VP8L":
        (both,) = struct.unpack_from("<I", data, 21)
        return replace(found, width=(both & 0x3FFF) + 1, height=(both >> 14 & 0x3FFF) + 1)
    wide, high = struct.unpack_from("<HH", data, 26)
    return replace(found, width=wide & 0x3FFF, height=high & 0x3FFF)


def _bmp(data: bytes) -> Outline:
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:
        return Outline(data, *struct.unpack_from("<HH", data, 18))
    width, height, _, _, packing = struct.unpack_from("<iiHHI", data, 18)
    if packing in (1, 2) and len(data) > RUN_LENGTH:
        raise Refusal(f"is a run-length packed BMP of more than {RUN_LENGTH // 2**20} MB", AS_PICTURE)
    return Outline(data, abs(width), abs(height))


def _tiff(data: bytes) -> Outline:
    order, big = "<" if data[:2] == b"II" else ">", 43 in data[2:4]
    word, count, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    step, found, seen = struct.calcsize(order + count), Outline(data), set[int]()
    (position,) = struct.unpack_from(order + word, data, 8 if big else 4)
    while position and position not in seen and len(seen) < FRAMES:
        if seen and position + step > len(data):
            break  # a later page is missing; only the first is looked at
        (entries,) = struct.unpack_from(order + count, data, position)
        start = position + step
        if not seen:
            found = _first_page(found, order, big, range(start, min(start + entries * entry, len(data)), entry))
        seen.add(position)
        after = start + entries * entry
        position = struct.unpack_from(order + word, data, after)[0] if after + struct.calcsize(word) <= len(data) else 0
    return replace(found, frames=len(seen), more_frames=position not in {0, *seen})


def _first_page(found: Outline, order: str, big: bool, entries: range) -> Outline:
    """Width, height and bits of one channel, from a TIFF's first directory."""
    for at in entries:
        tag, kind = struct.unpack_from(order + "HH", found.data, at)
        (values,) = struct.unpack_from(order + ("Q" if big else "I"), found.data, at + 4)
        at += 12 if big else 8
        if tag == 258 and values * 2 > (8 if big else 4):  # one number per channel, stored elsewhere
            (at,) = struct.unpack_from(order + ("Q" if big else "I"), found.data, at)
        if tag in (256, 257, 258):
            (value,) = struct.unpack_from(order + ("H" if kind == 3 else "I"), found.data, at)
            found = replace(found, **{{256: "width", 257: "height", 258: "bits"}[tag]: value})
    return found
