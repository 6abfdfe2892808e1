"""What leaves the map: tiles, a table, a zip, and a page that needs nothing from outside."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from planted_maps import EACH, coloured, made, source, world

from xai_core.datasets import columns
from xai_core.datasets.dataset import Dataset, Given, dataset, save
from xai_core.datasets.importing import ImportDataset
from xai_core.embedding import atlas
from xai_core.embedding.atlas import DrawAtlas
from xai_core.embedding.exporting import COLUMNS, as_csv, as_zip
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.request import DrawMap
from xai_core.embedding.standalone import as_html
from xai_core.library import incoming
from xai_core.library.home import VARIABLE

HOSTILE = "</script><script>alert(1)</script> {{data}} & =1+1"
COUNT = 3 * EACH


@pytest.fixture(scope="module")
def data() -> Dataset:
    return world("colours to export")


@pytest.fixture
def shown(data: Dataset) -> PictureMap:
    """Rows run against the data set's order; the first two rows are twins, the third has no class."""
    items = np.arange(COUNT, dtype=np.int32)[::-1].copy()
    label = items % 3
    label[2] = -1
    twins = np.arange(COUNT)
    twins[1] = 0
    points = np.stack([np.arange(COUNT) / 7, -np.arange(COUNT)], axis=1)
    changes = {"items": items, "twins": twins, "request": DrawMap("toy", (source(data, *items.tolist()),))}
    return made(points, (items + (items == 5)) % 3, label, np.zeros((COUNT, 1)), **changes)


def test_the_table_says_of_every_row_what_the_map_shows(shown: PictureMap) -> None:
    lines = list(csv.DictReader(io.StringIO(as_csv(shown).decode("utf-8-sig"))))
    assert tuple(lines[0]) == COLUMNS
    assert [line["picture"] for line in lines] == [f"{number}.png" for number in range(COUNT)[::-1]]
    assert lines[7] == {
        "picture": f"{COUNT - 8}.png",
        "data set": "Pets",
        "x": "1",
        "y": "-7",
        "class": ("cat", "dog", "fox")[(COUNT - 8) % 3],
        "model says": ("cat", "dog", "fox")[(COUNT - 8) % 3],
        "probability": "0.800000",
        "right": "yes",
        "same as row": "",
    }
    assert (lines[1]["same as row"], lines[2]["class"], lines[2]["right"]) == ("1", "", "")
    assert [line["right"] for line in lines].count("no") == 1
    some = list(csv.DictReader(io.StringIO(as_csv(shown, [9, 4]).decode("utf-8-sig"))))
    assert some == [lines[9], lines[4]]


def test_a_name_is_no_formula(shown: PictureMap) -> None:
    lines = as_csv(replace(shown, datasets=("=1+1",), labels=("@cat", "dog", "fox"))).decode("utf-8-sig")
    assert "'=1+1" in lines
    assert "'@cat" in lines


def test_the_zip_holds_the_very_files_by_class_and_the_table(shown: PictureMap, data: Dataset) -> None:
    archive = zipfile.ZipFile(io.BytesIO(as_zip(shown, [0, 2, 7, 8])))
    assert len(archive.namelist()) == 5
    item = data.items[COUNT - 1]
    assert archive.read(f"fox/{item.file.rpartition('/')[2]}") == (data.folder / item.file).read_bytes()
    assert sum(name.startswith("no class/") for name in archive.namelist()) == 1
    files = [name for name in archive.namelist() if name != "map.csv"]
    told = list(csv.DictReader(io.StringIO(archive.read("map.csv").decode("utf-8-sig"))))
    assert [line.pop("file") for line in told] == files
    assert told == list(csv.DictReader(io.StringIO(as_csv(shown, [0, 2, 7, 8]).decode("utf-8-sig"))))
    assert as_zip(shown, [0, 2]) == as_zip(shown, [0, 2])


def test_a_zip_from_the_map_is_a_data_set_again_with_all_that_was_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Given] = [(coloured(n), "1.png", n % 2, "", (f"={n}", str(-n))) for n in range(60, 66)]
    data = save("Twins", ("a", "b"), given, {}, columns=("site", "depth"))
    shown = made(
        np.zeros((6, 2)), [0] * 6, [-1] * 6, np.zeros((6, 1)), request=DrawMap("toy", (source(data),)),
        items=np.arange(6, dtype=np.int32), label=np.array([item.label for item in data.items], np.int32),
        classes=(data.classes,),
    )  # fmt: skip
    packed = as_zip(shown, range(6))
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    again = dataset(ImportDataset(incoming.stage([("map.zip", packed)]), "again").answer().key)
    known = {item.digest: columns.row(again, item, ("site", "depth", "class", "model says")) for item in again.items}
    assert known == {item.digest: (*item.facts, data.classes[item.label or 0], "cat") for item in data.items}


