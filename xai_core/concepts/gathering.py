"""Pictures on their way into a concept: written down one after the other, the same pixels once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from xai_core.concepts.concept import ORIGIN, POOL
from xai_core.datasets.dataset import Dataset, Item, listed
from xai_core.datasets.pictures import CLAIMED, as_png, thumbnail
from xai_core.datasets.writing import PictureFolder
from xai_core.library.filenames import stem
from xai_core.names import safe_label
from xai_core.picture import Picture

LEGIBLE, TELLING = 40, 16  # letters of a picture's own name, and of its digest, in the name of its file


class Gathering:
    """Fills an empty folder; knows how many pictures were there before. `there` are digests to leave out as well."""

    def __init__(self, folder: Path, there: Collection[str] = (), among_others: bool = False) -> None:
        self._writer, self._seen = PictureFolder(folder, ()), set(there)
        self._among_others = among_others  # the files will lie beside others: their names must be unlike any
        self.doubles = 0

    def picture(self, picture: Picture) -> None:
        """Keep the pixels."""
        if self._is_new(picture.digest):
            self._put(as_png(picture), picture.digest, thumbnail(picture), picture.name)

    def item(self, data: Dataset, item: Item) -> None:
        """Keep a picture of the library, its file as it is; OSError when that is gone."""
        if self._is_new(item.digest):
            small = data.thumbnail(item).read_bytes()
            self._put((data.folder / item.file).read_bytes(), item.digest, small, item.name)

    def file(self, data: bytes, digest: str, small: bytes, name: str) -> None:
        """Keep a picture file that has been read before."""
        if self._is_new(digest):
            self._put(data, digest, small, name)

    @property
    def items(self) -> list[dict[str, Any]]:
        """As the manifest lists them."""
        return [listed(item) for item in self._writer.items]

    def content(self, origin: str, pool: bool) -> dict[str, Any]:
        """What the manifest of a new concept says."""
        return {"classes": [], "items": self.items, ORIGIN: safe_label(origin) if origin else "", POOL: pool}

    def _is_new(self, digest: str) -> bool:
        new = digest not in self._seen
        self._seen.add(digest)
        self.doubles += not new
        return new

    def _put(self, data: bytes, digest: str, small: bytes, name: str) -> None:
        file = f"{_plain(name)[:LEGIBLE].strip('. ')} {digest[:TELLING]}" if self._among_others else name
        item = self._writer.put(data, digest, small, file, None, "")
        self._writer.items[-1] = replace(item, name=safe_label(name))


def _plain(name: str) -> str:
    """The name as a file's, without its ending."""
    before, dot, claimed = name.rpartition(".")
    return stem(before if dot and f".{claimed.lower()}" in CLAIMED else name)
