"""What is said of a map and of some of its pictures: counted by hand, or by SciPy."""

from __future__ import annotations

import colorsys
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from planted_maps import made
from scipy.stats import fisher_exact

from xai_core.embedding.looks import COLOURS, GREY, Looks, looks
from xai_core.embedding.mixing import mixing
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.quality import Quality
from xai_core.embedding.request import DrawMap
from xai_core.embedding.selection import counts, selected
from xai_core.embedding.settings import Settings
from xai_core.embedding.words import HONESTY, figures, headline, honesty, how_not, kept
from xai_core.evaluation.interval import wilson

APART = [[1, 2], [0, 2], [0, 1], [4, 5], [3, 5], [3, 4]]  # two crowds of three
MIXED = [[1, 2], [0, 2], [0, 1], [4, 5], [0, 1], [3, 4]]  # the fifth lies among the first three


def small(predicted: list[int], truth: list[int], neighbours: list[list[int]] = APART, **changes: object) -> PictureMap:
    return made(np.arange(2 * len(truth)).reshape(-1, 2), predicted, truth, neighbours, **changes)


@pytest.mark.parametrize(
    ("predicted", "truth", "neighbours", "words"),
    [
        (
            [0, 0, 0, 1, 1, 1],
            [0, 0, 0, 1, 1, 1],
            APART,
            "The model keeps the 2 classes apart: each of the 6 pictures is named rightly and lies among its own.",
        ),
        (
            [0, 0, 0, 1, 0, 1],
            [0, 0, 0, 1, 1, 1],
            MIXED,
            "The model mixes up cat and dog most: 1 picture of one is taken for the other, and 1 lies among the "
            "other’s.",
        ),
        (
            [0, 1, 0, 0, 1, 1],
            [0, 0, 0, 1, 1, 1],
            APART,
            "The model mixes up cat and dog most: 2 pictures of one are taken for the other.",
        ),
        (
            [0, 0, 0, 1, 1, 1],
            [0, 0, 0, 1, 1, 1],
            MIXED,
            "No two of these classes are taken for each other; closest are cat and dog: 1 picture of one lies among "
            "the other’s.",
        ),
        (
            [0, 0, 2, 1, 1, 1],
            [0, 0, 0, 1, 1, 1],
            APART,
            "The 2 classes lie apart, but the model takes 1 picture for something else.",
        ),
        (
            [0, 0, 0, 1, 1, 2],
            [0, 0, 0, 1, 1, -1],
            APART,
            "The model keeps the 2 classes that it knows apart: each of the 5 pictures is named rightly and none lies "
            "among those of another class.",
        ),
        ([0, 1, 0, 0, 1, 1], [0] * 6, APART, "All 6 pictures are of one class, cat."),
        ([0, 1, 0, 0, 1, 1], [0, 0, -1, -1, -1, -1], APART, "Of these 6 pictures only 2 are of a class that the model "
         "knows, cat."),
        ([0, 0, 0, 1, 1, 1], [-1] * 6, APART, "The model puts these 6 pictures into 2 classes; each lies among its "
         "like."),
        ([0, 0, 0, 1, 1, 1], [-1] * 6, MIXED, "The model puts these 6 pictures into 2 classes; 1 picture lies among "
         "pictures that it names otherwise."),
    ],
)  # fmt: skip
def test_the_headline_is_true(predicted: list[int], truth: list[int], neighbours: list[list[int]], words: str) -> None:
    assert headline(small(predicted, truth, neighbours)).text == words


NOT_SETTLED = [[1, 4], [0, 2], [0, 1], [4, 5], [3, 5], [3, 4]]  # the first has one neighbour on either side