def test_a_tile_is_the_middle_of_its_picture_row_by_row(shown: PictureMap) -> None:
    drawn = DrawAtlas(shown.request.sources, 48).answer()
    assert (drawn.count, drawn.missing, len(drawn.sheets)) == (COUNT, 0, 1)
    tiles = drawn.tiles()
    assert tiles.shape == (COUNT, 48, 48, 3)
    sheet = Image.open(io.BytesIO(drawn.sheets[0]))
    for row in (0, 1, 30, 47):
        wanted = coloured(COUNT - 1 - row).pixels.mean((0, 1))
        np.testing.assert_allclose(tiles[row].mean((0, 1)), wanted, atol=8)
        _, left, top = drawn.place(row)
        cut = np.asarray(sheet.crop((left, top, left + 48, top + 48)).convert("RGB"))
        np.testing.assert_array_equal(cut, tiles[row])


def test_many_tiles_go_on_several_sheets_and_come_from_the_disk_the_next_time(
    shown: PictureMap, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    located = [(data, item) for item in data.items] * 5
    monkeypatch.setattr(atlas, "LONGEST", 64)
    monkeypatch.setattr(atlas, "ACROSS", 50)
    drawn = atlas.atlas(located, 32)
    assert [Image.open(io.BytesIO(sheet)).size for sheet in drawn.sheets] == [(1600, 64), (1600, 64), (1600, 32)]
    assert drawn.place(120) == (1, 640, 0)
    tiles = drawn.tiles()
    assert tiles.shape == (240, 32, 32, 3)
    for row in (0, 99, 100, 239):
        np.testing.assert_allclose(tiles[row].mean((0, 1)), coloured(row % COUNT).pixels.mean((0, 1)), atol=8)

    def undrawn(*_: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(atlas, "_tile", undrawn)
    assert atlas.atlas(located, 32).sheets == drawn.sheets
    with pytest.raises(AssertionError, match="drawn again"):
        atlas.atlas(located[1:], 32)


def test_a_picture_that_is_gone_is_a_grey_tile_and_is_counted() -> None:
    data = save("gone", ("cat",), ((coloured(900 + n), f"{n}.png", 0, "") for n in range(12)), {})
    (data.folder / data.items[4].file).unlink()
    data.thumbnail(data.items[3])
    for left in data.folder.rglob("*.jpg"):
        left.unlink()
    drawn = DrawAtlas((source(data),)).answer()
    assert drawn.missing == 1
    assert np.abs(drawn.tiles()[4, 8:-8, 8:-8].astype(int) - 160).max() < 6


def test_tiles_have_a_few_sizes() -> None:
    with pytest.raises(ValueError, match="one of 32, 48, 64"):
        DrawAtlas((), 33)


class Page(HTMLParser):
    """Tags with their attributes, and the text of scripts and headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open, []).append(data)

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


def test_the_page_holds_every_row_and_no_address_outside(shown: PictureMap) -> None:
    drawn = DrawAtlas(shown.request.sources).answer()
    page = Page(text := as_html(replace(shown, labels=("cat", HOSTILE, "fox")), drawn, HOSTILE).decode())
    assert page.texts["h1"][0] == HOSTILE
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not {name for _, attributes in page.tags for name in attributes} & {"src", "href", "action", "srcset"}
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text
    data = json.loads(page.texts["script"][0])
    assert [row[:3] for row in data["rows"][:2]] == [[0, 0, "47.png"], [0.14286, -1, "46.png"]]
    assert len(data["rows"]) == COUNT
    own, says, right, sure = ([each["values"][row[3 + n]] for row in data["rows"]] for n, each in enumerate(data["by"]))
    assert own == [shown.own_label(row) or "no class" for row in range(COUNT)]
    assert says == [("cat", HOSTILE, "fox")[label] for label in shown.predicted]
    assert right[2] == "unknown"
    assert right.count("no") == 1
    assert set(sure) == {"70 to 90 %"}
    (sheet,) = data["sheets"]
    assert base64.b64decode(sheet.removeprefix("data:image/webp;base64,")) == drawn.sheets[0]
    assert (data["side"], data["across"], data["full"]) == (32, 100, 100)


def test_another_maps_tiles_do_not_go_on_the_page(shown: PictureMap, data: Dataset) -> None:
    with pytest.raises(ValueError, match="the map has 48 pictures, the atlas 12"):
        as_html(shown, DrawAtlas((source(data, *range(12)),)).answer(), "Map")
