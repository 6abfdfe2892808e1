"""Tables that come with pictures: what their lines say of which picture, and what cannot be used of them.

A table is a CSV or TSV file one of whose columns names pictures of the same upload, by path or by name, with or
without the ending. What the column is called does not matter.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from xai_core.datasets.archive import UnusableArchive
from xai_core.datasets.pictures import CLAIMED
from xai_core.datasets.sources import Source
from xai_core.limits import TABLE_BYTES, TABLE_LINES, TABLES
from xai_core.names import LENGTH, safe_label, safe_text
from xai_core.progress import Progress, silent
from xai_core.spreadsheet import as_meant

ENDINGS = (".csv", ".tsv")
MARKS = (",", ";", "\t", "|")
WIDEST = 200  # cells of a line that are looked at

Path = tuple[str, ...]


@dataclass
class Told:
    """What all tables say: for a picture's place in the upload, a text by the name of the column."""

    columns: list[str] = field(default_factory=list)  # as they stand in the tables, different ones
    facts: defaultdict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    refused: list[tuple[str, str]] = field(default_factory=list)  # name with folders, the rest of the sentence
    notes: list[str] = field(default_factory=list)  # whole sentences

    def row(self, place: int, columns: Sequence[str]) -> tuple[str, ...]:
        """Of one picture, "" where no table says anything."""
        known = self.facts.get(place, {})
        return tuple(known.get(name, "") for name in columns)


def apart(sources: Sequence[Source], progress: Progress = silent) -> tuple[list[Source], Told]:
    """The files of an upload that are no tables, and what the tables among them say of these, by their places."""
    others = [each for each in sources if not _is_table(each)]
    return others, read(list(filter(_is_table, sources)), [each.path for each in others], progress)


def _is_table(source: Source) -> bool:
    return source.path[-1].casefold().endswith(ENDINGS)


def read(tables: Sequence[Source], pictures: Sequence[Path], progress: Progress = silent) -> Told:
    """Folders and names of the `pictures`, of which the tables speak."""
    told, named = Told(), _named(pictures) if tables else {}
    for number, table in enumerate(tables):
        progress(0.0, f"reading {table.name}")
        trouble = _take(table, named, told) if number < TABLES else f"is one too many; the limit is {TABLES} at once."
        if trouble:
            told.refused.append((table.name, trouble))
    filled = {name for known in told.facts.values() for name in known}
    told.columns = [name for name in told.columns if name in filled]
    return told


def _take(table: Source, named: dict[Path, int], told: Told) -> str:
    """Why nothing can be used of it, "" where something can."""
    try:
        lines = list(_lines(table.read()))
    except (UnicodeDecodeError, csv.Error):
        return "cannot be read as a table. Save it as CSV in UTF-8."
    except UnusableArchive as error:
        return str(error)
    except _TooLargeError:
        return f"is too large a table: the limit is {TABLE_BYTES // 2**20} MB and {TABLE_LINES:,} lines. Divide it."
    folder = tuple(part.casefold() for part in table.path[:-1])
    at, places = _naming(lines, folder, named)
    if not any(place >= 0 for place in places):
        return "names none of these pictures. Give it a column with their file names, and bring it with the pictures."
    # a first line that names a picture is no heading
    heading = [safe_text(cell) for cell in lines[0]] if places[0] < 0 else []
    body = slice(1 if heading else 0, None)
    names = [name or f"column {number}" for number, name in enumerate((*heading, *("",) * WIDEST), 1)]
    _head([name for number, name in enumerate(names[: len(heading)]) if number != at], told)
    for line, place in zip(lines[body], places[body], strict=True):
        if place >= 0:
            _note(line, at, names, told, place)
    if missing := sum(place < 0 for place in places[body]):
        told.notes.append(_astray(missing, table.name))
    return ""


def _head(names: Sequence[str], told: Told) -> None:
    told.columns += [name for name in dict.fromkeys(names) if name not in told.columns][: WIDEST - len(told.columns)]


def _note(line: Sequence[str], at: int, names: Sequence[str], told: Told, place: int) -> None:
    """What one line says of a picture; what an earlier one said stays."""
    for number, cell in enumerate(line):
        if number != at and (text := safe_text(cell)):
            _head([names[number]], told)  # lines may be longer than the heading
            if names[number] in told.columns:
                told.facts[place].setdefault(names[number], text)


def _naming(lines: Sequence[Sequence[str]], folder: Path, named: dict[Path, int]) -> tuple[int, list[int]]:
    """The column that names the most pictures, and which each line names, -1 for none."""
    hits: defaultdict[int, set[int]] = defaultdict(set)
    for line in lines:
        for column, cell in enumerate(line):
            if (place := _place(cell, folder, named)) >= 0:
                hits[column].add(place)
    best = max(hits, key=lambda column: (len(hits[column]), -column), default=0)
    return best, [_place(line[best], folder, named) if best < len(line) else -1 for line in lines]


def _place(cell: str, folder: Path, named: dict[Path, int]) -> int:
    """The picture that a cell names, seen from the table's own folder before all others; -1 for none or several."""
    path = tuple(_shown(part) for part in cell.strip().replace("\\", "/").split("/") if part not in ("", ".", ".."))
    if not path:
        return -1
    found = named.get((*folder, *path), -1)
    return found if found >= 0 else named.get(path, -1)


def _shown(part: str) -> str:
    """As the folders and names of an upload are compared."""
    plain = part.isascii() and part.isprintable() and len(part) <= LENGTH and part == " ".join(part.split())
    return (part if plain else safe_label(part)).casefold()


def _named(pictures: Sequence[Path]) -> dict[Path, int]:
    """What may stand for a picture: its path, the end of that, either without its ending; the first of these counts.

    -1 where it is not one alone.
    """
    whole, ends, short = dict[Path, int](), dict[Path, int](), dict[Path, int]()
    for place, path in enumerate(pictures):
        parts = tuple(part.casefold() for part in path)
        stem, dot, ending = parts[-1].rpartition(".")
        _enter(whole, parts, place)
        for start in range(len(parts)):
            _enter(ends, parts[start:], place)
            if dot and f".{ending}" in CLAIMED:
                _enter(short, (*parts[start:-1], stem), place)
    return {**short, **ends, **whole}


def _enter(named: dict[Path, int], key: Path, place: int) -> None:
    named[key] = place if named.get(key, place) == place else -1


class _TooLargeError(Exception):
    pass


def _lines(data: bytes) -> Iterator[list[str]]:
    """Cells of every line that has any; UnicodeDecodeError or csv.Error for what is no table."""
    if len(data) > TABLE_BYTES:
        raise _TooLargeError
    text = _decoded(data)
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])  # a mark in quotes divides nothing
    mark = max(MARKS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
    for number, line in enumerate(lines):
        if number == TABLE_LINES:
            raise _TooLargeError
        if any(line):
            yield [as_meant(cell) for cell in islice(line, WIDEST)]


def _decoded(data: bytes) -> str:
    """Spreadsheets still write their system's own letters instead of UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def _astray(count: int, name: str) -> str:
    lines, verb = ("1 line", "names") if count == 1 else (f"{count:,} lines", "name")
    return f"{lines} of {name} {verb} no picture that came, or several."