@pytest.mark.parametrize(
    ("neighbours", "words"),
    [
        (
            MIXED,
            "The model has no words for these 2 classes; to its eye cat and dog lie closest: 1 picture of one lies "
            "among the other’s.",
        ),
        (
            APART,
            "The model has no words for these 2 classes, and yet keeps them apart: each picture lies among its own.",
        ),
        (
            NOT_SETTLED,
            "The model has no words for these 2 classes, and yet keeps them apart: no picture lies among those of "
            "another.",
        ),
    ],
)
def test_classes_that_the_model_does_not_have_can_still_lie_apart(neighbours: list[list[int]], words: str) -> None:
    labelled = small([2, 2, 1, 2, 0, 2], [0, 0, 0, 1, 1, 1], neighbours)
    shown = replace(labelled, truth=np.full(6, -1, np.int32))
    assert headline(shown).text == words


def test_nobody_is_said_to_lie_among_its_own_who_does_not() -> None:
    shown = small([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1], NOT_SETTLED)
    assert headline(shown).text.endswith("is named rightly and none lies among those of another class.")
    unnamed = small([0, 0, 0, 1, 1, 1], [-1] * 6, NOT_SETTLED)
    assert headline(unnamed).text.endswith("into 2 classes; none lies among those of another class.")


def test_pictures_of_unknown_class_are_nobodys_neighbours() -> None:
    found = mixing(small([0, 0, 0, 1, 1, 1], [0, 0, -1, 1, -1, 1], [[2, 4], [0, 2], [0, 1], [4, 5], [0, 1], [3, 3]]))
    assert (found.pictures, found.names, found.astray) == (4, ("cat", "dog"), 0)
    np.testing.assert_array_equal(found.taken, [[2, 0], [0, 2]])
    np.testing.assert_array_equal(found.among, [[0, 0], [0, 1]])


def test_the_pair_that_is_mixed_up_most_comes_first() -> None:
    """Both are taken for each other twice, but the last picture also lies among dogs."""
    found = mixing(small([2, 2, 0, 2, 1, 1], [0, 0, 0, 1, 1, 2]))
    assert [(pair.one, pair.other, pair.taken) for pair in found.pairs] == [("dog", "fox", 2), ("cat", "fox", 2)]
    assert found.wrong == 4


def test_a_map_that_keeps_few_neighbours_is_not_to_be_trusted() -> None:
    poor = Quality(0.6, 0.6, 0.07, 0.002, 10, 2000, 5000)
    shown = small([0] * 6, [0] * 6, quality=poor)
    assert "keeps only 7.0 % of the neighbours" in headline(shown).warning
    assert headline(small([0] * 6, [0] * 6)).warning == ""
    assert kept(poor) == (
        "Of every picture’s 10 nearest neighbours, 7.0 % are still its neighbours on the map (chance: 0.2 %, measured "
        "on 2,000 of them)."
    )


def test_the_line_below_the_map_says_what_distances_mean() -> None:
    shown = small([0] * 6, [0] * 6)
    assert honesty(shown) == HONESTY == "Distances between clusters and their sizes mean nothing."
    flat = replace(shown, request=DrawMap("toy", shown.request.sources, settings=Settings(layout="pca")))
    assert honesty(flat).startswith("These two directions hold 70 % of what differs")
    assert not set(how_not(shown)) & set(how_not(flat))
    assert [each.value for each in figures(shown)] == ["40 %", "0.900", "0.900", "90 %"]


LABELS = [0] * 20 + [1] * 20 + [2] * 20


def sixty() -> PictureMap:
    predicted = np.array(LABELS)
    predicted[[0, 1, 25]] = 2
    return small(predicted.tolist(), [*LABELS[:58], -1, -1], [[0]] * 60)


def test_a_selection_is_counted_against_all_pictures() -> None:
    found = selected(sixty(), [*range(15), 25, 59])
    assert [(each.name, each.inside, each.everywhere) for each in found.labels] == [("cat", 15, 20), ("dog", 1, 20)]
    assert [(each.name, each.inside) for each in found.predictions] == [("cat", 13), ("fox", 4)]
    cat, dog = found.labels
    theirs = fisher_exact([[15, 5], [2, 38]], alternative="greater").pvalue
    assert cat.p == pytest.approx(3 * theirs), "a fox might have stood out as well"
    assert cat.expected == pytest.approx(20 * 17 / 60)
    assert (cat.stands_out, dog.stands_out) == (True, False)
    assert (found.known, found.right) == (16, 13)
    assert found.interval == wilson(13, 16)
    assert found.elsewhere == 1.0


