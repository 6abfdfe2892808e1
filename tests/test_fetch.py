"""Downloads from a server on this computer: whole, stopped, broken off and continued."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from weights_site import CONTENT, NAME, Notes, Site, failure, fresh_home, parts, serving

from conftest import make_toy
from xai_core import build, zoo
from xai_core.errors import MissingWeights
from xai_core.fetch import Fetch, Fetched
from xai_core.hub import Hub
from xai_core.progress import Cancelled
from xai_core.weights import DAMAGED
from xai_core.zoo import DEFAULT, MODELS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return fresh_home(tmp_path, monkeypatch)


@pytest.fixture
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with serving(monkeypatch) as made:
        yield made


def test_a_download_lands_whole_with_true_progress(site: Site, folder: Path) -> None:
    notes = Notes()
    assert not zoo.ready(MODELS["tiny"])
    assert Fetch("tiny").answer(None, notes) == Fetched(folder / NAME, len(CONTENT))
    assert (folder / NAME).read_bytes() == CONTENT
    assert zoo.ready(MODELS["tiny"])
    assert parts(folder) == []
    fractions = [fraction for fraction, _ in notes.seen]
    assert fractions == sorted(fractions)
    assert any(0.2 < fraction < 0.8 for fraction in fractions)
    assert any("of 1 MB, about" in note and note.endswith("left") for _, note in notes.seen)


def test_what_is_there_is_not_fetched_again(site: Site, folder: Path) -> None:
    Fetch("tiny").answer()
    Fetch("tiny").answer()
    assert len(site.ranges) == 1


def test_a_package_needs_no_fetching() -> None:
    assert Fetch(DEFAULT).answer().bytes > 18_000_000


def test_a_file_that_vanished_is_fetched_again_by_the_same_hub(site: Site, folder: Path) -> None:
    hub = Hub(lambda key, device: make_toy(), torch.device("cpu"))
    hub.run(Fetch("tiny"))
    (folder / NAME).unlink()
    assert hub.run(Fetch("tiny")).path.read_bytes() == CONTENT


def test_a_download_does_not_wait_for_the_device(site: Site) -> None:
    hub = Hub(lambda key, device: make_toy(), torch.device("cpu"))
    busy, done = threading.Event(), threading.Event()

    @dataclass(frozen=True)
    class Long:
        def answer(self, hub: Hub, progress: object) -> int:
            busy.set()
            done.wait()
            return 1

    worker = threading.Thread(target=hub.run, args=(Long(),))
    worker.start()
    busy.wait()
    assert hub.run(Fetch("tiny")).bytes == len(CONTENT)
    done.set()
    worker.join()


@pytest.mark.parametrize("report", range(5))
def test_stop_at_any_report_leaves_no_file_to_be_mistaken_for_the_whole(report: int, site: Site, folder: Path) -> None:
    with pytest.raises(Cancelled):
        Fetch("tiny").answer(None, Notes(stop_at=report))
    assert not (folder / NAME).exists()
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT
    assert parts(folder) == []


def test_stop_does_not_wait_for_a_silent_server(site: Site) -> None:
    site.silent = True
    with pytest.raises(Cancelled):
        Fetch("tiny").answer(None, Notes(stop_at=3))


def test_a_broken_download_goes_on_from_where_it_was(site: Site, folder: Path) -> None:
    site.stops_after = 300_000
    assert "ended after 0.3 of 0.8 MB; try again, and it goes on from there" in failure()
    assert not (folder / NAME).exists()
    site.stops_after = None
    Fetch("tiny").answer()
    assert site.ranges == [None, "bytes=300000-"]
    assert (folder / NAME).read_bytes() == CONTENT
    assert parts(folder) == []


def test_a_server_that_cannot_continue_begins_anew(site: Site, folder: Path) -> None:
    site.stops_after, site.continues = 300_000, False
    failure()
    site.stops_after = None
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_a_part_that_went_bad_costs_one_more_try(site: Site, folder: Path) -> None:
    site.stops_after = 300_000
    failure()
    (part,) = parts(folder)
    part.write_bytes(bytes(300_000))
    site.stops_after = None
    assert "not the file that was asked for" in failure()
    assert parts(folder) == []
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_thrown_away(site: Site, folder: Path) -> None:
    site.stops_after = 300_000
    failure()
    (part,) = parts(folder)
    part.write_bytes(CONTENT * 2)
    site.stops_after = None
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_a_part_that_the_server_refuses_to_continue_is_thrown_away(site: Site, folder: Path) -> None:
    site.stops_after = 300_000
    failure()
    site.stops_after, site.content = None, CONTENT[:1000]
    assert "answered 416" in failure()
    site.content = CONTENT
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT


def test_what_a_dead_process_left_is_continued_and_old_leftovers_are_swept(site: Site, folder: Path) -> None:
    folder.mkdir(parents=True)
    long, short = folder / f"{NAME}.aaaaaaaa.part", folder / f"{NAME}.bbbbbbbb.part"
    busy, stale = folder / f"{NAME}.cccccccc.part", folder / "other-12345678.pth.dddddddd.part"
    for path, size in ((long, 500_000), (short, 100), (busy, 600_000), (stale, 10)):
        path.write_bytes(CONTENT[:size])
    for path, age in ((long, 300), (short, 300), (stale, 8 * 86400)):
        os.utime(path, (time.time() - age,) * 2)
    Fetch("tiny").answer()
    assert site.ranges == ["bytes=500000-"]
    assert parts(folder) == [busy]  # another process is writing that one


def test_two_visitors_cause_one_download(site: Site) -> None:
    site.silent = True
    started, over = threading.Event(), threading.Event()

    def first(fraction: float, note: str = "") -> None:
        started.set()
        if over.is_set():
            raise Cancelled

    def visit() -> None:
        with suppress(Cancelled):
            Fetch("tiny").answer(None, first)

    worker = threading.Thread(target=visit)
    worker.start()
    started.wait()
    with pytest.raises(Cancelled):
        Fetch("tiny").answer(None, Notes(word="somebody else is downloading"))
    over.set()
    worker.join()
    assert len(site.ranges) == 1


def test_a_damaged_file_is_replaced(site: Site, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(bytes(len(CONTENT)))
    with pytest.raises(MissingWeights, match="damaged and was not used"):
        build.load("tiny", torch.device("cpu"))
    assert [path.name for path in folder.iterdir()] == [NAME + DAMAGED]
    (folder / NAME).write_bytes(bytes(len(CONTENT)))
    assert Fetch("tiny").answer().path.read_bytes() == CONTENT
    assert parts(folder) == []
