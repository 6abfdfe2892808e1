"""The library's entries: folders that appear whole, change one writer at a time, and can be taken back."""

from __future__ import annotations

import copy
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from xai_core.errors import LibraryError
from xai_core.library import manifests
from xai_core.library.filenames import Names, stem, titled
from xai_core.library.home import home, in_words
from xai_core.library.manifests import MANIFEST, DamageError
from xai_core.library.sweep import LOCK, REMOVED, STAGING, STAMP, about, set_aside, sweep
from xai_core.names import safe_label

Kind = Literal["datasets", "concepts", "models"]
NAMES: dict[Kind, str] = {"datasets": "data set", "concepts": "concept set", "models": "model"}
PATIENCE = 60.0  # seconds to wait for another writer; each holds the lock for a fraction of one
POLL = 0.01  # seconds

_swept: set[Path] = set()


@dataclass(frozen=True)
class Entry:
    """One folder of the library with what its manifest says."""

    kind: Kind
    key: str  # the folder's name
    title: str
    revision: int
    created: str  # UTC, ISO 8601
    manifest: Mapping[str, Any] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Listing:
    """The entries by title; sentences about what was set aside; folders without a manifest that a person put there."""

    entries: tuple[Entry, ...]
    messages: tuple[str, ...]
    dropped_in: tuple[str, ...]


def create(kind: Kind, title: str, fill: Callable[[Path], dict[str, Any]]) -> str:
    """The key of a new entry. `fill` writes its files into a folder and returns what the manifest shall say.

    Nobody sees the entry before it is complete, and nothing stays behind when `fill` raises, which comes through.
    """
    shown = titled(title)
    with in_words(f"The {NAMES[kind]} {shown} was not saved"), _staging(_room(kind)) as folder:
        content = fill(folder)
        manifests.settle_all(folder)
        manifests.write(folder, _first(content, shown))
        with _locked(kind) as room:
            # nor a removed entry's key: answers about that one may still be remembered under it
            removed = (path.name for path in (room / REMOVED).glob("*/*"))
            key = Names((*os.listdir(room), *removed)).free(stem(shown))
            folder.rename(room / key)
            manifests.settle(room)
    return key


def adopt(kind: Kind, key: str, content: dict[str, Any]) -> None:
    """Make an entry of a folder that a person put there, files and name as they are; one that is an entry stays so."""
    with in_words(f"The folder {safe_label(key)} was not made a {NAMES[kind]}"), _locked(kind):
        if not (folder_of(kind, key) / MANIFEST).exists():
            manifests.write(folder_of(kind, key), _first(content, titled(key)))


def _first(content: dict[str, Any], title: str) -> dict[str, Any]:
    return manifests.sealed(content, title, manifests.now().isoformat(timespec="seconds"), 1)


def manifest(kind: Kind, key: str) -> dict[str, Any]:
    """What the entry's manifest says, as the caller's own; LibraryError when there is none or it is damaged."""
    return copy.deepcopy(dict(entry(kind, key).manifest))


def entry(kind: Kind, key: str) -> Entry:
    """One entry; LibraryError when there is no such one or it is damaged."""
    name = NAMES[kind]
    try:
        return _entry(kind, key)
    except DamageError as damage:
        raise LibraryError(f"The {name} {safe_label(key)}: its manifest {damage}. Choose another one.") from damage
    except OSError as error:
        raise LibraryError(f"There is no {name} {safe_label(key)} in the library. Choose another one.") from error


def folder_of(kind: Kind, key: str) -> Path:
    """The entry's folder; LibraryError for a key that cannot be one."""
    if not key or key.startswith(".") or "/" in key or "\\" in key or "\0" in key or ":" in key:
        raise LibraryError(f"There is no {NAMES[kind]} {safe_label(key)} in the library. Choose another one.")
    return _room(kind) / key


