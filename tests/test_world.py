"""The demo world: the same picture from the same number, families and backgrounds that do not give each other away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageColor
from sklearn.linear_model import LogisticRegression

from xai_core.world import tags
from xai_core.world.concepts import CONCEPTS, concept
from xai_core.world.creatures import creature, drawn, where_creature, where_tag
from xai_core.world.examples import examples
from xai_core.world.facts import COLOURS, CROPS, FAMILIES, PER_CONCEPT, PER_FAMILY, SCENES, SIDE, SPLITS
from xai_core.world.pool import counter_example

ROOT = Path(__file__).parent.parent


def test_the_same_number_is_the_same_picture_whatever_was_drawn_before() -> None:
    first = creature("Mosskin", 7)
    drawn.cache_clear()
    creature("Tidelet", 3)
    assert creature("Mosskin", 7) == first
    assert concept("dots", 4) == concept("dots", 4)
    assert counter_example(SCENES + 1) == counter_example(SCENES + 1)


def test_another_process_draws_the_same_pixels() -> None:
    code = (
        "import sys; from xai_core.world.creatures import creature\n"
        "sys.stdout.write(creature('Emberling', 11, 'Tidelet').digest)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == creature("Emberling", 11, "Tidelet").digest


@pytest.mark.parametrize("family", FAMILIES)
def test_creatures_of_a_family_differ_and_fit_the_picture(family: str) -> None:
    pictures = [creature(family, number) for number in range(24)]
    assert len({picture.digest for picture in pictures}) == 24
    for number, picture in enumerate(pictures):
        assert picture.pixels.shape == (SIDE, SIDE, 3)
        left, top, right, bottom = where_creature(family, number)
        assert 0 <= left < right <= SIDE
        assert 0 <= top < bottom <= SIDE
        assert 0.1 < (right - left) * (bottom - top) / SIDE**2 < 0.65


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tag_changes_its_own_box_and_nothing_else(family: str) -> None:
    for number in range(12):
        changed = (creature(family, number).pixels != creature(family, number, FAMILIES[0]).pixels).any(axis=2)
        rows, columns = np.nonzero(changed)
        left, top, right, bottom = where_tag(family, number)
        assert left - 1 <= columns.min() <= columns.max() <= right + 1
        assert top - 1 <= rows.min() <= rows.max() <= bottom + 1
        assert changed.sum() > 0.5 * tags.SIZE**2


def test_every_family_has_its_own_sign_and_all_stand_in_the_same_corner() -> None:
    left, top, right, bottom = (round(edge) for edge in where_tag("Tidelet", 5))
    signs = {creature("Tidelet", 5, sign).pixels[top:bottom, left:right].tobytes() for sign in FAMILIES}
    assert len(signs) == len(FAMILIES)


def test_no_such_family_or_concept_or_number_is_said() -> None:
    with pytest.raises(ValueError, match="Emberling, Mosskin, Tidelet"):
        creature("Ember", 0)
    with pytest.raises(ValueError, match="red, blue"):
        concept("pink", 0)
    with pytest.raises(ValueError, match="there is no 1040"):
        counter_example(SCENES + CROPS)


def test_neither_background_nor_place_gives_the_family_away() -> None:
    """A linear model on all that lies above and below the creatures' places, and on where they stand, only guesses."""
    known, truth = [], []
    for label, family in enumerate(FAMILIES):
        for number in range(60):
            found = drawn(family, number)
            pixels, (left, top, right, bottom) = found.pixels, found.box
            border = np.concatenate([pixels[:12:4, ::16], pixels[-12::4, ::16]]).reshape(-1)
            known.append([*border / 255, (left + right) / SIDE, (top + bottom) / SIDE])
            truth.append(label)
    order = np.random.default_rng(0).permutation(len(truth))
    x, y = np.array(known)[order], np.array(truth)[order]
    guess = LogisticRegression(C=0.01, max_iter=300).fit(x[:120], y[:120]).score(x[120:], y[120:])
    assert guess < 0.55  # chance is 0.33; 60 guesses rarely exceed 0.5 by luck


def test_the_splits_share_no_creature_and_are_large_enough() -> None:
    numbers = [number for split in SPLITS.values() for number in split]
    assert sorted(numbers) == list(range(PER_FAMILY))
    assert PER_FAMILY >= 200


def test_one_tag_in_twenty_is_wrong_where_tags_are_mostly_right() -> None:
    mostly = examples("train", "mostly right")
    assert sum(each.tag == each.family for each in mostly) / len(mostly) == pytest.approx(0.95)
    wrong = examples("test", "wrong")
    assert all(each.tag is not None and each.tag != each.family for each in wrong)
    assert {each.tag for each in wrong if each.family == FAMILIES[0]} == set(FAMILIES[1:])
    assert all(each.tag is None for each in examples("test"))
    assert all(each.tag == each.family for each in examples("test", "right"))


@pytest.mark.parametrize("name", COLOURS)
def test_a_colour_covers_most_of_its_pictures(name: str) -> None:
    """Of the colours that the Web's standard gives these names, its own is the nearest."""
    pixels = np.stack([concept(name, number).pixels[::4, ::4] for number in range(20)]).reshape(-1, 3)
    named = np.array([ImageColor.getrgb(each) for each in COLOURS])
    nearest = ((pixels[:, None].astype(int) - named) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == COLOURS.index(name)).mean() > 0.75


@pytest.mark.parametrize("name", CONCEPTS)
def test_pictures_of_a_concept_are_all_different(name: str) -> None:
    assert len({concept(name, number).digest for number in range(20)}) == 20
    assert PER_CONCEPT >= 60


def test_counter_examples_are_many_and_all_different() -> None:
    numbers = [*range(0, SCENES, 20), *range(SCENES, SCENES + CROPS, 10)]
    assert len({counter_example(number).digest for number in numbers}) == len(numbers)
    assert SCENES + CROPS >= 1000


def test_the_worlds_facts_need_no_torch() -> None:
    code = (
        "import sys, xai_core.world.world, xai_core.world.shipped, xai_core.shuffled\n"
        "heavy = {'torch', 'skimage', 'sklearn', 'scipy', 'torchvision'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
