"""A concept's test from pictures to cells: what is shared, what is refused, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from tcav_sets import QUICK, drawn, entry, kept_set, passes_of

from conftest import make_toy
from xai_core import hooks
from xai_core.datasets.dataset import Dataset
from xai_core.errors import LibraryError, UnsupportedMethod, UnusableData, XaiError
from xai_core.features.gradients import gradients
from xai_core.hub import Hub
from xai_core.library import entries
from xai_core.progress import Cancelled
from xai_core.tcav import random_concepts
from xai_core.tcav.direction import Direction, Trained
from xai_core.tcav.examples import examples
from xai_core.tcav.request import Entry, Examples, Tcav
from xai_core.tcav.result import TcavResult
from xai_core.tcav.stepping import STEPPED

LAYER = "1"
CAT, DOG, FOX, OWL, BEE = range(5)


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(lambda key, device: make_toy(), torch.device("cpu"))


@pytest.fixture(scope="module")
def pool(library: None) -> Entry:
    return entry(kept_set("pool", [drawn("any", number) for number in range(60)]))


@pytest.fixture(scope="module")
def concepts(library: None) -> dict[str, Entry]:
    return {name: entry(kept_set(name, [drawn(name, n) for n in range(12)])) for name in ("red", "blue")}


@pytest.fixture(scope="module")
def shown(library: None) -> Dataset:
    return kept_set("shown", [drawn("shown", number) for number in range(20)], "datasets")


@pytest.fixture
def ask(hub: Hub, pool: Entry, concepts: dict[str, Entry], shown: Dataset) -> Callable[..., TcavResult]:
    def asked(name: str = "red", **changes: object) -> TcavResult:
        classes = tuple(Examples(target, "datasets", *entry(shown)) for target in (CAT, DOG))
        plain = Tcav("toy", concepts[name], (pool,), classes, (LAYER,), settings=QUICK)
        found: TcavResult = hub.run(replace(plain, **changes))  # type: ignore[arg-type]
        return found

    return asked


def test_the_result_says_what_it_rests_on(ask: Callable[..., TcavResult], hub: Hub) -> None:
    result = ask(layers=("1", "4"))
    assert (result.title, result.pictures, result.pool, result.notes) == ("red", 12, 60, ())
    assert [(cell.layer, cell.target, cell.label) for cell in result.cells] == [
        (layer, target, label) for layer in ("1", "4") for target, label in ((CAT, "cat"), (DOG, "dog"))
    ]
    assert result.weights == hub.classifier("toy").fingerprint
    assert 0 < result.overlap < 0.5
    for cell in result.cells:
        assert cell.examples == 20
        assert cell.scores.shape == cell.means.shape == (4,)
        assert cell.random.shape == (19,)
        assert cell.follows > 0.8
    assert result.cells[2].steady == pytest.approx(1)  # what follows layer 4 is linear


def test_a_second_concept_of_the_same_size_shares_random_concepts_pool_and_gradients(
    hub: Hub, ask: Callable[..., TcavResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask()
    made: list[int] = []
    monkeypatch.setattr(random_concepts, "random_cavs", lambda *_: made.append(1))
    extra = entry(kept_set("more reds", [drawn("red", number) for number in range(20, 32)]))
    with passes_of(hub) as passes:
        second = ask(concept=extra)
    assert not made
    assert sum(passes) == 12 + 2 * STEPPED  # its own pictures, and a try of real steps for each class
    assert np.array_equal(second.cells[0].random, first.cells[0].random)
    assert not np.array_equal(second.cells[0].means, first.cells[0].means)


def test_the_direction_that_is_kept_is_the_mean_of_the_tests_own(
    hub: Hub, pool: Entry, concepts: dict[str, Entry], shown: Dataset, ask: Callable[..., TcavResult]
) -> None:
    trained: Trained = hub.run(Direction("toy", concepts["red"], (pool,), LAYER, settings=QUICK))
    assert np.linalg.norm(trained.vector) == pytest.approx(1)
    pictures, _ = examples(hub, "toy", Examples(CAT, "datasets", *entry(shown)), QUICK)
    cells = ask().cells
    ratios = []
    for cell in cells:
        slopes = gradients(hub, "toy", (LAYER,), cell.target, pictures)[LAYER]
        ratios.append((slopes @ trained.vector).mean() / cell.mean)
    # the mean of directions of length 1 is shorter than they are: by how much, all classes agree on
    assert 1 <= ratios[0] < 1.5
    assert ratios[1] == pytest.approx(ratios[0], rel=1e-4)
    assert trained.accuracy == pytest.approx(cells[0].accuracy)


def test_too_few_pictures_are_refused_in_every_cell_before_the_network_is_asked(
    hub: Hub, ask: Callable[..., TcavResult]
) -> None:
    few = [drawn("red", number) for number in range(9)]
    twice = entry(kept_set("few", [*few, *few]))
    with passes_of(hub) as passes:
        result = ask(concept=twice, layers=("0", LAYER))
    assert not passes
    assert [(cell.layer, cell.target) for cell in result.cells] == [("0", CAT), ("0", DOG), ("1", CAT), ("1", DOG)]
    assert all("at least 10 different pictures" in cell.refusal and "has 9" in cell.refusal for cell in result.cells)
    assert np.isnan(result.cells[0].score)
    assert result.cells[0].examples == 20


def test_what_was_left_out_or_met_twice_is_said(ask: Callable[..., TcavResult]) -> None:
    reds = [drawn("red", number) for number in range(14)]
    mixed = entry(kept_set("mixed", [*reds, reds[0], reds[1], *(drawn("any", number) for number in range(4))]))
    result = ask(concept=mixed)
    assert result.notes == (
        "2 of mixed's 20 pictures show the same as another one and are not counted.",
        "mixed has 18 different pictures; 12 of them are used, drawn at random.",
        "4 counter-examples are also pictures of mixed, and are never drawn against it.",
    )
    assert (result.pictures, result.pool) == (12, 56)


def test_a_set_that_was_changed_or_removed_since_it_was_chosen_is_named(
    ask: Callable[..., TcavResult], shown: Dataset
) -> None:
    chosen = kept_set("chosen", [drawn("blue", number) for number in range(10)])
    entries.change("concepts", chosen.key, lambda manifest: manifest)
    with pytest.raises(UnusableData, match="concept set “chosen” has been changed: you chose revision 1"):
        ask(concept=entry(chosen))
    entries.remove("concepts", chosen.key)
    with pytest.raises(LibraryError, match="no concept set chosen"):
        ask(concept=entry(chosen))
    with pytest.raises(UnusableData, match="has no class number 7"):
        ask(classes=(Examples(CAT, "datasets", *entry(shown), label=7),))
    with pytest.raises(XaiError, match="there is no class 5"):
        ask(classes=(Examples(5, "datasets", *entry(shown)),))
    with pytest.raises(UnsupportedMethod, match="no layer 'nowhere'"):
        ask(layers=("nowhere",))


def test_what_the_model_takes_for_a_class_is_found_among_all_pictures(
    hub: Hub, ask: Callable[..., TcavResult], shown: Dataset
) -> None:
    classifier = hub.classifier("toy")
    said = []
    for item in shown.items:
        square = shown.picture(item).pixels[2:34, 2:34]  # the middle of 36 pixels
        with torch.no_grad():
            said.append(int(classifier.module(classifier.encode(square)).argmax()))
    often = max(set(said), key=said.count)
    rare = next(target for target in range(5) if target not in said)
    classes = tuple(Examples(target, "datasets", *entry(shown), predicted=True) for target in (often, rare))
    result = ask(classes=classes)
    assert [cell.examples for cell in result.cells] == [said.count(often), 0]
    name = classifier.labels[often]
    assert result.notes[0] == f"Of 20 pictures that were looked at, the model takes {said.count(often)} for {name}."
    assert "at least 5 pictures" in result.cells[1].refusal


def test_no_more_pictures_are_judged_than_are_needed(hub: Hub, shown: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xai_core.tcav.examples.LOOK", 5)
    monkeypatch.setattr("xai_core.tcav.examples.answers", lambda hub, model, batch, _: np.eye(5)[[DOG] * len(batch)])
    wanted = Examples(DOG, "datasets", *entry(shown), predicted=True)
    found, notes = examples(hub, "toy", wanted, replace(QUICK, examples=8))
    assert len(found) == 8
    assert notes == ("Of 10 pictures that were looked at, the model takes 10 for dog.",)


def test_pictures_that_are_concept_and_class_at_once_are_said_to_be_a_circle(
    ask: Callable[..., TcavResult], concepts: dict[str, Entry]
) -> None:
    result = ask("blue", classes=(Examples(OWL, "concepts", *concepts["blue"]),))
    words = "partly a circle, for a class nearly always uses what its own pictures share."
    assert result.notes == (f"12 pictures of owl are also examples of blue: {words}",)


def test_of_relative_concepts_the_others_are_the_counter_examples(
    ask: Callable[..., TcavResult], concepts: dict[str, Entry]
) -> None:
    result = ask("red", against=(concepts["blue"],), relative=True)
    assert (result.pictures, result.pool) == (12, 12)
    assert result.overlap == 1.0
    assert result.cells[0].random.shape == (19,)
    assert not np.array_equal(result.cells[0].means, ask("red").cells[0].means)


def test_two_lots_of_pictures_of_one_class_are_two_cells(ask: Callable[..., TcavResult], shown: Dataset) -> None:
    some = kept_set("some of them", [shown.picture(item) for item in shown.items[:7]], "datasets")
    both = tuple(Examples(CAT, "datasets", *entry(data)) for data in (shown, some))
    cells = ask(classes=both).cells
    assert [(cell.target, cell.examples) for cell in cells] == [(CAT, 20), (CAT, 7)]


def test_progress_only_rises_tells_its_phases_and_stopping_leaves_no_hook_behind(
    hub: Hub, ask: Callable[..., TcavResult], pool: Entry, concepts: dict[str, Entry]
) -> None:
    told: list[tuple[float, str]] = []
    new = kept_set("not seen yet", [drawn("shown", number) for number in range(50, 60)], "datasets")
    asked = Tcav("toy", concepts["red"], (pool,), (Examples(BEE, "datasets", *entry(new)),), ("3",), settings=QUICK)
    hub.run(asked, lambda fraction, note="": told.append((fraction, note)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    phases = ("loading", "looking at pictures", "following the class back", "random concepts to compare", "real steps")
    for phase in phases:
        assert any(phase in note for _, note in told), phase

    def stop(fraction: float, note: str = "") -> None:
        if "real steps" in note:
            raise Cancelled

    with pytest.raises(Cancelled):
        hub.run(replace(asked, layers=("2",)), stop)
    assert not hooks.touched()
    assert hooks.count(hub.classifier("toy").module) == 0


def test_a_test_made_again_in_another_process_gives_the_same_bits(
    pool: Entry, concepts: dict[str, Entry], shown: Dataset, ask: Callable[..., TcavResult]
) -> None:
    first = ask()
    fresh = Hub(lambda key, device: make_toy(), torch.device("cpu"))
    again: TcavResult = fresh.run(first.request)
    for one, other in zip(first.cells, again.cells, strict=True):
        assert one.means.tobytes() == other.means.tobytes()
        assert one.random.tobytes() == other.random.tobytes()
        assert one.follows == other.follows
