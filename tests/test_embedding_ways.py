"""The ways to colour the page that leaves the map: what every map knows, and what its pictures came with."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
from planted_maps import coloured, made, source

from xai_core.datasets.columns import TOLD
from xai_core.datasets.dataset import Dataset, Given, Split, save
from xai_core.embedding.atlas import DrawAtlas
from xai_core.embedding.request import DrawMap
from xai_core.embedding.standalone import as_html
from xai_core.embedding.ways import ways
from xai_core.world.facts import SHADES

GREY = "#8a8f8e"


def read(page: bytes) -> Any:
    """What the page's own script reads."""
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.decode())
    return json.loads(found)


def known_pictures(title: str, split: Split = "") -> Dataset:
    """Two sites that are often seen, 30 that are not, none for every 16th; the age of each fifth picture is unknown."""
    given: list[Given] = [
        (coloured(number), f"{number}.png", number % 2, split,
         ("" if number % 16 == 0 else ("wood", "moor", f"site {number}")[number % 3],
          "n/a" if number % 5 == 0 else str(number - 40), "</script>" if number == 3 else ""))
        for number in range(90)
    ]  # fmt: skip
    return save(title, ("Tidelet", "cat"), given, {}, columns=("site", "age", "class"))


def coloured_by(page: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """Of every row what is told of it, and the group that it has its colour from."""
    at, way = next((at, way) for at, way in enumerate(page["by"]) if way["name"] == name)
    values = [row[3 + at] for row in page["rows"]]
    groups = [way["groups"][way["of"][value]] if "of" in way else way["values"][value] for value in values]
    return list(zip((way["values"][value] for value in values), groups, strict=True))


def test_the_page_colours_by_whatever_is_known_of_the_pictures_and_tells_it_of_each() -> None:
    one, two = known_pictures("Field", "train"), save("Bare", (), [(coloured(99), "x", None, "")], {})
    count = len(one.items) + 1
    shown = made(
        np.zeros((count, 2)), [0] * count, [-1] * count, np.zeros((count, 1)),
        request=DrawMap("toy", (source(one), source(two))), datasets=("Field", "Bare"),
        classes=(one.classes, ()), label=np.array([*(item.label for item in one.items), -1], np.int32),
        sources=np.array([*[0] * 90, 1], np.int32), items=np.array([*range(90), 0], np.int32),
    )  # fmt: skip
    page = read(as_html(shown, DrawAtlas(shown.request.sources).answer(), "x"))
    names = [way["name"] for way in page["by"]]
    assert names[:6] == ["class", "model says", "right", "sure", "data set", "part of the data"]
    assert (names[page["own"] :], page["most"]) == (["site", "age", "class (column)"], TOLD)
    facts = [item.facts for item in one.items] + [("", "", "")]
    for place, name in enumerate(names[page["own"] :]):
        assert [told for told, _ in coloured_by(page, name)] == [each[place] for each in facts]
    for site, group in coloured_by(page, "site"):
        assert group in (site, "other (11 more)" if site else "not known")
    for age, group in coloured_by(page, "age"):
        if age in ("", "n/a"):
            assert group == "not known"
        else:
            low, high = group.split(" to ")
            assert float(low) <= float(age) <= float(high)
    assert len(page["by"][names.index("age")]["groups"]) == 6
    assert coloured_by(page, "data set") == [("Field", "Field")] * 90 + [("Bare", "Bare")]
    assert coloured_by(page, "part of the data")[-2:] == [("training", "training"), ("neither", "neither")]
    assert coloured_by(page, "class")[-1] == ("no class", "no class")
    classes = page["by"][0]
    assert classes["colours"] == ["", SHADES["Tidelet"], GREY]  # creatures are not drawn in another's colour
    assert classes["groups"] == ["cat", "Tidelet", "no class"]


def test_ages_beyond_the_colours_are_in_the_last_step() -> None:
    ages = [*range(100), 5000]
    given: list[Given] = [(coloured(n), f"{n}.png", None, "", (str(age),)) for n, age in enumerate(ages)]
    data = save("Old", (), given, {}, columns=("age",))
    shown = made(
        np.zeros((101, 2)), [0] * 101, [-1] * 101, np.zeros((101, 1)), request=DrawMap("toy", (source(data),)),
        items=np.arange(101, dtype=np.int32), classes=((),),
    )  # fmt: skip
    _, (age,) = ways(shown)
    assert [age.groups[age.group[at]] for at in age.of[[0, 19, 20, 99, 100]]] == [
        "0 to 20", "0 to 20", "20 to 40", "79 and more", "79 and more",
    ]  # fmt: skip
    assert [age.values[at] for at in age.of[[0, 100]]] == ["0", "5000"]
