"""A map as a table, and pictures of it as a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

from xai_core import spreadsheet
from xai_core.datasets import columns
from xai_core.library.filenames import Names, stem
from xai_core.library.home import in_words
from xai_core.names import different
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.embedding.picture_map import PictureMap

COLUMNS = ("picture", "data set", "x", "y", "class", "model says", "probability", "right", "same as row")
WRITTEN = (1980, 1, 1, 0, 0, 0)  # the same pictures are the same bytes, whenever they are packed


def as_csv(shown: PictureMap, rows: Sequence[int] | None = None, files: Sequence[str] = ()) -> bytes:
    """One line a picture, of all or of those rows in their order, as `spreadsheet.as_csv`.

    `files` that lie beside the table are named in its first column, one for each row, so that it can be brought in
    with them.

    "right" is empty where the true class is not one of the model's; "same as row" counts from 1 and is empty for all
    but pictures that look exactly like an earlier one to the model. Then come the data sets' own columns. Errors as
    `PictureMap.opened`.
    """
    opened, lines = shown.opened(), list[Sequence[object]]()
    known, usual = columns.names(opened), (*(("file",) if files else ()), *COLUMNS)
    lines.append(different((*usual, *known)))
    for number, row in enumerate(range(len(shown)) if rows is None else rows):
        source, twin = int(shown.sources[row]), int(shown.twins[row])
        right = ("yes" if shown.right[row] else "no") if shown.known[row] else ""
        item = opened[source].items[shown.items[row]]
        words = (item.name, shown.datasets[source])
        classes = (shown.own_label(row), shown.labels[shown.predicted[row]])
        x, y = (f"{value:.6g}" for value in shown.points[row])
        sure, same = f"{shown.confidence[row]:.6f}", "" if twin == row else twin + 1
        own = columns.row(opened[source], item, known)
        lines.append([*files[number : number + 1], *words, x, y, *classes, sure, right, same, *own])
    return spreadsheet.as_csv(lines, quoted=bool(files))


def write_zip(shown: PictureMap, rows: Sequence[int], file: IO[bytes], progress: Progress = silent) -> None:
    """The pictures of those rows, byte for byte, in a folder for each class, and the table with them as `map.csv`.

    LibraryError for a picture that is gone; otherwise as `as_csv`.
    """
    opened, folders, names = shown.opened(), Names(), dict[str, Names]()
    folder_of: dict[str, str] = {}
    files: list[str] = []
    with in_words("The pictures were not packed"), zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for done, row in enumerate(rows):
            progress(done / len(rows), f"{done:,} of {len(rows):,} pictures")
            data = opened[shown.sources[row]]
            item, label = data.items[shown.items[row]], shown.own_label(row) or "no class"
            if label not in folder_of:
                folder_of[label] = folders.free(stem(label))
            folder, path = folder_of[label], PurePosixPath(item.file)
            free = names.setdefault(folder, Names()).free(path.stem, path.suffix)
            files.append(f"{folder}/{free}")
            archive.writestr(zipfile.ZipInfo(files[-1], WRITTEN), (data.folder / item.file).read_bytes())
        archive.writestr(zipfile.ZipInfo("map.csv", WRITTEN), as_csv(shown, rows, files))


def as_zip(shown: PictureMap, rows: Sequence[int], progress: Progress = silent) -> bytes:
    """`write_zip` in memory."""
    out = io.BytesIO()
    write_zip(shown, rows, out, progress)
    return out.getvalue()