def change(kind: Kind, key: str, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Replace the manifest by what `edit` makes of it, while nobody else writes; the new revision.

    Bookkeeping (schema, revision, created, checksum) stays ours; the title may be edited.
    """
    with in_words(f"The {NAMES[kind]} {safe_label(key)} was not changed"), _locked(kind):
        before = manifest(kind, key)
        after = edit(manifest(kind, key))
        title = titled(str(after.get("title", before["title"])))
        revision = int(before["revision"]) + 1
        manifests.write(folder_of(kind, key), manifests.sealed(after, title, before["created"], revision))
    return revision


def remove(kind: Kind, key: str) -> str:
    """Take an entry out of the library; the token brings it back for a week."""
    with in_words(f"The {NAMES[kind]} {safe_label(key)} was not removed"), _locked(kind) as room:
        entry(kind, key)
        token = f"{manifests.now():{STAMP}}-{secrets.token_hex(4)}"
        (room / REMOVED / token).mkdir(parents=True)
        (room / key).rename(room / REMOVED / token / key)
        manifests.settle(room)
    return token


def restore(kind: Kind, token: str) -> str:
    """Undo `remove`; the key, a new one where the old has been given to another entry since."""
    with in_words(f"The {NAMES[kind]} was not brought back"), _locked(kind) as room:
        bin_ = room / REMOVED / token
        inside = sorted(bin_.iterdir()) if token.isascii() and "/" not in token and bin_.is_dir() else []
        if not inside:
            raise LibraryError(
                f"This {NAMES[kind]} can no longer be brought back: removed entries are kept for a week."
            )
        key = Names(tuple(os.listdir(room))).free(inside[0].name)
        inside[0].rename(room / key)
        bin_.rmdir()
        manifests.settle(room)
    return key


def listing(kind: Kind) -> Listing:
    """Everything of a kind. What is damaged is set aside under another name and said; the rest is not touched."""
    room = _room(kind)
    entries, messages, dropped_in = [], [], []
    for name in _folders(room, kind):
        if message := about(room, name):
            messages.append(f"The {NAMES[kind]} {message}")
        elif not (room / name / MANIFEST).exists():
            dropped_in.append(name)
        else:
            found, message = _mended(kind, name)
            messages.extend([message] if message else [])
            entries.extend([found] if found else [])
    entries.sort(key=lambda entry: (entry.title.casefold(), entry.key))
    return Listing(tuple(entries), tuple(messages), tuple(dropped_in))


def _folders(room: Path, kind: Kind) -> list[str]:
    """What lies in the folder of a kind: entries, what was set aside, and what a person put there."""
    with in_words(f"The list of {NAMES[kind]}s cannot be read"):
        names = sorted(name for name in os.listdir(room) if not name.startswith("."))
    return [name for name in names if (room / name).is_dir() or about(room, name)]


def _mended(kind: Kind, key: str) -> tuple[Entry | None, str]:
    """The entry, if it is whole or can be made so, and the sentence about what had to be set aside."""
    room = _room(kind)
    try:
        return _entry(kind, key), ""
    except FileNotFoundError:
        return None, ""  # somebody has removed it in this moment
    except OSError as error:
        return None, f"The {NAMES[kind]} {safe_label(key)} cannot be read: {error.strerror}."
    except DamageError as damage:
        words = f"{safe_label(key)}: its manifest {damage}."
    try:
        with _locked(kind):
            aside = set_aside(room, key)
    except OSError as error:
        return None, f"The {NAMES[kind]} {words} It cannot be set aside: {error.strerror}."
    whole = (room / key / MANIFEST).exists()
    return _entry(kind, key) if whole else None, f"The {NAMES[kind]} {about(room, aside) or words}"


def _entry(kind: Kind, key: str) -> Entry:
    found = manifests.read(folder_of(kind, key) / MANIFEST)
    return Entry(kind, key, found["title"], found["revision"], found["created"], found)


def _room(kind: Kind) -> Path:
    """The folder of all entries of a kind; swept when this process comes to it for the first time."""
    room = home() / kind
    if room not in _swept:
        with in_words(f"The folder of {NAMES[kind]}s cannot be used"):
            room.mkdir(exist_ok=True)
        _swept.add(room)
        sweep(room)
    return room


@contextmanager
def _locked(kind: Kind) -> Iterator[Path]:
    """The folder of a kind while no other thread or process writes in it."""
    room = _room(kind)
    try:
        with FileLock(room / LOCK, timeout=PATIENCE, poll_interval=POLL):
            yield room
    except Timeout as error:
        raise LibraryError("Another program has kept the library busy for a minute. Try again.") from error


@contextmanager
def _staging(room: Path) -> Iterator[Path]:
    """A new hidden folder on the same disk, marked as alive for as long as it is being filled."""
    (room / STAGING).mkdir(exist_ok=True)
    folder = room / STAGING / secrets.token_hex(8)
    alive = folder.with_suffix(".lock")
    try:
        with FileLock(alive):
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)  # gone already when all went well
    finally:
        alive.unlink(missing_ok=True)
