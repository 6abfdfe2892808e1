"""The single files of an upload, wherever they lie: loose or inside archives, each with its folders."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from xai_core.datasets import archive
from xai_core.datasets.archive import UnusableArchive, is_junk
from xai_core.datasets.layout import natural
from xai_core.limits import ARCHIVES_AT_ONCE, PICTURE_BYTES, UPLOAD_FILES
from xai_core.names import safe_label

HEAD = 4096  # bytes that tell what a file is


@dataclass(frozen=True)
class Source:
    """One file: its folders and name, fit to be shown, and how to get its bytes."""

    path: tuple[str, ...]
    read: Callable[[], bytes] = field(compare=False)
    file: str = ""  # where it lies inside a folder that is taken over as it is

    @property
    def name(self) -> str:
        return "/".join(self.path)


@dataclass
class Found:
    """What an upload consists of."""

    sources: list[Source] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    ignored: int = 0


def sources(files: Iterable[tuple[str, Path]], open_archives: ExitStack) -> Found:
    """All files in the order of their names, archives opened for as long as `open_archives` is.

    Where several things come at once, each archive is a folder of its own name.
    """
    found, uploads = Found(), list(files)
    archives = 0
    for name, path in uploads:
        with path.open("rb") as file:
            head = file.read(HEAD)
        if not archive.is_archive(head):
            _add_file(found, name, path)
        elif (archives := archives + 1) > ARCHIVES_AT_ONCE:
            found.refused.append((_shown(name), f"is one archive too many; the limit is {ARCHIVES_AT_ONCE} at once."))
        else:
            _add_archive(found, name, path, open_archives, alone=len(uploads) == 1)
    found.sources.sort(key=lambda source: [natural(part) for part in source.path])
    return found


def _add_file(found: Found, name: str, path: Path) -> None:
    if is_junk(name):
        found.ignored += 1
    else:
        found.sources.append(Source(parts(name), partial(file_bytes, path)))


def _add_archive(found: Found, name: str, path: Path, open_archives: ExitStack, alone: bool) -> None:
    label = safe_label(name)
    folder = () if alone else (safe_label(label.rpartition(".")[0] or label),)
    try:
        opened = open_archives.enter_context(archive.opened(path, label))
        plan = archive.plan(opened, label)
        if len(found.sources) + len(plan.members) > UPLOAD_FILES:
            raise UnusableArchive(f"{label} makes it more than {UPLOAD_FILES:,} files. Bring them in several parts.")
    except UnusableArchive as error:
        found.refused.append((label, str(error).removeprefix(f"{label} ")))
        return
    found.refused += [("/".join((*folder, *parts(member))), reason) for member, reason in plan.refused]
    found.ignored += plan.ignored
    for info in plan.members:
        found.sources.append(Source((*folder, *parts(info.filename)), partial(_unpacked, opened, info)))


def parts(name: str) -> tuple[str, ...]:
    """Folders and name of a path that a stranger chose, each fit to be shown; none leads anywhere."""
    kept = [safe_label(part) for part in name.split("/") if part not in ("", ".", "..")]
    return tuple(kept) or ("unnamed",)


def _shown(name: str) -> str:
    return "/".join(parts(name))


def file_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(PICTURE_BYTES + 1)


def _unpacked(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    return archive.unpacked(opened, info)
