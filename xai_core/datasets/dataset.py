"""A data set as a value: what its pictures are called and where they lie; pixels are read when asked for."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from xai_core.errors import LibraryError, UnreadablePicture
from xai_core.intake import open_picture
from xai_core.library import entries
from xai_core.library.rooms import NAMES
from xai_core.picture import Picture
from xai_core.progress import Progress, silent

Split = Literal["", "train", "validation", "test"]
Shelf = Literal["datasets", "concepts"]
SPLITS: tuple[Split, ...] = get_args(Split)
THUMBNAILS = ".thumbnails"

_known: dict[tuple[str, str], tuple[str, Dataset]] = {}  # with the checksum of the manifest that each was made of

Given = tuple[Picture | bytes, str, int | None, Split] | tuple[Picture | bytes, str, int | None, Split, tuple[str, ...]]


@dataclass(frozen=True)
class Item:
    """One picture: `file` inside the data set's folder with "/", `label` an index into the classes."""

    file: str
    label: int | None
    split: Split
    digest: str  # of the pixels, as Picture.digest
    name: str
    facts: tuple[str, ...] = ()  # one for each column of its data set, "" where nothing is known; () without columns


@dataclass(frozen=True)
class Dataset:
    """One revision of a data set."""

    key: str
    title: str
    revision: int
    classes: tuple[str, ...]
    items: tuple[Item, ...] = field(repr=False)
    shelf: Shelf = "datasets"  # concept sets have the same form
    columns: tuple[str, ...] = ()  # what is known of the pictures beside their class

    def picture(self, item: Item) -> Picture:
        """The item's pixels, named by it; LibraryError when its file is gone or damaged."""
        path = self.folder / item.file
        try:
            found = open_picture(path)
        except UnreadablePicture as error:
            raise LibraryError(self._lost(item, path)) from error
        return Picture(found.digest, item.name, found.pixels, found.notes)

    def thumbnail(self, item: Item) -> Path:
        """A JPEG whose longer side has at most 160 pixels, drawn now where there is none yet.

        Errors as `picture`; OSError where it cannot be kept, and then no half of one is there.
        """
        from xai_core.datasets.pictures import thumbnail

        path = self.folder / THUMBNAILS / f"{item.file}.jpg"
        if not path.exists():
            data = thumbnail(self.picture(item))
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{secrets.token_hex(8)}.new")
            try:
                fresh.write_bytes(data)
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
        return path

    @property
    def folder(self) -> Path:
        return entries.folder_of(self.shelf, self.key)

    def _lost(self, item: Item, path: Path) -> str:
        """Why a picture cannot be had that was once kept, and what to do."""
        name = f"{NAMES[self.shelf]} “{self.title}”"
        if not self.folder.is_dir():
            return f"The {name} has been removed from the library meanwhile. Undo that, or choose another one."
        wrong = "is damaged" if path.is_file() else "is no longer there"
        way = "take it out of the concept" if self.shelf == "concepts" else "bring the pictures in again"
        why = "something outside this program changed it"
        return f"{item.name} of the {name} {wrong}: {why}. Put the file back, or {way}."


@dataclass(frozen=True)
class Contents:
    """The data sets by title; sentences about damage; folders that `AdoptFolder` makes data sets of."""

    datasets: tuple[Dataset, ...]
    messages: tuple[str, ...]
    dropped_in: tuple[str, ...]


def dataset(key: str, shelf: Shelf = "datasets") -> Dataset:
    """The data set of that key; LibraryError when there is none or its manifest is damaged."""
    return of_entry(entries.entry(shelf, key), shelf)


def datasets(shelf: Shelf = "datasets") -> tuple[Dataset, ...]:
    """All data sets by title."""
    return contents(shelf).datasets


def contents(shelf: Shelf = "datasets") -> Contents:
    """All that lies on a shelf: what cannot be used is said, and does not hide the rest."""
    found = entries.listing(shelf)
    made, messages = [], list(found.messages)
    for entry in found.entries:
        try:
            made.append(of_entry(entry, shelf))
        except LibraryError as error:
            messages.append(str(error))
    return Contents(tuple(made), tuple(messages), found.dropped_in)


def save(
    title: str,
    classes: tuple[str, ...],
    pictures: Iterable[Given],
    facts: Mapping[str, Any],
    progress: Progress = silent,
    shelf: Shelf = "datasets",
    columns: tuple[str, ...] = (),
) -> Dataset:
    """Keep pictures as a new data set: pixels as PNG, bytes of picture files as they are.

    Classes without pictures and columns that say nothing of any are dropped.

    Where there are `columns`, each picture may come with a text for each, by which people can sort it.
    UnreadablePicture for bytes that are no picture, LibraryError when the disk refuses; then nothing is kept.
    """
    from xai_core.datasets.writing import PictureFolder

    def fill(folder: Path) -> dict[str, Any]:
        writer = PictureFolder(folder, classes, columns)
        for done, given in enumerate(pictures, 1):
            writer.add(*given)
            progress(done / (done + 100), f"{done:,} pictures saved")  # nobody knows how many will come
        return {**writer.manifest(), "facts": dict(facts)}

    return dataset(entries.create(shelf, title, fill), shelf)


def of_manifest(key: str, manifest: Mapping[str, Any], shelf: Shelf = "datasets") -> Dataset:
    """The data set that a manifest describes; LibraryError when it describes none."""
    try:
        classes = tuple(str(name) for name in manifest["classes"])
        columns = tuple(str(name) for name in manifest.get("columns", ()))
        items = tuple(_item(found, len(classes), len(columns)) for found in manifest["items"])
    except (KeyError, TypeError, ValueError) as error:
        words = "lists no pictures in the form that we know. Import its pictures again."
        raise LibraryError(f"{manifest['title']} {words}") from error
    return Dataset(key, manifest["title"], manifest["revision"], classes, items, shelf, columns)


def listed(item: Item) -> dict[str, Any]:
    """The item as a manifest lists it."""
    found = asdict(item)
    if not item.facts:
        del found["facts"]
    return found


def of_entry(entry: entries.Entry, shelf: Shelf) -> Dataset:
    name, checksum = (shelf, entry.key), entry.manifest["checksum"]
    if (known := _known.get(name)) is None or known[0] != checksum:
        known = _known[name] = checksum, of_manifest(entry.key, entry.manifest, shelf)
    return known[1]


def _item(found: dict[str, Any], classes: int, columns: int) -> Item:
    # a picture that was put there later may have none, and one from before a column came has fewer
    facts = tuple(str(each) for each in found.get("facts", ()))
    facts += ("",) * (columns - len(facts))
    item = Item(found["file"], found["label"], found["split"], str(found["digest"]), str(found["name"]), facts)
    if len(facts) != columns:
        raise ValueError(facts)
    path = PurePosixPath(item.file)
    if path.is_absolute() or ".." in path.parts or "\\" in item.file or item.split not in SPLITS:
        raise ValueError(item.file)
    if item.label is not None and not 0 <= item.label < classes:
        raise ValueError(item.label)
    return item
