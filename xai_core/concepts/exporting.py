"""Concepts as a zip: a folder of pictures each, as other TCAV programs read them, and lists that bring them back."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO

from xai_core.concepts.concept import Concept, concept
from xai_core.concepts.folders import FORMAT, LIST, described
from xai_core.datasets import columns
from xai_core.library.filenames import Names, stem
from xai_core.library.home import in_words
from xai_core.names import unique
from xai_core.progress import Progress, silent
from xai_core.spreadsheet import as_csv

TABLE = "concepts.csv"
SHARE = 500  # counter-examples of a folder
SHORT = 60  # letters of a name, without number and ending: longer ones are cut on their way in, and might be the same
WRITTEN = (1980, 1, 1, 0, 0, 0)  # the same concepts are the same bytes, whenever they are written


def as_zip(keys: Sequence[str], progress: Progress = silent) -> bytes:
    """`write_zip` in memory."""
    out = io.BytesIO()
    write_zip(keys, out, progress)
    return out.getvalue()


def write_zip(keys: Sequence[str], file: IO[bytes], progress: Progress = silent) -> None:
    """Concepts and pools as a zip: `Stripes/...`, for pools `random500_0/...` and so on, and `concepts.json`.

    What is known of the pictures stands in `concepts.csv`, one line each, where anything is. The picture files are the
    library's, byte for byte. LibraryError for a key that is none, or a picture that is gone.
    """
    chosen = sorted((concept(key) for key in dict.fromkeys(keys)), key=lambda each: not each.pool)
    folders, listed, pools = Names((LIST, TABLE)), [], 0
    known = columns.names([each.data for each in chosen])
    lines: list[tuple[str, ...]] = []
    total, done = sum(len(each.items) for each in chosen), 0
    with in_words("The concepts were not packed"), zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for each in chosen:
            shares = -(-len(each.items) // SHARE) if each.pool else 1
            names = [f"random500_{pools + share}" for share in range(shares)] if each.pool else [each.title]
            pools += shares if each.pool else 0
            own = [folders.free(_short(stem(name))) for name in names]
            for inside, number in _places(each, own):
                progress(done / total, f"{done:,} of {total:,} pictures")
                item = each.items[number]
                archive.writestr(_info(inside), (each.data.folder / item.file).read_bytes())
                lines.append((inside, *columns.row(each.data, item, known)))
                done += 1
            digests = [item.digest for item in each.items]
            listed.append(described(each.title, each.origin, each.pool, own, digests))
        words = json.dumps({"format": FORMAT, "concepts": listed}, ensure_ascii=False, indent=1)
        archive.writestr(_info(LIST), words.encode("utf-8", "replace"))
        if known:
            archive.writestr(_info(TABLE), as_csv([(unique("picture", known), *known), *lines], quoted=True))


def _places(one: Concept, folders: Sequence[str]) -> list[tuple[str, int]]:
    """Where each picture goes, with its number."""
    names = [Names() for _ in folders]
    places = []
    for number, item in enumerate(one.items):
        file, share = PurePosixPath(item.file), number // SHARE if one.pool else 0
        places.append((f"{folders[share]}/{names[share].free(_short(file.stem), file.suffix)}", number))
    return places


def _short(name: str) -> str:
    return name[:SHORT].rstrip(". ")


def _info(inside: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(inside, WRITTEN)
