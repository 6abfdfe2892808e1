"""An entry's `manifest.json`: written whole or not at all, and known by its checksum to be what was written."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

MANIFEST, BACKUP = "manifest.json", "manifest.json.bak"
SCHEMA = 1
WAITING = 8  # files that the disk is asked for at once; it writes them down together
REMEMBERED = 128  # manifests; a page asks for all of them whenever somebody clicks
TEMPORARY = f"{MANIFEST}.*.tmp"


class DamageError(Exception):
    """What is wrong with a manifest, as the rest of a sentence that begins with it."""

    def __init__(self, words: str, newer: bool = False) -> None:
        super().__init__(words)
        self.newer = newer  # not damage at all, but the work of a later version


def now() -> datetime:
    return datetime.now(UTC)


def read(path: Path) -> dict[str, Any]:
    """A manifest in checked form; DamageError when it is not what was once written, OSError when it cannot be had.

    The same object as long as the file is the same: whoever wants to change it takes a copy.
    """
    try:
        about = path.stat()
        return _parsed(path, (about.st_ino, about.st_mtime_ns, about.st_ctime_ns, about.st_size))
    except IsADirectoryError as error:
        raise DamageError("is a folder in the place of a file") from error
    except PermissionError as error:
        raise DamageError("may not be read by this program") from error


@lru_cache(maxsize=REMEMBERED)
def _parsed(path: Path, stamp: tuple[int, ...]) -> dict[str, Any]:
    """The content of a file; `stamp` is whatever changes with it."""
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DamageError("is cut off or damaged") from error
    if not isinstance(found, dict) or not isinstance(found.get("schema"), int):
        raise DamageError("is of a form that this program does not know")
    if found["schema"] > SCHEMA:
        newer = f"comes from a newer version of this program (form {found['schema']}; this one knows {SCHEMA})"
        raise DamageError(newer, newer=True)
    if found["schema"] < 1 or not _complete(found):
        raise DamageError("is of a form that this program does not know")
    if found["checksum"] != checksum(found):
        raise DamageError("has been changed outside this program: its checksum is wrong")
    return found


def _complete(found: dict[str, Any]) -> bool:
    texts = all(isinstance(found.get(key), str) for key in ("title", "created", "checksum"))
    return texts and isinstance(found.get("revision"), int)


def checksum(manifest: dict[str, Any]) -> str:
    """SHA-256 of everything but the checksum itself, independent of spacing and order."""
    content = {key: value for key, value in manifest.items() if key != "checksum"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(content: dict[str, Any], title: str, created: str, revision: int) -> dict[str, Any]:
    """The content with its bookkeeping."""
    book = {"schema": SCHEMA, "revision": revision, "title": title, "created": created}
    own = {key: value for key, value in content.items() if key not in (*book, "checksum")}
    manifest = json.loads(json.dumps({**book, **own}))  # tuples and numbers as keys become what they will be read as
    return {**manifest, "checksum": checksum(manifest)}


def write(folder: Path, manifest: dict[str, Any]) -> None:
    """Put the manifest into the folder; the one that was there stays as a backup. At any moment one is whole."""
    path = folder / MANIFEST
    if path.exists():
        replace(folder / BACKUP, path.read_bytes())
    replace(path, json.dumps(manifest, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"))


def replace(path: Path, data: bytes) -> None:
    """Write a file so that it is the old one or the new one, never half of it, whenever the process ends."""
    temporary = path.with_name(f"{MANIFEST}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    settle(path.parent)


def settle(folder: Path) -> None:
    """Have the disk remember the names in a folder; Windows does so by itself and cannot be asked."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle_all(folder: Path) -> None:
    """Have the disk remember all files inside, hidden ones left out: those can be made again."""
    files: list[Path] = []
    folders: list[Path] = []
    for place, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not name.startswith(".")]
        folders.append(Path(place))
        files.extend(Path(place, name) for name in names)
    with ThreadPoolExecutor(WAITING) as pool:
        list(pool.map(_flush, files))
    for each in folders:
        settle(each)


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
