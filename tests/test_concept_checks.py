"""Doubtful pictures of a concept are pointed out, and pictures like its own are found in other sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance
from skimage import data
from sklearn.metrics.pairwise import cosine_similarity

from picture_files import saved
from xai_core.concepts import editing
from xai_core.concepts.checking import LEAST, Inspect, outliers
from xai_core.concepts.concept import concept
from xai_core.concepts.likeness import AT_ONCE, nearly_same, reduced
from xai_core.concepts.suggesting import Suggest, likenesses
from xai_core.datasets.dataset import save
from xai_core.errors import UnusableConcept, UnusableData
from xai_core.hub import Hub
from xai_core.intake import read_picture
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.progress import Cancelled
from xai_core.world.concepts import concept as drawn

Pixels = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def photographs() -> list[Pixels]:
    return [getattr(data, name)() for name in ("astronaut", "chelsea", "coffee", "rocket")]


def half(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((pixels.shape[1] // 2, pixels.shape[0] // 2)))


def saved_again(pixels: Pixels) -> Pixels:
    return read_picture(saved(pixels, "JPEG", quality=60), "a.jpg").pixels


def brightened(pixels: Pixels) -> Pixels:
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(pixels)).enhance(1.12))


def found(*pictures: Pixels) -> list[tuple[int, int]]:
    return nearly_same([reduced(each) for each in pictures])


@pytest.mark.parametrize("change", [half, saved_again, brightened])
def test_a_picture_and_its_altered_copy_are_nearly_the_same(
    change: Callable[[Pixels], Pixels], photographs: list[Pixels]
) -> None:
    copies = [change(each) for each in photographs]
    count = len(photographs)
    assert found(*photographs, *copies) == [(number, number + count) for number in range(count)]


@pytest.mark.parametrize("shift", [3, 6, 10])
def test_the_same_crop_a_few_pixels_further_on_is_nearly_the_same(shift: int, photographs: list[Pixels]) -> None:
    crops = [each[40:220, 60:240] for each in photographs]
    moved = [each[40 + shift : 220 + shift, 60 - shift : 240 - shift] for each in photographs]
    count = len(photographs)
    assert set(found(*crops, *moved)) == {(number, number + count) for number in range(count)}
    elsewhere = [each[100:280, 110:290] for each in photographs]
    assert found(*crops, *elsewhere) == []


@pytest.mark.parametrize("zoom", [1.03, 1.05, 1.08, 1.1])
@pytest.mark.parametrize("first", [True, False])
def test_a_picture_and_a_little_of_it_enlarged_are_nearly_the_same(
    zoom: float, first: bool, photographs: list[Pixels]
) -> None:
    def enlarged(pixels: Pixels) -> Pixels:
        image = Image.fromarray(pixels)
        left, top = (0.7 * (1 - 1 / zoom) * side for side in image.size)  # not quite from the middle
        box = (left, top, left + image.width / zoom, top + image.height / zoom)
        return np.asarray(image.resize(image.size, Image.Resampling.BICUBIC, box=box))

    wholes, copies, count = photographs, [enlarged(each) for each in photographs], len(photographs)
    both = (wholes, copies) if first else (copies, wholes)
    assert found(*both[0], *both[1]) == [(number, number + count) for number in range(count)]


def test_drawings_of_one_concept_are_not_taken_for_copies_of_each_other() -> None:
    for name in ("red", "stripes", "dots"):
        assert found(*(drawn(name, number).pixels for number in range(30))) == []


def test_a_picture_in_another_light_is_another_picture() -> None:
    grey = np.stack([data.camera()] * 3, axis=-1)
    assert found(grey, (grey * 0.9).astype(np.uint8)) == [(0, 1)]
    assert found(grey, (grey * 0.4).astype(np.uint8)) == []


def test_pictures_of_one_colour_are_compared_by_it() -> None:
    plain = [
        np.full((30, 30, 3), colour, np.uint8) for colour in ((200, 10, 10), (203, 12, 10), (10, 10, 200), (90, 5, 5))
    ]
    assert found(*plain) == [(0, 1)]
    assert found() == []


def test_many_pictures_are_compared_all_with_all() -> None:
    many = [drawn("dots", number).pixels for number in range(AT_ONCE + 8)]
    assert found(*many, many[3], many[AT_ONCE + 2]) == [(3, AT_ONCE + 8), (AT_ONCE + 2, AT_ONCE + 9)]


def around(direction: int, count: int, seed: int = 0) -> NDArray[np.float32]:
    """Rows (count, 40) about one direction."""
    rows = np.random.default_rng(seed).normal(0, 0.05, (count, 40)).astype(np.float32)
    rows[:, direction] += 1
    return rows


def test_a_picture_unlike_all_the_others_is_pointed_out_and_the_farthest_comes_first() -> None:
    near = around(0, 1, seed=1)
    near[:, 1] += 0.6
    rows = np.concatenate([around(0, 10), near, around(1, 1), around(0, 9, seed=2)])
    assert outliers(rows)[:2] == [11, 10]


def test_as_many_strangers_as_others_are_no_strangers_and_few_pictures_have_none() -> None:
    assert outliers(np.concatenate([around(0, 10), around(1, 10)])) == []
    assert outliers(np.concatenate([around(0, LEAST - 2), around(1, 1)])) == []
    once = np.random.default_rng(5).random(50)
    assert outliers(np.outer(np.linspace(0.1, 3, 12), once).astype(np.float32)) == []
    assert outliers(np.zeros((12, 5), np.float32)) == []


@pytest.mark.parametrize(("seed", "pictures"), [(37, 8), (42, 8), (2, 9), (35, 10), (2, 12), (3, 30)])
def test_outliers_are_where_another_program_finds_the_cosines_low(seed: int, pictures: int) -> None:
    """scikit-learn's cosines to the mean of the others' directions, and the robust rule by hand."""
    rows = np.random.default_rng(seed).gamma(0.5, size=(pictures, 6)).astype(np.float32)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    likeness = np.array(
        [cosine_similarity(rows[[row]], np.delete(unit, row, axis=0).mean(0)[None])[0, 0] for row in range(pictures)]
    )
    limit = np.median(likeness) - 3 * 1.4826 * np.median(np.abs(likeness - np.median(likeness)))
    expected = sorted(np.flatnonzero(likeness < limit), key=lambda row: likeness[row])
    assert outliers(rows) == expected


def test_likeness_is_the_cosine_with_the_chosen_ones_seen_from_the_middle() -> None:
    rng = np.random.default_rng(1)
    rows, chosen = rng.gamma(1.0, size=(50, 8)).astype(np.float32), rng.gamma(1.0, size=(1, 8)).astype(np.float32)
    expected = cosine_similarity(rows - rows.mean(0), chosen - rows.mean(0))[:, 0]
    assert likenesses(chosen, rows) == pytest.approx(expected, abs=1e-6)
    assert likenesses(chosen, rows[:0]).shape == (0,)


def coloured(colour: tuple[int, int, int], number: int) -> Picture:
    """A plain picture with a little noise: what is common is the colour."""
    noise = np.random.default_rng(number).integers(-20, 20, (40, 40, 3))
    return Picture.of(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8), f"{colour} {number}.png")


RED, BLUE = (220, 30, 30), (30, 30, 220)


@pytest.fixture
def mixture() -> str:
    """A data set of ten red and ten blue pictures."""
    pictures = [coloured(colour, 100 + number) for number in range(10) for colour in (RED, BLUE)]
    return save("Mixture", (), [(each, each.name, None, "") for each in pictures], {}).key


def suggest(key: str, source: str, **changes: object) -> Suggest:
    return replace(Suggest("toy", "3", key, concept(key).revision, ("datasets", source, 1), count=10), **changes)


def test_pictures_like_the_chosen_ones_come_first(hub: Hub, mixture: str) -> None:
    key = editing.create("Red", [coloured(RED, 1)], "").key
    told = hub.run(suggest(key, mixture))
    assert [item.name[:13] for item, _ in told.items] == ["(220, 30, 30)"] * 10
    likeness = [value for _, value in told.items]
    assert likeness == sorted(likeness, reverse=True)
    assert told.left == 20


def test_what_is_there_already_or_was_refused_is_not_suggested(hub: Hub, mixture: str) -> None:
    key = editing.create("Red", [coloured(RED, 1), coloured(RED, 100)], "").key
    first = hub.run(suggest(key, mixture, count=3))
    assert coloured(RED, 100).digest not in {item.digest for item, _ in first.items}
    refused = frozenset(item.digest for item, _ in first.items)
    second = hub.run(suggest(key, mixture, refused=refused))
    assert refused.isdisjoint(item.digest for item, _ in second.items)
    assert (first.left, second.left, len(second.items)) == (19, 16, 10)
    assert [item.name[:13] for item, _ in second.items[:6]] == ["(220, 30, 30)"] * 6


def test_suggesting_needs_a_picture_to_go_by_and_the_revision_that_was_seen(hub: Hub, mixture: str) -> None:
    key = editing.create("Red", [], "").key
    with pytest.raises(UnusableConcept, match=r"Red has no pictures yet. Add at least 1"):
        hub.run(suggest(key, mixture))
    with pytest.raises(UnusableData, match="revision 9"):
        hub.run(suggest(key, mixture, revision=9))
    with pytest.raises(ValueError, match="at least 1"):
        suggest(key, mixture, count=0)


def test_doubtful_pictures_of_a_concept_are_named_by_their_digests(hub: Hub) -> None:
    reds = [drawn("red", number) for number in range(12)]
    again = read_picture(saved(reds[4].pixels, "JPEG", quality=80), "again.jpg")
    strange = Picture.of(drawn("stripes", 0).pixels, "strange.png")
    key = editing.create("Red", [*reds, again, strange], "").key
    told = hub.run(Inspect("toy", "3", key, 1))
    assert told.nearly_same == ((reds[4].digest, again.digest),)
    assert told.odd[0] == strange.digest
    small = editing.take_out(key, {each.digest for each in reds[:8]})
    assert hub.run(Inspect("toy", "3", key, small.revision)).odd == ()
    with pytest.raises(UnusableData, match="changed"):
        hub.run(Inspect("toy", "3", key, 1 + small.revision))


def test_inspecting_tells_how_far_it_is(hub: Hub) -> None:
    key = editing.create("Red", (drawn("red", number) for number in range(10)), "").key
    told: list[float] = []
    Inspect("toy", "3", key, 1).answer(hub, lambda fraction, note="": told.append(fraction))
    assert told == sorted(told)
    assert {0.4, 1.0} <= set(told)


@pytest.mark.parametrize("phase", ["reading", "comparing", "looking"])
def test_inspecting_stops_wherever_it_is(hub: Hub, phase: str) -> None:
    key = editing.create("Red", (drawn("red", number) for number in range(8)), "").key

    def stop(fraction: float, note: str = "") -> None:
        if note.startswith(phase):
            raise Cancelled(phase)

    with pytest.raises(Cancelled, match=phase):
        Inspect("toy", "0", key, 1).answer(hub, stop)
