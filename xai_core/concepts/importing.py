"""Bring concepts: an upload becomes a concept for each folder in it, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from xai_core.concepts.editing import free_titles
from xai_core.concepts.folders import Sorted, Wanted, sort_out
from xai_core.concepts.gathering import Gathering
from xai_core.datasets.importing import known_beside, nothing_usable
from xai_core.datasets.reading import readings
from xai_core.datasets.sources import sources
from xai_core.errors import LibraryError
from xai_core.library import entries, incoming
from xai_core.limits import TABLE_COLUMNS
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.hub import Hub

MOST = 200  # concepts of one upload


@dataclass(frozen=True)
class ImportConcepts:
    """The request: make concepts of an upload, which is gone afterwards.

    A folder is a concept under its own name; all folders `random...` are one pool. `title` is for loose pictures and
    for a single folder; a `pool` takes everything, and has it too. What tables among the files say of pictures is kept
    with them. What `exporting` wrote comes back as it was.
    """

    on_device: ClassVar[bool] = False

    staged: str  # as `incoming.stage` named it
    title: str
    pool: bool = False

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> ImportedConcepts:
        """LibraryError when nothing in it can be used, or the disk refuses. Stopped or failed, nothing is kept."""
        arrival = _Arrival()

        def fill(folder: Path) -> list[entries.New]:
            with ExitStack() as open_archives:
                found = sources(incoming.staged(self.staged), open_archives)
                arrival.refused, arrival.ignored = found.refused, found.ignored
                return arrival.collect(sort_out(found, self.title, self.pool, progress), folder, progress)

        try:
            progress(0.0, "looking at what came")
            keys = entries.create_together("concepts", "The concepts were not saved", fill)
        finally:
            incoming.discard(self.staged)
        return arrival.result(keys)


@dataclass(frozen=True)
class Brought:
    """One concept or pool that came of an upload."""

    key: str
    title: str
    pool: bool
    pictures: int


@dataclass(frozen=True)
class ImportedConcepts:
    """What became of an upload."""

    kept: tuple[Brought, ...]
    doubles: int  # pictures with the very same pixels as an earlier one of the same concept, left out
    refused: tuple[tuple[str, str], ...] = field(repr=False)  # name with folders, the rest of the sentence
    ignored: int  # folders and files that some system adds by itself
    notes: tuple[str, ...]


class _Arrival:
    """Gathers what is found while files become concepts."""

    def __init__(self) -> None:
        self.refused: list[tuple[str, str]] = []
        self.ignored = 0
        self._gathered: dict[Wanted, Gathering] = {}
        self._notes: list[str] = []
        self._new: list[entries.New] = []

    def collect(self, given: Sorted, folder: Path, progress: Progress) -> list[entries.New]:
        """Write every usable picture into the folder of its concept; LibraryError where there is none."""
        places = {wanted: str(place) for place, wanted in enumerate(dict.fromkeys(given.wanted))}
        if len(places) > MOST:
            words = f"These are {len(places):,} folders, each of which would be a concept; the limit is {MOST}"
            raise LibraryError(f"{words}. Bring them in several parts.")
        count, known = len(given.sources), given.told.columns[:TABLE_COLUMNS]
        self.refused = [*self.refused, *given.told.refused]
        for place, (reading, wanted) in enumerate(zip(readings(given.sources), given.wanted, strict=True)):
            if reading.refusal:
                self.refused.append((reading.source.name, reading.refusal))
            else:
                gathering = self._gathering(wanted, folder / places[wanted], known)
                facts = given.told.row(place, known)
                gathering.file(reading.data, reading.digest, reading.small, reading.source.path[-1], facts)
            progress(0.98 * (place + 1) / count, f"{place + 1:,} of {count:,} files")
        if not self._gathered:
            raise LibraryError(nothing_usable(self.refused))
        self._notes = [*given.notes, *given.told.notes, *known_beside(given.told.columns)]
        for wanted in given.claimed:
            if wanted not in self._gathered:
                self._notes.append(f"No concept was made of {wanted.title}: every picture was left out.")
        titles = free_titles([wanted.title for wanted in self._gathered])
        self._new = [
            entries.New(places[wanted], title, gathering.content(wanted.origin, wanted.pool))
            for title, (wanted, gathering) in zip(titles, self._gathered.items(), strict=True)
        ]
        return self._new

    def result(self, keys: tuple[str, ...]) -> ImportedConcepts:
        """The report on the concepts that came of it."""
        return ImportedConcepts(
            kept=tuple(
                Brought(key, new.title, wanted.pool, gathering.pictures)
                for key, new, (wanted, gathering) in zip(keys, self._new, self._gathered.items(), strict=True)
            ),
            doubles=sum(gathering.doubles for gathering in self._gathered.values()),
            refused=tuple(self.refused),
            ignored=self.ignored,
            notes=tuple(self._notes),
        )

    def _gathering(self, wanted: Wanted, folder: Path, known: Sequence[str]) -> Gathering:
        if wanted not in self._gathered:
            folder.mkdir()
            self._gathered[wanted] = Gathering(folder, known)
        return self._gathered[wanted]
