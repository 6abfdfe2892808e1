"""Rows of numbers on disk, by content: one file for all processes, bounded; without it nothing but time is lost."""

from __future__ import annotations

import logging
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from xai_core.errors import LibraryError
from xai_core.library.home import home

Row = NDArray[np.float32]
T = TypeVar("T")

ROOM = 2**30  # bytes on disk
LEFT = 0.8  # of the room, once the longest unused have gone
BESIDE = 400  # bytes that a row takes up besides its numbers: two names, and its lines in two tables
PATIENCE = 10.0  # seconds to wait for another process; each holds the file for a fraction of one
AT_ONCE = 500  # names in one question
FOLDER, FILE, LOCK, DAMAGED = "cache", "features-1.sqlite", "features.lock", "features.damaged"
_COMPANIONS = ("-wal", "-shm", "-journal")  # what SQLite puts beside its file
_TABLE = """CREATE TABLE IF NOT EXISTS rows (
    scope TEXT, digest TEXT, used REAL, checksum INTEGER, numbers BLOB, PRIMARY KEY (scope, digest))"""
_OLDEST = """DELETE FROM rows WHERE rowid IN (SELECT rowid FROM (
    SELECT rowid, SUM(LENGTH(numbers) + ?) OVER (ORDER BY used DESC, rowid DESC) AS newer FROM rows) WHERE newer > ?)"""

log = logging.getLogger("second-look")


def read(scope: str, digests: Iterable[str]) -> dict[str, Row]:
    """The rows (D,) kept under `scope` for these pictures, bit for bit as they were written; only those there are."""
    wanted = list(dict.fromkeys(digests))
    parts = [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]
    found: dict[str, Row] = {}
    _with_file(lambda database: [found.update(_read(database, scope, part)) for part in parts])
    return found


def write(scope: str, rows: Mapping[str, Row]) -> None:
    """Keep rows (D,) by picture. Where the disk is full or closed nothing is kept, and the log says so."""
    now, lines = time.time(), []
    for digest, row in rows.items():
        data = np.ascontiguousarray(row, np.float32).tobytes()
        lines.append((scope, digest, now, zlib.crc32(data), data))

    def work(database: sqlite3.Connection) -> None:
        database.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)", lines)
        _make_room(database)

    if lines:
        _with_file(work)


def _read(database: sqlite3.Connection, scope: str, digests: list[str]) -> dict[str, Row]:
    which = f"WHERE scope = ? AND digest IN ({', '.join('?' * len(digests))})"
    rows = database.execute(f"SELECT digest, checksum, numbers FROM rows {which}", (scope, *digests)).fetchall()
    if any(zlib.crc32(data) != checksum for _, checksum, data in rows):
        raise sqlite3.DatabaseError("a row is not as it was written")
    database.execute(f"UPDATE rows SET used = ? {which}", (time.time(), scope, *digests))
    return {digest: np.frombuffer(data, np.float32) for digest, _, data in rows}


def _make_room(database: sqlite3.Connection) -> None:
    """Let the longest unused go; their pages are used again, so the file stays within the room and one writing."""
    pages, free, size = (
        database.execute(f"PRAGMA {fact}").fetchone()[0] for fact in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > ROOM:
        database.execute(_OLDEST, (BESIDE, LEFT * ROOM))


def _with_file(work: Callable[[sqlite3.Connection], T]) -> T | None:
    """What `work` gives, done wholly or not at all; None where the file cannot be used, a damaged one is set aside.

    Under a lock, so that nobody has a file open that is set aside.
    """
    try:
        folder = home() / FOLDER
        folder.mkdir(exist_ok=True)
        with FileLock(folder / LOCK, timeout=PATIENCE):
            try:
                with closing(sqlite3.connect(folder / FILE, timeout=PATIENCE)) as database, database:
                    database.execute("PRAGMA journal_mode = WAL")
                    database.execute("PRAGMA synchronous = NORMAL")
                    database.execute(_TABLE)
                    return work(database)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                log.warning("kept features are damaged (%s) and begun anew", error)
                _set_aside(folder)
    except (OSError, Timeout, LibraryError, sqlite3.OperationalError) as error:
        log.warning("features cannot be kept on disk: %s", error)
    return None


def _set_aside(folder: Path) -> None:
    (folder / FILE).replace(folder / DAMAGED)
    for ending in _COMPANIONS:
        (folder / f"{FILE}{ending}").unlink(missing_ok=True)
