"""What is kept stays kept: entries appear whole, change one writer at a time, and come back."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kept_entries import everything, with_file

from xai_core.errors import LibraryError
from xai_core.library import entries, manifests, remembered
from xai_core.library.filenames import Names, stem
from xai_core.library.home import VARIABLE, home

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def fails(folder: Path) -> dict[str, Any]:
    (folder / "half").write_bytes(b"1")
    raise ValueError("stopped")


def test_an_entry_is_a_folder_named_by_its_title_with_a_manifest_anybody_can_read(library: Path) -> None:
    key = entries.create("models", "Cats / dogs: é", with_file)
    found = json.loads((library / "models" / key / "manifest.json").read_text(encoding="utf-8"))
    assert key == "Cats dogs_ é"
    assert (found["schema"], found["revision"], found["title"], found["value"]) == (1, 1, "Cats dogs: é", 1)
    assert (library / "models" / key / "weights").read_bytes() == b"123"
    assert found["created"].endswith("+00:00")


def test_two_entries_of_one_title_have_two_folders() -> None:
    assert [entries.create("models", title, with_file) for title in ("a", "A", "a")] == ["a", "A (2)", "a (3)"]


def test_nothing_is_left_of_an_entry_whose_making_was_stopped(library: Path) -> None:
    with pytest.raises(ValueError, match="stopped"):
        entries.create("models", "a", fails)
    assert entries.listing("models").entries == ()
    assert not everything(library / "models" / ".staging")


def test_a_change_keeps_the_books_and_the_manifest_before_it(library: Path) -> None:
    key = entries.create("models", "a", with_file)
    before = entries.manifest("models", key)
    revision = entries.change("models", key, lambda found: {**found, "value": 2, "revision": 99, "created": "never"})
    after = entries.manifest("models", key)
    assert revision == after["revision"] == 2
    assert (after["value"], after["created"]) == (2, before["created"])
    assert json.loads((library / "models" / key / "manifest.json.bak").read_text()) == before


def test_what_a_caller_does_to_a_manifest_changes_nothing() -> None:
    key = entries.create("models", "a", lambda folder: {"list": [1]})
    entries.manifest("models", key)["list"].append(2)
    assert entries.manifest("models", key)["list"] == [1]


def test_a_removed_entry_comes_back_under_its_key_which_nobody_was_given_meanwhile() -> None:
    first = entries.create("models", "a", with_file)
    token = entries.remove("models", first)
    assert entries.listing("models").entries == ()
    assert entries.create("models", "a", lambda folder: {"value": 2}) != first
    back = entries.restore("models", token)
    assert back == first
    assert entries.manifest("models", back)["value"] == 1
    with pytest.raises(LibraryError, match="can no longer be brought back"):
        entries.restore("models", token)


@pytest.mark.parametrize("key", ["", ".", "..", ".staging", "../models", "a/b", "a\\b", "C:", "a\0"])
def test_no_key_leads_out_of_its_folder(key: str) -> None:
    with pytest.raises(LibraryError, match="There is no model"):
        entries.manifest("models", key)


def test_two_programs_of_fifty_saves_each_make_a_hundred() -> None:
    key = entries.create("concepts", "a", lambda folder: {"saved": []})
    code = (
        "import sys\nfrom xai_core.library import entries\nprint(flush=True)\nsys.stdin.readline()\n"
        "for number in range(50):\n"
        "    add = lambda found: {**found, 'saved': [*found['saved'], f'{sys.argv[1]} {number}']}\n"
        f"    entries.change('concepts', {key!r}, add)"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    programs = [subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT, **pipes) for name in ("one", "two")]
    for program in programs:
        program.stdout.readline()  # both are ready
    for program in programs:
        program.stdin.write(b"\n")
        program.stdin.close()
    assert [program.wait() for program in programs] == [0, 0]
    found = entries.manifest("concepts", key)
    assert sorted(found["saved"]) == sorted(f"{name} {number}" for name in ("one", "two") for number in range(50))
    assert found["revision"] == 101


def test_a_full_disk_costs_nothing_that_was_there(library: Path) -> None:
    key = entries.create("models", "a", with_file)
    before = everything(library / "models" / key)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))  # the system cuts every longer file off
    try:
        with pytest.raises(LibraryError, match=r"^The model a was not changed: the disk is full\. Nothing that was"):
            entries.change("models", key, lambda found: {**found, "value": "x" * 20_000})
        with pytest.raises(LibraryError, match=r"^The model b was not saved: the disk is full"):
            entries.create("models", "b", lambda folder: {"size": (folder / "w").write_bytes(b"x" * 20_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert everything(library / "models" / key) == before
    assert [entry.key for entry in entries.listing("models").entries] == [key]
    assert not everything(library / "models" / ".staging")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, "this program may not write there"),
        (errno.EACCES, "this program may not write there"),
        (errno.EIO, "the disk reports “Input/output error”"),
    ],
)
def test_a_disk_that_refuses_is_said_in_words(
    library: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    key = entries.create("models", "a", with_file)
    before = everything(library / "models" / key)

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(manifests.os, "replace", refuse)
    with pytest.raises(LibraryError, match=words):
        entries.change("models", key, lambda found: {**found, "value": 2})
    assert everything(library / "models" / key) == before


def test_a_name_that_the_computers_language_has_no_letters_for_is_said(library: Path) -> None:
    def fill(folder: Path) -> dict[str, object]:
        "Kätzchen".encode("ascii")  # as the system does with names of files
        return {}

    with pytest.raises(LibraryError, match=r"no letters for “ä”\. Start this program again with PYTHONUTF8"):
        entries.create("datasets", "cats", fill)
    assert entries.listing("datasets").entries == ()


def test_a_home_that_is_no_folder_is_refused_in_words(library: Path) -> None:
    library.write_text("a file")
    with pytest.raises(LibraryError, match=r"something that is not a folder is in its place\. Set SECOND_LOOK_HOME"):
        home()


def test_without_a_wish_the_library_lies_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path / "data" / name)
    assert home() == tmp_path / "data" / "second-look"
    assert home().is_dir()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("a/b\\c.d", "c.d"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("-rf", "_-rf"),
        ("...", "unnamed"),
        ('<>:"|?*', "unnamed"),
        ("what? now", "what_ now"),
        ("猫", "猫"),
    ],
)
def test_a_name_on_disk_means_the_same_everywhere(label: str, name: str) -> None:
    assert stem(label) == name


def test_a_name_on_disk_is_never_too_long() -> None:
    assert len(stem("猫" * 500).encode()) <= 120


def test_twenty_thousand_files_of_one_name_are_named_quickly_and_differently() -> None:
    names = Names()
    assert len({names.free("a", ".jpg").casefold() for _ in range(20_000)}) == 20_000


def test_every_file_is_on_the_disk_before_the_entry_appears(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []

    def remember(handle: int) -> None:
        assert not (library / "models" / "a").exists() or os.path.samestat(os.fstat(handle), rooms)
        flushed.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)

    def fill(folder: Path) -> dict[str, Any]:
        (folder / "inner" / ".small").mkdir(parents=True)
        for name in ("one", "inner/two", "inner/.small/three"):
            (folder / name).write_bytes(b"1")
        return {}

    entries.listing("models")
    rooms = os.stat(library / "models")
    monkeypatch.setattr(manifests.os, "fsync", remember)
    entries.create("models", "a", fill)
    assert {"one", "two", "inner"} <= set(flushed)
    assert "three" not in flushed
    assert flushed[-1] == "models"


def test_within_a_run_a_folder_is_read_once_until_something_changes(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    folders = entries._folders
    monkeypatch.setattr(entries, "_folders", lambda place, kind: read.append(kind) or folders(place, kind))  # type: ignore[func-returns-value]

    def titles() -> list[str]:
        return [entry.title for entry in entries.listing("models").entries]

    key = entries.create("models", "a", with_file)
    with remembered.once():
        assert [titles(), titles(), titles()] == [["a"]] * 3
        assert read == ["models"]
        entries.change("models", key, lambda found: {**found, "title": "b"})
        assert [titles(), titles()] == [["b"]] * 2
        assert len(read) == 2
        shutil.copytree(library / "models" / key, library / "models" / "other")  # as another program may
        assert [titles(), titles()] == [["b", "b"]] * 2
        assert len(read) == 3
    titles(), titles()
    assert len(read) == 5
