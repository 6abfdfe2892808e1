"""The library's entries: folders that appear whole, change one writer at a time, and can be taken back."""

from __future__ import annotations

import copy
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from xai_core.errors import LibraryError
from xai_core.library import manifests
from xai_core.library.filenames import Names, stem, titled
from xai_core.library.home import in_words
from xai_core.library.manifests import MANIFEST, DamageError
from xai_core.library.remembered import remembered
from xai_core.library.rooms import NAMES, Kind, locked, room, staging
from xai_core.library.sweep import REMOVED, STAMP, about, set_aside
from xai_core.names import safe_label

R = TypeVar("R")


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


@dataclass(frozen=True)
class New:
    """An entry in the making: its files lie in the folder of that name, `content` is what its manifest shall say."""

    folder: str
    title: str
    content: dict[str, Any]


def create(kind: Kind, title: str, fill: Callable[[Path], dict[str, Any]]) -> str:
    """The key of a new entry. `fill` writes its files into a folder and returns what the manifest shall say.

    Nobody sees the entry before it is complete, and nothing stays behind when `fill` raises, which comes through.
    """

    def only(folder: Path) -> tuple[New]:
        (folder / "new").mkdir()
        return (New("new", title, fill(folder / "new")),)

    return create_together(kind, f"The {NAMES[kind]} {titled(title)} was not saved", only)[0]


def create_together(kind: Kind, failure: str, fill: Callable[[Path], Sequence[New]]) -> tuple[str, ...]:
    """The keys of new entries, all of them or none, as `create` otherwise. `failure` begins what a full disk says."""
    with in_words(failure), staging(room(kind)) as folder:
        made = fill(folder)
        manifests.settle_all(folder)
        for new in made:
            manifests.write(folder / new.folder, _first(new.content, titled(new.title)))
        with locked(kind) as place:
            # nor a removed entry's key: answers about that one may still be remembered under it
            removed = (path.name for path in (place / REMOVED).glob("*/*"))
            names = Names((*os.listdir(place), *removed))
            keys = tuple(names.free(stem(titled(new.title))) for new in made)
            _move([(folder / new.folder, place / key) for new, key in zip(made, keys, strict=True)])
            manifests.settle(place)
    return keys


def _move(pairs: Sequence[tuple[Path, Path]]) -> None:
    """Rename all of them or none."""
    for done, (source, target) in enumerate(pairs):
        try:
            source.rename(target)
        except OSError:
            for source_, target_ in pairs[:done]:
                target_.rename(source_)
            raise


def adopt(kind: Kind, key: str, content: dict[str, Any]) -> None:
    """Make an entry of a folder that a person put there, files and name as they are; one that is an entry stays so."""
    with in_words(f"The folder {safe_label(key)} was not made a {NAMES[kind]}"), locked(kind):
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
    return room(kind) / key