def test_what_a_selection_looks_like_is_compared_with_the_rest() -> None:
    draws = np.random.default_rng(0)
    measures = draws.normal(0.5, 0.1, (60, 3)).astype(np.float32)
    measures[:17, 0] += 0.2
    colour = np.where(np.arange(60) < 17, 5, 8)
    found = selected(sixty(), range(17), Looks(measures, colour))
    sureness, brightness, contrast, _ = found.differences
    a, b = measures[:17, 0].astype(float), measures[17:, 0].astype(float)
    pooled = math.sqrt((16 * a.var(ddof=1) + 42 * b.var(ddof=1)) / 58)
    assert brightness.effect == pytest.approx((a.mean() - b.mean()) / pooled)
    assert (brightness.clear, contrast.clear) == (True, False)
    assert math.isnan(sureness.effect), "nothing varies"
    assert [(each.name, each.inside, each.stands_out) for each in found.colours] == [("blue", 17, True)]


def test_what_is_selected_blindly_hardly_ever_stands_out() -> None:
    draws = np.random.default_rng(0)
    rare = np.array([f"class {number % 30}" for number in range(60)])  # two pictures of each
    plain = Looks(draws.normal(0.5, 0.1, (60, 3)).astype(np.float32), np.full(60, 8))
    named = seen = 0
    for size in (1, 3, 5) * 20:
        rows = draws.choice(60, size, replace=False)
        named += any(each.stands_out for each in counts(rare, np.isin(np.arange(60), rows)))
        seen += any(each.clear for each in selected(sixty(), rows.tolist(), plain).differences)
    assert named <= 6
    assert seen <= 6


def test_all_pictures_or_one_can_be_selected_and_none_cannot() -> None:
    everything = selected(sixty(), range(60))
    assert math.isnan(everything.elsewhere)
    assert {each.p for each in everything.labels} == {1.0}
    assert len(selected(sixty(), [3, 3])) == 1
    for wrong in ([], [60], [-1]):
        with pytest.raises(ValueError, match="rows must be some of 0 to 59"):
            selected(sixty(), wrong)


@pytest.mark.parametrize(
    ("colour", "name"),
    [((220, 30, 30), "red"), ((240, 150, 20), "orange"), ((240, 230, 30), "yellow"), ((30, 180, 60), "green"),
     ((30, 200, 200), "turquoise"), ((30, 60, 220), "blue"), ((140, 30, 220), "purple"), ((240, 60, 180), "pink"),
     ((128, 128, 128), GREY), ((255, 255, 255), GREY), ((0, 0, 0), GREY), ((235, 20, 40), "red")],
)  # fmt: skip
def test_the_main_colour_is_called_what_it_is(colour: tuple[int, int, int], name: str) -> None:
    tile = np.full((1, 8, 8, 3), 128, np.uint8)
    tile[:, :6] = colour
    assert (*COLOURS, GREY)[looks(tile).colour[0]] == name


def test_of_large_tiles_some_pixels_stand_for_all() -> None:
    smooth = np.asarray(Image.fromarray(np.arange(0, 240, 5, np.uint8)[None]).resize((48, 48)).convert("RGB"))
    whole = smooth.reshape(-1, 3) @ [0.299, 0.587, 0.114] / 255
    np.testing.assert_allclose(looks(smooth[None]).measures[0, :2], [whole.mean(), whole.std()], atol=0.03)


def test_brightness_contrast_and_colour_are_measured() -> None:
    draws = np.random.default_rng(0)
    tiles = draws.integers(0, 256, (300, 4, 4, 3), dtype=np.uint8)
    found = looks(tiles).measures
    pixels = tiles[270].reshape(-1, 3) / 255
    grey = pixels @ [0.299, 0.587, 0.114]
    each = [colorsys.rgb_to_hsv(*pixel) for pixel in pixels]
    expected = (grey.mean(), grey.std(), np.mean([s * v for _, s, v in each]))
    np.testing.assert_allclose(found[270], expected, atol=1e-6)
