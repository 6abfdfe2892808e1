"""UMAP's own limits, and its progress bar, by which it tells its steps and is ended."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from planted_maps import planted, prepared
from tqdm import tqdm
from tqdm.std import TqdmDefaultWriteLock

from xai_core.embedding import checks, umap_layout
from xai_core.embedding.layouts import lay_out
from xai_core.embedding.settings import Settings
from xai_core.errors import UnusableData
from xai_core.progress import Cancelled

ROWS, _ = planted()
REDUCED = prepared(ROWS)


def test_umap_with_more_neighbours_than_pictures_is_refused() -> None:
    with pytest.raises(UnusableData, match="these are 12"):
        checks.umap_neighbours(Settings(layout="umap"), 12)


def test_umap_where_it_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(umap_layout, "find_spec", lambda _: None)
    with pytest.raises(UnusableData, match="pip install umap-learn"):
        lay_out(REDUCED, Settings(layout="umap"))


@pytest.mark.parametrize("ended_by", ["stop", "enough", "epochs", "nobody"])
def test_umaps_progress_bar_tells_every_tenth_epoch_and_ends_it_when_asked(ended_by: str) -> None:
    told: list[str] = []
    moving = np.zeros((3, 2), np.float32)
    seen: list[float] = []

    def progress(share: float, note: str) -> None:
        told.append(note)
        if ended_by == "stop" and share == 0.5:
            raise Cancelled

    def watch(points: np.ndarray) -> bool:
        seen.append(float(points[0, 0]))
        return ended_by == "enough" and len(seen) == 2

    file = umap_layout.Bar(moving, 40, 20 if ended_by == "epochs" else 0, watch, progress, tqdm.get_lock())
    ends = {"stop": Cancelled, "nobody": None}.get(ended_by, umap_layout.Enough)
    with pytest.raises(ends) if ends else contextlib.nullcontext():
        for _ in tqdm(range(40), file=file, **umap_layout.BAR):
            moving += 1
    assert file.made == (40 if ended_by == "nobody" else 20)
    assert told[:2] == ["pulling neighbours together, step 10 of 40", "pulling neighbours together, step 20 of 40"]
    assert len(told) == (4 if ended_by == "nobody" else 2)
    assert seen == {"stop": [10], "nobody": [10, 20, 30]}.get(ended_by, [10, 20])
    with ThreadPoolExecutor(1) as other:  # whatever ended it, bars of other threads go on
        assert other.submit(TqdmDefaultWriteLock.th_lock.acquire, blocking=False).result()
        other.submit(TqdmDefaultWriteLock.th_lock.release).result()
