"""One picture for the whole app: the map and the other pages mark the same one, whichever was used last."""

from __future__ import annotations

import numpy as np

from pages.ui.map import in_step
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core.datasets.dataset import Dataset
from xai_core.embedding.picture_map import PictureMap
from xai_core.samples import sample

pytest_plugins = ["fixtures_map"]


def test_what_is_clicked_on_the_map_is_the_picture_of_every_page(shown: PictureMap, data: Dataset) -> None:
    shelf, kept = Shelf(), Atlas(drawn=shown)
    in_step.keep(shelf, kept, shown)
    assert (kept.current, shelf.picture) == (None, Shelf().picture)  # a sample is on no map
    kept.current = 5
    in_step.keep(shelf, kept, shown)
    assert shelf.picture.digest == data.items[5].digest
    kept.current = 7
    in_step.keep(shelf, kept, shown)
    assert shelf.picture.digest == data.items[7].digest


def test_what_is_chosen_elsewhere_is_marked_on_the_map_if_it_is_there(shown: PictureMap, data: Dataset) -> None:
    shelf, kept = Shelf(), Atlas(drawn=shown, current=2)
    in_step.keep(shelf, kept, shown)
    shelf.show(data.picture(data.items[9]))
    in_step.keep(shelf, kept, shown)
    assert kept.current == 9
    shelf.show(sample("cat"))
    for _ in range(2):  # the mark stays, and takes nothing from the other page, however often the page is run
        in_step.keep(shelf, kept, shown)
        assert (kept.current, shelf.picture) == (9, sample("cat"))


def test_a_picture_whose_file_is_gone_leaves_the_page_working(shown: PictureMap, data: Dataset) -> None:
    shelf, kept = Shelf(), Atlas(drawn=shown)
    in_step.keep(shelf, kept, shown)
    path = data.folder / data.items[11].file
    content = path.read_bytes()
    path.unlink()
    kept.current = 11
    in_step.keep(shelf, kept, shown)
    path.write_bytes(content)
    assert shelf.picture == Shelf().picture


def test_marks_of_an_address_wait_for_their_map(shown: PictureMap) -> None:
    kept = Atlas(rows=np.array([1, 3, 10_000]), current=4, awaited=True)
    kept.show(shown)
    assert (kept.rows.tolist(), kept.current, kept.awaited) == ([1, 3], 4, False)
    again = Atlas(rows=np.array([1, 3]), current=4)
    again.show(shown)
    assert (again.rows.tolist(), again.current) == ([], None)
