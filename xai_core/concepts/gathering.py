"""Pictures on their way into a concept: written down one after the other, the same pixels once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xai_core.concepts.concept import ORIGIN, POOL
from xai_core.datasets import columns
from xai_core.datasets.dataset import Dataset, Item
from xai_core.datasets.pictures import CLAIMED, as_png, thumbnail
from xai_core.datasets.writing import PictureFolder
from xai_core.library.filenames import stem
from xai_core.names import safe_label
from xai_core.picture import Picture

LEGIBLE, TELLING = 40, 16  # letters of a picture's own name, and of its digest, in the name of its file
CLASS = "class"  # the column for the classes that pictures of one concept had in their data sets
ELSEWHERE = -1  # the place of a picture that is not among those gathered

Located = tuple[Dataset, Item]


class Gathering:
    """Fills an empty folder; knows how many pictures were there before. `there` are digests to leave out as well.

    Of every picture it keeps what is known of it under the names in `known`.
    """

    def __init__(
        self, folder: Path, known: Sequence[str] = (), there: Collection[str] = (), among_others: bool = False
    ) -> None:
        self._writer, self._known = PictureFolder(folder, (), known), tuple(known)
        self._places = dict.fromkeys(there, ELSEWHERE)  # by digest
        self._among_others = among_others  # the files will lie beside others: their names must be unlike any
        self.doubles = 0

    def picture(self, picture: Picture, cut_from: Located | None = None) -> None:
        """Keep the pixels, and of a piece what is known of the picture that it was cut from."""
        facts = self._facts(*cut_from) if cut_from is not None else ()
        if self._is_new(picture.digest, facts):
            self._put(as_png(picture), picture.digest, thumbnail(picture), picture.name, facts)

    def item(self, data: Dataset, item: Item) -> None:
        """Keep a picture of the library, its file as it is; OSError when that is gone."""
        facts = self._facts(data, item)
        if self._is_new(item.digest, facts):
            small = data.thumbnail(item).read_bytes()
            self._put((data.folder / item.file).read_bytes(), item.digest, small, item.name, facts)

    def file(self, data: bytes, digest: str, small: bytes, name: str, facts: Sequence[str] = ()) -> None:
        """Keep a picture file that has been read before."""
        if self._is_new(digest, facts):
            self._put(data, digest, small, name, facts)

    @property
    def pictures(self) -> int:
        """How many are kept."""
        return len(self._writer.items)

    def content(self, origin: str, pool: bool) -> dict[str, Any]:
        """What the manifest of a new concept says."""
        return {**self._writer.manifest(), ORIGIN: safe_label(origin) if origin else "", POOL: pool}

    def behind(self, there: Sequence[str]) -> tuple[list[str], list[dict[str, Any]]]:
        """The columns of a manifest that has some, with new ones behind them; and the items as it shall list them."""
        content = self._writer.manifest()
        own = content.get("columns", [])
        every = list(dict.fromkeys((*there, *own)))
        for item in content["items"] if every else ():
            known = dict(zip(own, item.get("facts", ()), strict=True))
            item["facts"] = [known.get(name, "") for name in every]
        return every, content["items"]

    def _facts(self, data: Dataset, item: Item) -> tuple[str, ...]:
        found = columns.row(data, item, self._known)
        if CLASS in data.columns:  # which need not be what the data set calls classes
            return found
        named = zip(self._known, found, strict=True)
        return tuple(_class(data, item) if name == CLASS else text for name, text in named)

    def _is_new(self, digest: str, facts: Sequence[str] = ()) -> bool:
        if (place := self._places.setdefault(digest, self.pictures)) == self.pictures:
            return True
        self.doubles += 1
        if place != ELSEWHERE:
            self._writer.also_known(place, facts)
        return False

    def _put(self, data: bytes, digest: str, small: bytes, name: str, facts: Sequence[str] = ()) -> None:
        file = f"{_plain(name)[:LEGIBLE].strip('. ')} {digest[:TELLING]}" if self._among_others else name
        item = self._writer.put(data, digest, small, file, None, "", facts=facts)
        self._writer.items[-1] = replace(item, name=safe_label(name))


def known_of(located: Sequence[Located]) -> tuple[str, ...]:
    """The names under which something may be known of pictures that become one concept."""
    classes = {_class(data, item) for data, item in located}
    told = columns.names(tuple({id(data): data for data, _ in located}.values()))
    return told if len(classes) < 2 else tuple(dict.fromkeys((CLASS, *told)))


def _class(data: Dataset, item: Item) -> str:
    """In its data set; a folder of a concept says nothing."""
    return "" if item.label is None or data.shelf == "concepts" else data.classes[item.label]


def _plain(name: str) -> str:
    """The name as a file's, without its ending."""
    before, dot, claimed = name.rpartition(".")
    return stem(before if dot and f".{claimed.lower()}" in CLAIMED else name)
