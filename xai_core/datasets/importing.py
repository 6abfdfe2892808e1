"""Bring pictures: an upload becomes a data set, and every file that does not is named with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from xai_core.datasets import tables
from xai_core.datasets.dataset import SPLITS, Item, Shelf, Split, dataset
from xai_core.datasets.labelling import labelled
from xai_core.datasets.layout import Layout, Place, arrange
from xai_core.datasets.reading import Reading, readings
from xai_core.datasets.sources import Found, Source, sources
from xai_core.datasets.writing import PictureFolder
from xai_core.errors import LibraryError
from xai_core.library import entries, incoming
from xai_core.limits import TABLE_COLUMNS
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub

FIRST_REASONS = 3  # that fit into one message
SHOWN = 6  # columns that are named


@dataclass(frozen=True)
class ImportDataset:
    """The request: make a data set of an upload, which is gone afterwards."""

    on_device: ClassVar[bool] = False

    staged: str  # as `incoming.stage` named it
    title: str
    shelf: Shelf = "datasets"

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> ImportedDataset:
        """LibraryError when nothing in it can be used, or the disk refuses. Stopped or failed, nothing is kept."""
        report = Report()

        def fill(folder: Path) -> dict[str, Any]:
            with ExitStack() as open_archives:
                found = sources(incoming.staged(self.staged), open_archives)
                return report.collect(found, folder, progress)

        try:
            progress(0.0, "looking at what came")
            key = entries.create(self.shelf, self.title, fill)
        finally:
            incoming.discard(self.staged)
        return report.result(self.shelf, key)


@dataclass(frozen=True)
class ImportedDataset:
    """What became of an upload."""

    key: str
    kept: tuple[tuple[str, Split, int], ...]  # class ("" for none), part, pictures
    duplicates: int  # pictures with the very same pixels as an earlier one, left out
    refused: tuple[tuple[str, str], ...] = field(repr=False)  # name with folders, the rest of the sentence
    ignored: int  # files that some system adds by itself
    layout: str
    notes: tuple[str, ...]

    @property
    def pictures(self) -> int:
        return sum(count for _, _, count in self.kept)


class Report:
    """Gathers what is found while pictures become the items of a data set."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}  # places of the items
        self._refused: list[tuple[str, str]] = []
        self._doubles: list[tuple[Item, Place]] = []
        self._notes: tuple[str, ...] = ()
        self._ignored, self._layout = 0, Layout((), (), "")

    def collect(self, found: Found, folder: Path, progress: Progress) -> dict[str, Any]:
        """Write every usable picture into the folder, or note where it lies there; the manifest's content."""
        brought, told = tables.apart(found.sources, progress)
        self._refused, self._ignored = [*found.refused, *told.refused], found.ignored
        self._layout, known = labelled(arrange([source.path for source in brought]), told)
        columns = known[:TABLE_COLUMNS]
        writer = PictureFolder(folder, self._layout.classes, columns)
        for number, (reading, place) in enumerate(zip(readings(brought), self._layout.places, strict=True)):
            self._take(reading, place, writer, told.row(number, columns))
            progress(0.98 * (number + 1) / len(brought), f"{number + 1:,} of {len(brought):,} files")
        if not writer.items:
            raise LibraryError(nothing_usable(self._refused))
        progress(0.98, "writing the list")
        self._notes = (*self._remarks(brought, writer.items), *told.notes, *known_beside(known))
        facts = {"layout": self._layout.words, "duplicates": len(self._doubles), "notes": self._notes}
        return {**writer.manifest(), "facts": facts}

    def _take(self, reading: Reading, place: Place, writer: PictureFolder, facts: tuple[str, ...]) -> None:
        if reading.refusal:
            self._refused.append((reading.source.name, reading.refusal))
        elif (first := self._first.get(reading.digest)) is not None:
            writer.also_known(first, facts)
            self._doubles.append((writer.items[first], place))
        else:
            source = reading.source
            self._first[reading.digest] = len(writer.items)
            writer.put(
                reading.data,
                reading.digest,
                reading.small,
                source.path[-1],
                place.label,
                place.split,
                source.file,
                facts,
            )

    def result(self, kind: Shelf, key: str) -> ImportedDataset:
        """The report on the entry that came of it."""
        made = dataset(key, kind)
        names = Counter((made.classes[item.label] if item.label is not None else "", item.split) for item in made.items)
        order = {name: number for number, name in enumerate((*made.classes, ""))}
        kept = sorted(names.items(), key=lambda pair: (order[pair[0][0]], SPLITS.index(pair[0][1])))
        return ImportedDataset(
            key=key,
            kept=tuple((name, split, count) for (name, split), count in kept),
            duplicates=len(self._doubles),
            refused=tuple(self._refused),
            ignored=self._ignored,
            layout=self._layout.words,
            notes=self._notes,
        )

    def _remarks(self, found: Sequence[Source], items: Sequence[Item]) -> tuple[str, ...]:
        """What a person should know before trusting any figure that comes of these pictures."""
        used = {item.label for item in items}
        empty = [name for number, name in enumerate(self._layout.classes) if number not in used]
        same_name = len(found) - len({source.name.casefold() for source in found})
        contradictions = sum(first.label != place.label for first, place in self._doubles)
        leaks = sum(first.split != place.split for first, place in self._doubles)
        loose = sum(item.label is None for item in items) if self._layout.classes else 0
        remarks = (
            (len(empty), f"No class was made of {', '.join(empty[:FIRST_REASONS])}: every picture there was left out"),
            (loose, f"{_pictures(loose)} beside the class folders, without a class"),
            (contradictions, f"{_pictures(contradictions)} in more than one class; each was kept in the first"),
            (leaks, f"{_pictures(leaks)} in more than one part of the data; each was kept in the first"),
            (same_name, f"{same_name:,} × the same name, but for upper and lower case; every file has its own now"),
        )
        return tuple(f"{words}." for count, words in remarks if count)


def nothing_usable(refused: Sequence[tuple[str, str]]) -> str:
    """Why nothing came of an upload, from the refused files with their reasons."""
    if not refused:
        return "There is no picture in what was brought. Bring pictures, folders of pictures, or a zip of them."
    reasons = " ".join(f"{name} {reason}" for name, reason in refused[:FIRST_REASONS])
    more = f" And {left:,} more." if (left := len(refused) - FIRST_REASONS) > 0 else ""
    return f"None of {len(refused):,} files is usable. {reasons}{more}" if len(refused) > 1 else reasons


def known_beside(names: Sequence[str]) -> tuple[str, ...]:
    """What the map can show beside classes."""
    if not names:
        return ()
    told = f"{', '.join(names[:SHOWN])}{' and more' if len(names) > SHOWN else ''}"
    left = f" Of {len(names):,} columns the first {TABLE_COLUMNS} were kept." if len(names) > TABLE_COLUMNS else ""
    return (f"What else is known of the pictures, for colours on the map: {told}.{left}",)


def _pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count:,} pictures are"
