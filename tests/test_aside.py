"""Work that is done once, aside: whoever waits for it may leave, and it is there for the next."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from xai_core import aside
from xai_core.aside import Aside
from xai_core.embedding import umap_layout
from xai_core.embedding.layouts import lay_out
from xai_core.embedding.settings import Settings
from xai_core.progress import Cancelled, silent


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "LOOK", 0.01)


class Slow:
    """Work that goes on until it is let go, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = {"a": threading.Event(), "b": threading.Event()}
        self.aside = Aside(self.work)

    def work(self, key: str) -> None:
        self.begun.append(key)
        assert self.go[key].wait(30)


def then(*acts: Callable[[], object]) -> Callable[[float, str], None]:
    """A progress that does one of these at each report, the last again and again."""
    left = list(acts)

    def progress(share: float, note: str) -> None:
        (left.pop(0) if len(left) > 1 else left[0])()

    return progress


def stop() -> None:
    raise Cancelled


def test_one_who_stops_leaves_at_once_and_the_next_finds_it_begun() -> None:
    slow = Slow()
    for _ in range(2):
        with pytest.raises(Cancelled):
            slow.aside.wait("a", then(stop), "")
    slow.aside.wait("a", then(slow.go["a"].set), "")
    slow.aside.wait("a", then(stop), "")  # it is there: nobody waits
    assert slow.begun == ["a"]


def test_two_kinds_are_never_under_way_together() -> None:
    slow = Slow()
    with pytest.raises(Cancelled):
        slow.aside.wait("a", then(stop), "")
    with pytest.raises(Cancelled):
        slow.aside.wait("b", then(lambda: None, stop), "")
    assert slow.begun == ["a"]
    slow.go["a"].set()
    slow.aside.wait("b", then(slow.go["b"].set), "")
    assert slow.begun == ["a", "b"]


def test_one_whose_kind_is_there_waits_for_the_other_that_somebody_left() -> None:
    slow = Slow()
    slow.go["a"].set()
    slow.aside.wait("a", silent, "")
    with pytest.raises(Cancelled):
        slow.aside.wait("b", then(stop), "")
    with pytest.raises(Cancelled):
        slow.aside.wait("a", then(stop), "")
    slow.aside.wait("a", then(slow.go["b"].set), "")


def test_what_goes_wrong_is_told_and_tried_again() -> None:
    tried: list[str] = []

    def work(key: str) -> None:
        tried.append(key)
        if len(tried) == 1:
            raise OSError("no room")

    once = Aside(work)
    with pytest.raises(OSError, match="no room"):
        once.wait("a", silent, "")
    once.wait("a", silent, "")
    assert tried == ["a", "a"]


def test_umap_can_be_stopped_while_it_gets_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    go, told = threading.Event(), []

    def progress(share: float, note: str) -> None:
        told.append(note)
        raise Cancelled

    monkeypatch.setattr(umap_layout, "find_spec", lambda _: True)
    monkeypatch.setattr(umap_layout, "_compiled", Aside(lambda approximate: go.wait(30) and None))
    rows = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    with pytest.raises(Cancelled):
        lay_out(rows, Settings(layout="umap"), progress=progress)
    go.set()
    assert "getting ready" in told[0]
