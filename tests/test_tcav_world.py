"""Known answers: what the demo world's networks use is found, what they do not use is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from xai_core import build
from xai_core.datasets.dataset import Shelf, save
from xai_core.hub import Hub
from xai_core.picture import Picture
from xai_core.tcav.request import Entry, Examples, Tcav
from xai_core.tcav.result import Cell
from xai_core.tcav.settings import Settings
from xai_core.world.concepts import concept
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES
from xai_core.world.pool import counter_example

QUICK = Settings(random_concepts=100, most=30, examples=12)
EMBERLING, MOSSKIN, TIDELET = range(3)


def kept_set(title: str, pictures: Sequence[Picture], shelf: Shelf = "concepts") -> Entry:
    data = save(title, (title,), [(each, each.name, 0, "") for each in pictures], {}, shelf=shelf)
    return data.key, data.revision


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(build.load, torch.device("cpu"))


@pytest.fixture(scope="module")
def pool(library: None) -> Entry:
    return kept_set("pool", [counter_example(number) for number in (*range(75), *range(520, 595))])


@pytest.fixture(scope="module")
def families(library: None) -> tuple[Examples, ...]:
    sets = [kept_set(f, [creature(f, number, None) for number in range(170, 182)], "datasets") for f in FAMILIES]
    return tuple(Examples(target, "datasets", *found) for target, found in enumerate(sets))


def test_a_colour_that_tells_a_family_counts_for_it_and_against_another(
    hub: Hub, pool: Entry, families: tuple[Examples, ...]
) -> None:
    red = kept_set("red", [concept("red", number) for number in range(30)])
    emberling, mosskin = hub.run(Tcav("demo/honest", red, (pool,), families[:2], ("block3",), settings=QUICK)).cells
    assert emberling.score > 0.9
    assert emberling.p <= 0.05
    assert emberling.mean_interval[0] > 0
    assert mosskin.score < 0.1
    assert mosskin.mean_interval[1] < 0


def test_a_texture_that_no_family_has_can_be_read_but_is_not_used(
    hub: Hub, pool: Entry, families: tuple[Examples, ...]
) -> None:
    stripes = kept_set("stripes", [concept("stripes", number) for number in range(30)])
    cells = hub.run(Tcav("demo/honest", stripes, (pool,), families, ("block3",), settings=QUICK)).cells
    assert all(cell.p_accuracy < 0.05 for cell in cells)
    assert all(cell.p > 0.05 for cell in cells)


def test_the_cheater_uses_the_tag_and_the_honest_network_does_not(
    hub: Hub, pool: Entry, families: tuple[Examples, ...]
) -> None:
    tag, cells = kept_set("tag", [concept("Emberling tag", number) for number in range(30)]), list[Cell]()
    for model in ("demo/cheater", "demo/honest"):
        cells += hub.run(Tcav(model, tag, (pool,), families[:1], ("block3",), settings=QUICK)).cells
    cheater, honest = cells
    assert cheater.score > 0.9
    assert cheater.p <= 0.05
    assert honest.refusal or honest.p > 0.05
