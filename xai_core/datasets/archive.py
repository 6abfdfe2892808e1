"""What a zip archive would unfold to, told from its table of contents before anything is unpacked."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from xai_core.errors import XaiError
from xai_core.intake_kind import kind_of
from xai_core.limits import ARCHIVE_BYTES, ARCHIVE_FILES, ARCHIVE_RATIO, PICTURE_BYTES

LISTING_BYTES = 16 * 2**20  # of the table of contents: 800 for each allowed file
END_BYTES = 2**17  # that hold the end record, behind which a comment of 64 kB may follow
SMALL = 2**20  # bytes below which no ratio is suspicious: drawings pack very well

_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
_JUNK = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin"}
_OUTSIDE = re.compile(r"^/|^[A-Za-z]:|\\|\0|(^|/)\.\.(/|$)")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)


class UnusableArchive(XaiError):
    """Why an archive is refused as a whole; begins with its name."""


@dataclass(frozen=True)
class Plan:
    """The members worth reading; the others with their reasons; how many files were ignored as some system's own."""

    members: tuple[zipfile.ZipInfo, ...]
    refused: tuple[tuple[str, str], ...]
    ignored: int


def is_archive(head: bytes) -> bool:
    """Whether a file is to be opened as a zip archive, from its first bytes."""
    return head.startswith((b"PK\3\4", b"PK\5\6")) and "model" not in kind_of(head, "").cause


def opened(path: Path, label: str) -> zipfile.ZipFile:
    """The archive; UnusableArchive when it is damaged or its table of contents is beyond any use."""
    try:
        count, size = _end_record(path)
        if count <= ARCHIVE_FILES and size <= LISTING_BYTES:
            archive = zipfile.ZipFile(path)
            if (count := len(archive.infolist())) <= ARCHIVE_FILES:
                return archive
            archive.close()
    except _DAMAGE as error:
        raise UnusableArchive(f"{label} is a damaged or unfinished zip archive. Make or upload it again.") from error
    limit = f"the limit is {ARCHIVE_FILES:,}. Bring it in several parts"
    raise UnusableArchive(f"{label} has {count:,} entries in a list of {size / 2**20:.1f} MB; {limit}.")


def _end_record(path: Path) -> tuple[int, int]:
    """How many entries the archive says it has, and the bytes of their list, which zipfile would read in one go."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - END_BYTES))
        tail = file.read()
    at = len(tail) - 22 if tail[-22:].startswith(b"PK\5\6") else tail.rfind(b"PK\5\6")
    if at < 0:
        raise zipfile.BadZipFile("no end record")
    count, size = struct.unpack_from("<HI", tail, at + 10)
    large = tail.rfind(b"PK\6\6", 0, at)
    if large >= 0 and (count == 0xFFFF or size == 0xFFFFFFFF):
        count, size = struct.unpack_from("<QQ", tail, large + 32)
    return count, size


def plan(archive: zipfile.ZipFile, label: str) -> Plan:
    """What to read of an archive; UnusableArchive when as a whole it is a trap."""
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]  # is_dir fails without a name
    wanted = [info for info in infos if not is_junk(info.filename)]
    _check_whole(archive, infos, label)
    reasons = [(info, _trouble(info)) for info in wanted]
    return Plan(
        members=tuple(info for info, reason in reasons if not reason),
        refused=tuple((info.orig_filename, reason) for info, reason in reasons if reason),
        ignored=len(infos) - len(wanted),
    )


def is_junk(name: str) -> bool:
    """Whether a file is some system's own, not the person's: __MACOSX/, ._x, .DS_Store, Thumbs.db and their like."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return any(part.startswith(".") or part.casefold() in _JUNK for part in parts)


def _check_whole(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], label: str) -> None:
    total = sum(info.file_size for info in infos)
    if total > ARCHIVE_BYTES:
        sizes = f"{total / 2**30:,.1f} GB; the limit is {ARCHIVE_BYTES / 2**30:g}"
        raise UnusableArchive(f"{label} unfolds to {sizes}. Bring it in several parts.")
    free = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < free:
            raise UnusableArchive(f"{label} has overlapping entries, as only a trap has. Make the archive again.")
        free = info.header_offset + 30 + info.compress_size  # its local header has at least 30 bytes
    if free > archive.start_dir:
        raise UnusableArchive(f"{label} has overlapping entries, as only a trap has. Make the archive again.")


def _trouble(info: zipfile.ZipInfo) -> str:
    """Why a member is not read, "" when it is."""
    mode = info.external_attr >> 16
    if _OUTSIDE.search(info.orig_filename):
        return "has a path that leads out of the archive. Pack its folder again with another program."
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "is a link or a device, not a file. Pack the picture itself."
    if info.flag_bits & 1:
        return "is encrypted. Pack it without a password."
    if info.filename.casefold().endswith(_ARCHIVES):
        return "is an archive inside the archive. Unpack it and bring its pictures."
    if info.compress_type not in _PACKINGS:
        return "is packed in a way that we cannot read. Pack it again as an ordinary zip."
    if info.file_size > PICTURE_BYTES:
        return f"is larger ({info.file_size / 2**20:,.1f} MB) than the limit of {PICTURE_BYTES // 2**20} MB."
    if info.file_size > max(SMALL, ARCHIVE_RATIO * info.compress_size):
        return f"unfolds to more than {ARCHIVE_RATIO} times its packed size, as only a trap does."
    return ""


def unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The member's bytes, never more than it declares; UnusableArchive, the rest of a sentence, when damaged."""
    try:
        with archive.open(info) as file:
            data = file.read(info.file_size + 1)
        if len(data) != info.file_size:
            raise zipfile.BadZipFile("shorter than declared")
        return data
    except _DAMAGE as error:
        raise UnusableArchive("is damaged inside the archive. Pack it again.") from error
