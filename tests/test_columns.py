"""What pictures come with beside their class: kept with them, told of each, as numbers or as words, and in tables."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from planted_maps import CLASSES, coloured, made, two_sets

from xai_core.datasets import columns
from xai_core.datasets.dataset import dataset, save
from xai_core.embedding.exporting import as_csv
from xai_core.embedding.request import DrawMap, Source
from xai_core.errors import LibraryError
from xai_core.library import entries
from xai_core.library.home import VARIABLE


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_manifest_without_columns_is_as_it_was_and_one_with_wrong_facts_is_refused() -> None:
    plain = save("old", ("cat",), [(coloured(0), "a", 0, "")], {})
    assert (plain.columns, plain.items[0].facts) == ((), ())
    assert "columns" not in entries.manifest("datasets", plain.key)
    kept = save("new", ("cat",), [(coloured(n), "a", 0, "", (str(n), "y")) for n in (0, 1)], {}, columns=("n", "z"))
    assert [item.facts for item in kept.items] == [("0", "y"), ("1", "y")]

    def later(manifest: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
        del manifest["items"][0]["facts"]
        return manifest

    entries.change("datasets", kept.key, later)
    assert [item.facts for item in dataset(kept.key).items] == [("", ""), ("1", "y")]
    entries.change("datasets", kept.key, lambda found: {**found, "columns": ["n"]})
    with pytest.raises(LibraryError, match="lists no pictures in the form that we know"):
        dataset(kept.key)
    with pytest.raises(ValueError, match="1 facts for 2 columns"):
        save("bad", (), [(coloured(0), "a", None, "", ("x",))], {}, columns=("n", "z"))


def test_many_different_numbers_are_shades_and_few_are_groups() -> None:
    many = columns.numbers("age", [*map(str, range(13)), "", "n/a"])
    assert many is not None
    assert (many.low, many.high) == (0, 12)
    assert np.isnan(many.values[-2:]).all()
    assert columns.numbers("age", [*map(str, range(12))] * 5) is None
    assert columns.numbers("age", [*map(str, range(50)), "old"]) is None
    assert columns.numbers("age", [*map(str, range(50)), "inf"]) is None
    assert columns.words("stars", ["10", "9", "10"]).groups == ("9", "10")
    told = [columns.in_words(each) for each in (0, 2019, 10.5, 69.9, 1250000, 0.123456, 1e-6, -3)]
    assert told == ["0", "2019", "10.5", "69.9", "1,250,000", "0.1235", "1e-06", "-3"]


def test_rare_words_are_folded_into_one_group_and_no_picture_is_lost() -> None:
    said = [*("often",) * 9, *(f"v{number}" for number in range(30) for _ in range(1 + number // 15)), "", "other"]
    found = columns.words("site", said)
    assert len(found.groups) == columns.GROUPS + 1
    assert (found.folded, found.groups[-2:]) == (32 - 19, ("other (13 more)", "not known"))
    for text, at in zip(said, found.of, strict=True):
        assert found.groups[at] in (text, "other (13 more)" if text else "not known")


@pytest.mark.parametrize(
    ("usual", "odd", "low", "high"),
    [
        (range(100), (), "0", "99"),
        (range(13), (), "0", "12"),
        (range(100), (1e6,), "0", "99 and more"),
        (range(100), (-1e6, 5e9), "0 and less", "99 and more"),
        (range(1000), (1e6,) * 10, "0", "999 and more"),
        (range(13), (400,), "0", "12 and more"),
        (range(100), (180,), "0", "180"),
        ((7,) * 3000, range(20), "0", "19"),
    ],
    ids=["even", "few", "one", "both ends", "a hundredth", "one of few", "not far", "all alike"],
)
def test_a_few_outliers_do_not_take_the_colours_from_all_others(
    usual: range | tuple[int, ...], odd: range | tuple[float, ...], low: str, high: str
) -> None:
    found = columns.numbers("price", ["", *map(str, usual), *map(str, odd)])
    assert found is not None
    assert found.ends == (low, high)
    assert [found.low, found.high] == [float(end.split()[0].replace(",", "")) for end in found.ends]
    assert np.array_equal(found.values[1:], [*usual, *odd])  # what is told of a picture is what it came with


def test_colours_begin_and_end_at_the_values_themselves_for_what_nature_makes() -> None:
    for seed in range(50):
        many = np.random.default_rng(seed).normal(size=40 * (seed + 1))
        found = columns.numbers("height", [*map(repr, many.tolist())])
        assert found is not None
        assert (found.low, found.high) == (many.min(), many.max())


def test_what_is_known_of_a_picture_fits_on_a_line() -> None:
    one, two = two_sets()
    assert columns.told(one, one.items[3]) == "camera: phone · age: 3"
    assert columns.told(two, two.items[3]) == ""


def test_a_table_of_the_map_has_the_columns_of_all_its_data_sets_and_no_formula() -> None:
    one, two = two_sets()
    risky = save("risky", (), [(coloured(30), "x", None, "", ("=1+1", "b"))], {}, columns=("x", "camera"))
    shown = made(
        np.zeros((3, 2)), [0] * 3, [-1] * 3, np.zeros((3, 3)),
        request=DrawMap("toy", tuple(Source(each.key, 1) for each in (two, one, risky))), datasets=("a", "b", "c"),
        classes=(CLASSES, CLASSES, ()), sources=np.arange(3, dtype=np.int32), items=np.zeros(3, np.int32),
    )  # fmt: skip
    heading, *rows = csv.reader(io.StringIO(as_csv(shown).decode("utf-8-sig")))
    assert heading[-3:] == ["camera", "age", "x (2)"]
    assert [row[-3:] for row in rows] == [["", "", ""], ["Nikon", "0", ""], ["b", "", "'=1+1"]]
