"""Past tests are kept: what they found, readable when model and concepts are gone, and the whole answer beside it."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from xai_core.errors import LibraryError
from xai_core.library import entries
from xai_core.library.rooms import Kind, alone
from xai_core.tcav.grid import Finding, Grid
from xai_core.tcav.headline import headline
from xai_core.tcav.table import as_json
from xai_core.tcav.words import sentence

KIND: Kind = "runs"
KEPT = 200  # tests; the oldest go first, and can be brought back for a week
ANSWER = "answer.json"


@dataclass(frozen=True)
class Row:
    """One finding; figures are None where there is no score."""

    concept: str
    label: str
    layer: str
    score: float | None
    low: float | None  # 95 % interval of the score
    high: float | None
    p: float | None  # corrected
    verdict: str
    accuracy: float | None
    sentence: str


@dataclass(frozen=True)
class Run:
    """A kept test. `settings` are all choices that changed it, by name, as plain values."""

    key: str
    title: str
    created: str  # UTC, ISO 8601
    model: str  # its title
    headline: str
    rows: tuple[Row, ...]
    settings: dict[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Runs:
    """Kept tests, newest first; sentences about those that cannot be read."""

    runs: tuple[Run, ...]
    messages: tuple[str, ...]


def keep(grid: Grid, title: str, model: str) -> str:
    """The key of the kept test; `model` is its title. The same test is kept once, whatever it is called.

    ValueError where there is nothing to keep; LibraryError when the disk refuses.
    """
    if not grid.findings:
        raise ValueError("a test without findings is nothing to keep")
    content = _content(grid, model)
    with alone("runs"):
        kept = entries.listing(KIND).entries
        if same := [each.key for each in kept if each.manifest.get("same") == content["same"]]:
            return same[0]
        key = entries.create(KIND, title, lambda folder: _fill(folder, grid, content))
        for old in sorted(kept, key=lambda each: (each.created, each.key))[: max(0, len(kept) + 1 - KEPT)]:
            entries.remove(KIND, old.key)
    return key


def runs() -> Runs:
    """All kept tests."""
    listing = entries.listing(KIND)
    found, messages = [], list(listing.messages)
    for entry in listing.entries:
        try:
            found.append(_run(entry))
        except LibraryError as error:
            messages.append(str(error))
    found.sort(key=lambda each: (each.created, each.key), reverse=True)
    return Runs(tuple(found), tuple(messages))


def run(key: str) -> Run:
    """One kept test; LibraryError when there is none or it is damaged."""
    return _run(entries.entry(KIND, key))


def answer(key: str) -> str:
    """The kept test as `as_json` wrote it; LibraryError when the file is gone or not what was kept."""
    entry = entries.entry(KIND, key)
    try:
        text = (entries.folder_of(KIND, key) / ANSWER).read_bytes()
    except OSError as error:
        raise _damaged(entry, "its file is gone") from error
    if hashlib.sha256(text).hexdigest() != entry.manifest.get("answer"):
        raise _damaged(entry, "its file has been changed outside this program")
    return text.decode()


def remove(key: str) -> str:
    """Take a kept test out; the token brings it back for a week."""
    return entries.remove(KIND, key)


def restore(token: str) -> str:
    """Undo `remove`; the key."""
    return entries.restore(KIND, token)


def _fill(folder: Path, grid: Grid, content: dict[str, Any]) -> dict[str, Any]:
    text = as_json(grid).encode()
    (folder / ANSWER).write_bytes(text)
    return {**content, "answer": hashlib.sha256(text).hexdigest()}


def _content(grid: Grid, model: str) -> dict[str, Any]:
    settings = _settings(grid)
    found = [asdict(_row(each)) for each in grid.findings]
    figures = [each.cell.scores.tolist() for each in grid.findings]
    text = json.dumps([settings, found, figures], sort_keys=True, ensure_ascii=True)
    same = hashlib.sha256(text.encode()).hexdigest()
    return {"model": model, "headline": headline(grid).text, "settings": settings, "rows": found, "same": same}


def _settings(grid: Grid) -> dict[str, Any]:
    """Everything that was chosen; what was chosen for each concept by itself stands in its request."""
    results = list({id(found.result): found.result for found in grid.findings}.values())
    first = results[0]
    return {
        "model": first.request.model,
        "weights": first.weights,
        "correction": grid.correction,
        "alpha": grid.alpha,
        **asdict(first.request.settings),
        "requests": [{"title": result.title, **asdict(result.request)} for result in results],
    }


def _row(found: Finding) -> Row:
    cell = found.cell
    values = (cell.score, *cell.interval, found.p)
    score, low, high, p = (None if math.isnan(value) else float(value) for value in values)
    accuracy = None if math.isnan(cell.accuracy) else cell.accuracy
    words = sentence(found).text
    return Row(found.result.title, cell.label, cell.layer, score, low, high, p, found.verdict, accuracy, words)


def _run(entry: entries.Entry) -> Run:
    said = entry.manifest
    names = {each.name for each in fields(Row)}
    try:
        rows = tuple(Row(**{name: row[name] for name in names}) for row in said["rows"])
        return Run(entry.key, entry.title, entry.created, said["model"], said["headline"], rows, said["settings"])
    except (KeyError, TypeError) as error:
        raise _damaged(entry, "it is of a form that this program does not know") from error


def _damaged(entry: entries.Entry, reason: str) -> LibraryError:
    return LibraryError(f"The kept test {entry.title} cannot be read: {reason}. Run the test again.")
