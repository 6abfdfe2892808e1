"""Who is on which side: class by class, the same for a seed, and never one content on two sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xai_core.datasets.dataset import Dataset, Item, Split
from xai_core.errors import UnusableData
from xai_core.training.recipe import recipe
from xai_core.training.split import PARTS, counts, split

CLASSES = ("grookin", "sobbit", "scorbun")


def items(label: int | None, count: int, part: Split = "", prefix: str = "") -> list[Item]:
    names = [f"{prefix}{label}-{part}-{number}" for number in range(count)]
    return [Item(f"{name}.png", label, part, name, f"{name}.png") for name in names]


def data_of(*groups: list[Item], classes: tuple[str, ...] = CLASSES) -> Dataset:
    return Dataset("key", "Starters", 1, classes, tuple(item for group in groups for item in group))


def test_every_picture_is_on_one_side_and_every_class_on_all() -> None:
    data = data_of(items(0, 50), items(1, 20), items(2, 5), items(None, 4))
    parts = split(data, recipe("head"))
    assert sorted(parts.everything) == list(range(75))
    assert counts(data, parts) == {
        "train": {"grookin": 30, "sobbit": 12, "scorbun": 3},
        "validation": {"grookin": 10, "sobbit": 4, "scorbun": 1},
        "test": {"grookin": 10, "sobbit": 4, "scorbun": 1},
    }


@pytest.mark.parametrize("shares", [{"validation": 0.4, "test": 0.4}, {"validation": 0.05, "test": 0.05}])
def test_the_most_extreme_shares_leave_something_of_each_class_on_each_side(shares: dict[str, float]) -> None:
    data = data_of(items(0, 5), items(1, 6), items(2, 200))
    table = counts(data, split(data, replace(recipe("head"), **shares)))
    assert min(min(each.values()) for each in table.values()) >= 1
    assert table["test"]["scorbun"] == round(200 * shares["test"])


def test_the_same_seed_splits_alike_and_another_one_does_not() -> None:
    data, how = data_of(items(0, 30), items(1, 30), items(2, 30)), recipe("head")
    assert split(data, how) == split(data, how)
    assert split(data, how).test != split(data, replace(how, seed=1)).test


def test_copies_never_lie_on_two_sides_and_contradictions_on_none() -> None:
    originals = items(0, 20) + items(1, 20) + items(2, 20)
    copies = [Item(f"copy of {item.file}", item.label, "", item.digest, item.name) for item in originals[::2]]
    liar = Item("liar.png", 2, "", originals[1].digest, "liar.png")
    data = data_of(originals, copies, [liar])
    parts = split(data, recipe("head"))
    shown = [data.items[number].digest for number in parts.everything]
    assert len(shown) == len(set(shown)) == 59
    assert (parts.copies, parts.contradictions) == (30, 2)
    assert liar.digest not in shown


def test_parts_that_the_data_set_brings_are_kept() -> None:
    every = [items(label, 10, part) for label in range(3) for part in PARTS]
    data = data_of(*every)
    parts = split(data, recipe("head"))
    assert parts.given == ("validation", "test")
    for name in PARTS:
        assert {data.items[number].split for number in parts.part(name)} == {name}


def test_a_missing_part_is_taken_from_the_pictures_to_learn_from_alone() -> None:
    data = data_of(*(items(label, count, part) for label in range(3) for part, count in (("train", 20), ("test", 6))))
    parts = split(data, recipe("head"))
    assert parts.given == ("test",)
    assert {data.items[number].split for number in parts.validation} == {"train"}
    assert counts(data, parts)["validation"] == dict.fromkeys(CLASSES, 4)
    assert counts(data, parts)["test"] == dict.fromkeys(CLASSES, 6)


def test_a_picture_that_is_also_in_the_given_test_is_not_learned_from() -> None:
    tested = items(0, 6, "test") + items(1, 6, "test") + items(2, 6, "test")
    leaks = [Item(f"leak {item.file}", item.label, "train", item.digest, item.name) for item in tested[:2]]
    data = data_of(leaks, items(0, 20, "train"), items(1, 20, "train"), items(2, 20, "train"), tested)
    parts = split(data, recipe("head"))
    assert not {item.digest for item in leaks} & {data.items[number].digest for number in parts.train}
    assert len(parts.test) == 18


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (
            (items(0, 9), items(1, 2), items(2, 9)),
            "“sobbit” has 2 different pictures to learn from, and 5 are the least",
        ),
        ((items(0, 9), items(1, 1), items(2, 9)), "“sobbit” has 1 different picture to learn from"),
        ((items(0, 9), items(2, 9)), "“sobbit” has 0 different pictures"),
        ((items(0, 9), items(1, 2, "train"), items(1, 9, "test"), items(2, 9)), "3 are the least. Add 1 more to it"),
    ],
)
def test_a_class_with_too_few_pictures_is_named_with_what_to_add(groups: tuple[list[Item], ...], words: str) -> None:
    with pytest.raises(UnusableData, match=words):
        split(data_of(*groups), recipe("head"))


def test_one_class_alone_cannot_be_told_apart() -> None:
    with pytest.raises(UnusableData, match=r"“Starters” has 1 class; .* at least two"):
        split(data_of(items(0, 30), classes=("grookin",)), recipe("head"))
