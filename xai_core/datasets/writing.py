"""A folder of pictures as a data set is kept: `split/class/name.jpg`, thumbnails beside them in a hidden folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xai_core.datasets.dataset import THUMBNAILS, Item, Split, listed
from xai_core.datasets.pictures import CLAIMED, ENDINGS, as_png, shrunk, thumbnail
from xai_core.intake import read_both
from xai_core.intake_kind import kind_of
from xai_core.library.filenames import Names, stem
from xai_core.names import different, safe_label, safe_text
from xai_core.picture import Picture

NO_CLASS = "without a class"


class PictureFolder:
    """Writes pictures into an empty folder one after the other and remembers the items."""

    def __init__(self, folder: Path, classes: tuple[str, ...], columns: Sequence[str] = ()) -> None:
        """Every picture then comes with a text for each of the `columns`, or with none at all."""
        self._folder, self._classes, self._columns = folder, classes, legible(columns)
        names = Names()
        self._class_folders = [names.free(stem(name)) for name in classes]
        self._no_class = names.free(NO_CLASS)
        self._names: defaultdict[str, Names] = defaultdict(Names)
        self._made: set[Path] = set()
        self.items: list[Item] = []

    def add(
        self, picture: Picture | bytes, name: str, label: int | None, split: Split, facts: Sequence[str] = ()
    ) -> Item:
        """Keep a picture: pixels as PNG, a file's bytes as they are; UnreadablePicture for bytes that are none."""
        if isinstance(picture, Picture):
            return self.put(as_png(picture), picture.digest, thumbnail(picture), name, label, split, facts=facts)
        read, image = read_both(picture, name)
        return self.put(picture, read.digest, shrunk(image), name, label, split, facts=facts)

    def put(
        self,
        data: bytes,
        digest: str,
        small: bytes,
        name: str,
        label: int | None,
        split: Split,
        lies: str = "",
        facts: Sequence[str] = (),
    ) -> Item:
        """Write the bytes of a picture file that has been read before, and its thumbnail.

        `lies` is the path of a file that is in the folder already, and stays where and as it is. ValueError for facts
        that are not one for each column.
        """
        known = self._fitting(name, facts)
        path = lies or self._place(name, label, split, ENDINGS[kind_of(data, "").name])
        if not lies:
            self._write(path, data)
        self._write(f"{THUMBNAILS}/{path}.jpg", small)
        item = Item(path, label, split, digest, safe_label(path), known)
        self.items.append(item)
        return item

    def also_known(self, place: int, facts: Sequence[str]) -> None:
        """What came with another file of the same pixels as item number `place`, where nothing is known of that yet."""
        item = self.items[place]
        more = self._fitting(item.name, facts)
        known = tuple(old or new for old, new in zip(item.facts, more, strict=True))
        self.items[place] = replace(item, facts=known)

    def manifest(self) -> dict[str, Any]:
        """What the manifest says of the pictures; classes without any, and columns that say nothing, are left out."""
        used = sorted({item.label for item in self.items if item.label is not None})
        number = {label: place for place, label in enumerate(used)}
        filled = [place for place in range(len(self._columns)) if any(item.facts[place] for item in self.items)]
        items = [replace(item, facts=tuple(item.facts[place] for place in filled)) for item in self.items]
        return {
            "classes": [self._classes[label] for label in used],
            "items": [{**listed(item), "label": None if item.label is None else number[item.label]} for item in items],
            **({"columns": [self._columns[place] for place in filled]} if filled else {}),
        }

    def _fitting(self, name: str, facts: Sequence[str]) -> tuple[str, ...]:
        if len(facts) not in (0, len(self._columns)):
            raise ValueError(f"{name} has {len(facts)} facts for {len(self._columns)} columns")
        return tuple(map(safe_text, facts)) or ("",) * len(self._columns)

    def _place(self, name: str, label: int | None, split: Split, ending: str) -> str:
        """A free path for a new file."""
        folder = self._class_folders[label] if label is not None else self._no_class if self._classes else ""
        inside = "/".join(part for part in (split, folder) if part)
        stem_, dot, claimed = name.rpartition(".")
        shown = stem(stem_ if dot and f".{claimed.lower()}" in CLAIMED else name)
        file = self._names[inside].free(shown, ending)
        return f"{inside}/{file}" if inside else file

    def _write(self, inside: str, content: bytes) -> None:
        path = self._folder / inside
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        path.write_bytes(content)


def legible(columns: Sequence[str]) -> tuple[str, ...]:
    """Names of columns as strangers chose them, fit to be shown and all different."""
    return different([safe_text(name) or f"column {number}" for number, name in enumerate(columns, 1)])
