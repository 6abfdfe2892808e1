"""An entry that somebody or something has harmed: set aside whole, told of, and the others load."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kept_entries import everything, with_file

from xai_core.errors import LibraryError
from xai_core.library import entries, manifests, rooms
from xai_core.library.home import VARIABLE


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


Harm = Callable[[Path], object]


def newer(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 2}))


def edited(path: Path) -> None:
    path.write_text(path.read_text().replace('"value": 1', '"value": 7'))


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


HARMS: list[tuple[Harm, str]] = [
    (lambda path: path.write_bytes(path.read_bytes()[:40]), "is cut off or damaged"),
    (lambda path: path.write_bytes(b""), "is cut off or damaged"),
    (lambda path: path.write_bytes(b"\xff\xfe\0"), "is cut off or damaged"),
    (lambda path: path.write_bytes(b"[" * 100_000), "is cut off or damaged"),
    (lambda path: path.write_text("[1, 2]"), "is of a form that this program does not know"),
    (lambda path: path.write_text('{"schema": 1}'), "is of a form that this program does not know"),
    (newer, "comes from a newer version of this program"),
    (edited, "its checksum is wrong"),
    (folder_instead, "is a folder in the place of a file"),
]


@pytest.mark.parametrize(("harm", "words"), HARMS)
def test_a_damaged_entry_is_set_aside_whole_and_the_others_load(library: Path, harm: Harm, words: str) -> None:
    good, bad = (entries.create("models", title, with_file) for title in ("good", "bad"))
    harm(library / "models" / bad / "manifest.json")
    harmed = set(everything(library / "models" / bad).values())
    first, again = entries.listing("models"), entries.listing("models")
    assert [entry.key for entry in first.entries] == [good]
    assert first == again  # said again until somebody looks after it
    assert words in first.messages[0]
    assert "bad.corrupt-2" in first.messages[0]
    (aside,) = (library / "models").glob("bad.corrupt-*")
    assert set(everything(aside).values()) == harmed
    with pytest.raises(LibraryError, match="There is no model bad"):
        entries.manifest("models", bad)


@pytest.mark.parametrize(("harm", "words"), [pair for pair in HARMS if pair[0] is not newer])
def test_a_damaged_manifest_gives_way_to_the_one_before_it(library: Path, harm: Harm, words: str) -> None:
    key = entries.create("models", "bad", with_file)
    entries.change("models", key, lambda found: {**found, "more": 1})
    harm(library / "models" / key / "manifest.json")
    found = entries.listing("models")
    assert [(entry.key, entry.revision) for entry in found.entries] == [(key, 1)]
    assert words in found.messages[0]
    assert entries.listing("models") == found
    assert entries.change("models", key, lambda found: found) == 2


def test_what_a_newer_program_wrote_is_not_hidden_by_an_old_backup(library: Path) -> None:
    key = entries.create("models", "bad", with_file)
    entries.change("models", key, lambda found: found)
    newer(library / "models" / key / "manifest.json")
    found = entries.listing("models")
    assert found.entries == ()
    assert "newer version" in found.messages[0]


def test_damage_is_never_written_over(library: Path) -> None:
    for _ in range(3):
        key = entries.create("models", "bad", with_file)
        (library / "models" / key / "manifest.json").write_text("{")
        entries.listing("models")
    assert len(list((library / "models").glob("bad.corrupt-*"))) == len(entries.listing("models").messages) == 3


def test_a_manifest_that_may_not_be_read_is_set_aside(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = entries.create("models", "bad", with_file)

    def refuse(path: Path, *_: object) -> dict[str, Any]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(manifests, "_parsed", refuse)
    found = entries.listing("models")
    assert "may not be read by this program" in found.messages[0]
    assert not (library / "models" / key).exists()


def test_a_library_that_cannot_be_written_still_shows_what_is_whole(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries.create("models", "good", with_file)
    bad = entries.create("models", "bad", with_file)
    (library / "models" / bad / "manifest.json").write_text("{")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(rooms, "FileLock", refuse)
    found = entries.listing("models")
    assert [entry.key for entry in found.entries] == ["good"]
    assert "cannot be set aside: Read-only file system" in found.messages[0]


def test_without_a_library_that_could_be_made_nothing_is_in_it_and_the_reason_is_told(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.mkdir(exist_ok=True)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(rooms, "home", lambda: library)
    found = entries.listing("models")
    assert found.entries == ()
    assert found.messages[0].startswith("The folder of models cannot be used: this program may not write there.")


def test_a_folder_that_a_person_put_there_is_seen_and_a_stray_file_is_not(library: Path) -> None:
    entries.listing("concepts")
    (library / "concepts" / "striped").mkdir()
    (library / "concepts" / "notes.txt").write_text("mine")
    found = entries.listing("concepts")
    assert found.dropped_in == ("striped",)
    assert found.messages == ()
