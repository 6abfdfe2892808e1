"""Which pictures a model is judged on, what is said about those it has seen, and that it sees them as it should."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from conftest import make_toy
from xai_core import build
from xai_core.datasets.dataset import Dataset, Given, Item, Split, save
from xai_core.errors import UnusableData
from xai_core.evaluation.evaluate import Evaluate
from xai_core.evaluation.evaluation import Evaluation
from xai_core.evaluation.selection import UNKNOWN, digests, select
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.predict import Predict
from xai_core.progress import Cancelled
from xai_core.training.reading import AHEAD, Ahead, squares

CLASSES = ("Owl", "unicorn", "cat")  # the toy knows cat, dog, fox, owl and bee


def items(count: int, part: Split = "", label: int | None = 0) -> list[Item]:
    names = [f"{part}-{label}-{n}" for n in range(count)]
    return [Item(name, label, part, hashlib.sha256(name.encode()).hexdigest(), f"{name}.png") for name in names]


def data_of(*groups: list[Item]) -> Dataset:
    return Dataset("key", "Starters", 1, CLASSES, tuple(item for group in groups for item in group))


def facts_of(data: Dataset, **parts: tuple[int, ...]) -> dict[str, Any]:
    return {"digests": digests(data, parts)}


def test_held_out_is_what_the_model_neither_learned_from_nor_was_chosen_by() -> None:
    data = data_of(items(10))
    facts = facts_of(data, train=(0, 1, 2, 3), validation=(4, 5), test=(6, 7))
    found = select(data, "held out", facts)
    assert found.numbers == (6, 7, 8, 9)  # also pictures that came later
    assert (found.where, found.notes) == ("held-out", ())
    assert select(data, "test", facts).numbers == (6, 7)


def test_judging_a_model_on_what_it_has_seen_is_said() -> None:
    data = data_of(items(10))
    facts = facts_of(data, train=(0, 1, 2, 3), validation=(4, 5), test=(6, 7, 8, 9))
    assert select(data, "train", facts).notes == ("The model learned from 4 of these 4 pictures, which flatters it.",)
    assert select(data, "all", facts).notes == ("The model learned from 4 of these 10 pictures, which flatters it.",)
    assert "decided when its training stopped" in select(data, "validation", facts).notes[0]


def test_another_data_set_is_all_held_out_unless_it_has_a_test_of_its_own() -> None:
    facts = facts_of(data_of(items(10, label=1)), train=tuple(range(10)))
    assert select(data_of(items(6)), "held out", facts).numbers == tuple(range(6))
    own = data_of(items(4, "train"), items(3, "test"))
    assert select(own, "held out", facts).numbers == (4, 5, 6)
    assert select(own, "train", facts).numbers == (0, 1, 2, 3)


def test_that_nothing_is_known_of_a_models_training_is_said() -> None:
    found = select(data_of(items(6)), "held out", {})
    assert (found.numbers, found.where, found.notes) == (tuple(range(6)), "", (UNKNOWN,))
    told = select(data_of(items(6)), "all", {"learned from": "420 pictures of the demo world"})
    assert told.notes == ("It learned from 420 pictures of the demo world.",)


def test_each_content_is_judged_once() -> None:
    once = items(5)
    liar = Item("liar", 2, "", once[4].digest, "liar.png")
    found = select(data_of(once, once[:2], [liar], items(3, label=None)), "all", {})
    assert found.numbers == (0, 1, 2, 3)
    assert found.notes[:2] == (
        "2 pictures show the same as another one and are not counted again.",
        "2 pictures are in two classes at once and are left out.",
    )


@pytest.mark.parametrize(
    ("data", "which", "words"),
    [
        (data_of(items(4)), "held out", "trained on every picture of “Starters”"),
        (data_of(items(4)), "test", "has no test pictures for this model. Choose “held out” or “all”"),
        (data_of(items(4, label=None)), "all", "has no pictures with a class"),
    ],
)
def test_nothing_left_is_explained(data: Dataset, which: Any, words: str) -> None:
    with pytest.raises(UnusableData, match=words):
        select(data, which, facts_of(data, train=(0, 1), validation=(2, 3)))


def painted(count: int) -> Iterator[Given]:
    draws = np.random.default_rng(0)
    for number in range(count):
        pixels = draws.integers(0, 256, (40, 50 + number, 3), dtype=np.uint8)
        yield Picture.of(pixels, f"{number}.png"), f"{number}.png", number % 3, "test" if number < 12 else "train"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return save("Animals", CLASSES, painted(24), {})


@pytest.fixture
def toy_hub() -> Hub:
    """The toy under the default model's name, which has a title and no facts."""
    made = Hub(build.load, torch.device("cpu"))
    made.adopt(make_toy(name="lite0"))
    return made