def change(kind: Kind, key: str, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Replace the manifest by what `edit` makes of it, while nobody else writes; the new revision.

    Bookkeeping (schema, revision, created, checksum) stays ours; the title may be edited.
    """
    with in_words(f"The {NAMES[kind]} {safe_label(key)} was not changed"), locked(kind):
        before = manifest(kind, key)
        after = edit(manifest(kind, key))
        title = titled(str(after.get("title", before["title"])))
        revision = int(before["revision"]) + 1
        manifests.write(folder_of(kind, key), manifests.sealed(after, title, before["created"], revision))
    return revision


def enlarge(
    kind: Kind, key: str, fill: Callable[[Path], R], edit: Callable[[dict[str, Any], R], dict[str, Any]]
) -> int:
    """`change` with new files: `fill` writes them into a folder while others may still write the manifest.

    The names must not be those of other files: they join the entry's, and are there before `edit` names them. What
    it does not name harms nobody.
    """
    with in_words(f"The {NAMES[kind]} {safe_label(key)} was not changed"), staging(room(kind)) as folder:
        filled = fill(folder)
        manifests.settle_all(folder)

        def joined(before: dict[str, Any]) -> dict[str, Any]:
            for file in [path for path in folder.rglob("*") if path.is_file()]:
                place = folder_of(kind, key) / file.relative_to(folder)
                place.parent.mkdir(parents=True, exist_ok=True)
                file.replace(place)
            manifests.settle(folder_of(kind, key))
            return edit(before, filled)

        return change(kind, key, joined)


def remove(kind: Kind, key: str) -> str:
    """Take an entry out of the library; the token brings it back for a week."""
    with in_words(f"The {NAMES[kind]} {safe_label(key)} was not removed"), locked(kind) as place:
        entry(kind, key)
        token = f"{manifests.now():{STAMP}}-{secrets.token_hex(4)}"
        (place / REMOVED / token).mkdir(parents=True)
        (place / key).rename(place / REMOVED / token / key)
        manifests.settle(place)
    return token


def restore(kind: Kind, token: str) -> str:
    """Undo `remove`; the key, a new one where the old has been given to another entry since."""
    with in_words(f"The {NAMES[kind]} was not brought back"), locked(kind) as place:
        bin_ = place / REMOVED / token
        inside = sorted(bin_.iterdir()) if token.isascii() and "/" not in token and bin_.is_dir() else []
        if not inside:
            raise LibraryError(
                f"This {NAMES[kind]} can no longer be brought back: removed entries are kept for a week."
            )
        key = Names(tuple(os.listdir(place))).free(inside[0].name)
        inside[0].rename(place / key)
        bin_.rmdir()
        manifests.settle(place)
    return key


def listing(kind: Kind) -> Listing:
    """Everything of a kind; nothing where no library can be made. What is damaged is set aside and said, no more."""
    try:
        place = room(kind)
    except LibraryError as error:
        return Listing((), (str(error),), ())
    return remembered(place, lambda: _listed(place, kind))


def _listed(place: Path, kind: Kind) -> Listing:
    entries, messages, dropped_in = [], [], []
    for name in _folders(place, kind):
        if message := about(place, name):
            messages.append(f"The {NAMES[kind]} {message}")
        elif not (place / name / MANIFEST).exists():
            dropped_in.append(name)
        else:
            found, message = _mended(kind, name)
            messages.extend([message] if message else [])
            entries.extend([found] if found else [])
    entries.sort(key=lambda entry: (entry.title.casefold(), entry.key))
    return Listing(tuple(entries), tuple(messages), tuple(dropped_in))


def _folders(place: Path, kind: Kind) -> list[str]:
    """What lies in the folder of a kind: entries, what was set aside, and what a person put there."""
    with in_words(f"The list of {NAMES[kind]}s cannot be read"):
        names = sorted(name for name in os.listdir(place) if not name.startswith("."))
    return [name for name in names if (place / name).is_dir() or about(place, name)]


def _mended(kind: Kind, key: str) -> tuple[Entry | None, str]:
    """The entry, if it is whole or can be made so, and the sentence about what had to be set aside."""
    place = room(kind)
    try:
        return _entry(kind, key), ""
    except FileNotFoundError:
        return None, ""  # somebody has removed it in this moment
    except OSError as error:
        return None, f"The {NAMES[kind]} {safe_label(key)} cannot be read: {error.strerror}."
    except DamageError as damage:
        words = f"{safe_label(key)}: its manifest {damage}."
    try:
        with locked(kind):
            aside = set_aside(place, key)
    except OSError as error:
        return None, f"The {NAMES[kind]} {words} It cannot be set aside: {error.strerror}."
    whole = (place / key / MANIFEST).exists()
    return _entry(kind, key) if whole else None, f"The {NAMES[kind]} {about(place, aside) or words}"


def _entry(kind: Kind, key: str) -> Entry:
    found = manifests.read(folder_of(kind, key) / MANIFEST)
    return Entry(kind, key, found["title"], found["revision"], found["created"], found)
