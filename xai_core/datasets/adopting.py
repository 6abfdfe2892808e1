"""Folders of pictures that a person put into the library by hand become data sets where they lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from xai_core.datasets.archive import is_junk
from xai_core.datasets.dataset import Shelf
from xai_core.datasets.importing import ImportedDataset, Report
from xai_core.datasets.layout import natural
from xai_core.datasets.sources import Found, Source, file_bytes, parts
from xai_core.errors import LibraryError
from xai_core.library import entries
from xai_core.library.home import in_words
from xai_core.limits import UPLOAD_FILES
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub


@dataclass(frozen=True)
class AdoptFolder:
    """The request: make a data set of a folder that `entries.listing` found to be `dropped_in`."""

    on_device: ClassVar[bool] = False

    key: str
    shelf: Shelf = "datasets"

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> ImportedDataset:
        """LibraryError when no picture in it can be used, or the disk refuses; the person's files are never touched."""
        progress(0.0, "looking at the folder")
        folder, report = entries.folder_of(self.shelf, self.key), Report()
        with in_words(f"The folder {parts(self.key)[-1]} was not made a data set"):
            content = report.collect(_found(folder), folder, progress)
        entries.adopt(self.shelf, self.key, content)
        return report.result(self.shelf, self.key)


def _found(folder: Path) -> Found:
    found = Found()
    for file in _files(folder):
        if is_junk(file):
            found.ignored += 1
        elif "\\" in file or not _printable(file):
            found.refused.append(("/".join(parts(file)), "has a name that not every system can write. Rename it."))
        else:
            found.sources.append(Source(parts(file), partial(file_bytes, folder / file), file))
        if len(found.sources) > UPLOAD_FILES:
            raise LibraryError(f"The folder {folder.name} has more than {UPLOAD_FILES:,} files. Divide it.")
    found.sources.sort(key=lambda source: [natural(part) for part in source.path])
    return found


def _files(folder: Path) -> Iterator[str]:
    """Paths of all files inside with "/", links to other places left alone."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def _printable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