def test_every_picture_gets_the_answer_that_the_first_page_would_give(data: Dataset, toy_hub: Hub) -> None:
    found: Evaluation = toy_hub.run(Evaluate("lite0", data.key, data.revision, "all"))
    assert len(found.items) == 16  # a third are unicorns
    assert (found.title, found.classes, found.label_of) == ("EfficientNet-Lite0", ("Owl", "cat"), (3, 0))
    for place, number in enumerate(found.items):
        item = data.items[number]
        said = toy_hub.run(Predict("lite0", data.picture(item), Framing.AS_TRAINED))
        np.testing.assert_allclose(found.probabilities[place], said.probabilities, rtol=1e-4, atol=1e-6)
        assert found.classes[found.truths[place]] == CLASSES[item.label or 0]
        assert found.judged(place).label == said.top(1)[0].label
    assert "pictures of “unicorn” are left out" in found.notes[0]


def test_the_data_sets_own_test_part_is_the_default(data: Dataset, toy_hub: Hub) -> None:
    found: Evaluation = toy_hub.run(Evaluate("lite0", data.key, data.revision))
    assert {data.items[number].split for number in found.items} == {"test"}
    assert "on 8 held-out pictures" in found.sentence().text


def test_a_data_set_that_has_changed_is_not_judged_on_unasked(data: Dataset, toy_hub: Hub) -> None:
    entries.change("datasets", data.key, lambda manifest: manifest)
    with pytest.raises(UnusableData, match="has been changed"):
        toy_hub.run(Evaluate("lite0", data.key, data.revision))


def test_an_evaluation_can_be_stopped_and_begun_again(data: Dataset, toy_hub: Hub) -> None:
    request = Evaluate("lite0", data.key, data.revision, "all")

    def person(fraction: float, note: str = "") -> None:
        if note.startswith("looking"):
            raise Cancelled

    with pytest.raises(Cancelled):
        toy_hub.run(request, person)
    assert len(toy_hub.run(request).items) == 16


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValueError, match="split must be one of"):
        Evaluate("lite0", "animals", 1, "held")  # type: ignore[arg-type]


def test_pictures_are_read_ahead_but_never_far_and_let_go(data: Dataset) -> None:
    begun: list[int] = []

    def decode(number: int) -> np.ndarray:
        begun.append(number)
        return np.full((2, 2, 3), number % 251, np.uint8)

    with ThreadPoolExecutor(1) as pool:
        ahead = Ahead(decode, range(1000), pool)
        for start in range(0, 1000, 16):
            stop = min(start + 16, 1000)
            batch = ahead.batch(start, stop)
            assert batch[:, 0, 0, 0].tolist() == [number % 251 for number in range(start, stop)]
            assert len(ahead._held) <= AHEAD + 16
            assert max(begun) < stop + AHEAD
        np.testing.assert_array_equal(ahead.batch(992, 994), ahead.batch(992, 1000)[:2])  # memory ran out: half of it
    assert begun == list(range(1000))


def test_leaving_early_does_not_read_the_rest(data: Dataset) -> None:
    with squares(data, range(24), make_toy().preprocess) as ahead:
        first = ahead.batch(0, 1)
    assert first.shape == (1, 32, 32, 3)
    with pytest.raises(RuntimeError, match="shutdown"):
        Ahead(ahead._decode, range(24), ahead._pool).batch(0, 1)
