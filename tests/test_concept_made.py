"""Examples cut from pictures and drawn by code, and what a test of so many of them can see."""

from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from scipy.optimize import brentq
from scipy.special import betainc

from pages.ui.concepts import saving
from pages.ui.concepts.study import Study
from picture_files import photo
from xai_core.concepts.concept import concept, concepts
from xai_core.concepts.cutting import cut
from xai_core.concepts.generated import PATTERNS, GenerateConcept, Recipe, preview
from xai_core.concepts.power import MEDIUM, hint
from xai_core.datasets.dataset import save
from xai_core.errors import UnusableConcept
from xai_core.jobs import on_device
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.progress import Cancelled
from xai_core.tcav.draws import held_out
from xai_core.tcav.settings import LEAST
from xai_core.world.facts import SIDE


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def whole() -> Picture:
    return Picture.of(photo(48, 64), "street.jpg")


def test_a_piece_is_the_pixels_inside_the_box(whole: Picture) -> None:
    piece = cut(whole, (10, 5, 40, 25))
    assert (piece.pixels == whole.pixels[5:25, 10:40]).all()
    assert piece.name == "street.jpg at 10, 5, 30 × 20"
    assert piece == Picture.of(whole.pixels[5:25, 10:40], "whatever")


def test_a_box_may_be_drawn_from_any_corner_and_beyond_the_picture(whole: Picture) -> None:
    assert cut(whole, (40.2, 25.4, 9.8, 4.9)) == cut(whole, (10, 5, 40, 25))
    assert cut(whole, (-100, -1, 1e9, 1e9)) == whole


@pytest.mark.parametrize(
    ("box", "size"), [((0, 0, 15, 40), "15 × 40"), ((60, 0, 90, 40), "4 × 40"), ((70, 50, 90, 90), "0 × 0")]
)
def test_a_piece_that_would_only_be_blur_is_refused(
    whole: Picture, box: tuple[float, float, float, float], size: str
) -> None:
    with pytest.raises(UnusableConcept, match=rf"street.jpg has {size} pixels; at least 16 × 16 are needed"):
        cut(whole, box)


def test_a_concept_of_pieces_knows_what_the_library_knows_of_the_pictures_that_they_were_cut_from(
    library: Path, monkeypatch: pytest.MonkeyPatch, whole: Picture
) -> None:
    monkeypatch.setattr(st, "rerun", lambda: None)
    other, stranger = (Picture.of(photo(40, width), f"{width}.png") for width in (50, 60))
    save("A", ("x",), [(whole, "w.png", 0, "")], {})  # nothing is known of it here
    given = [(whole, "w.png", 0, "", ("Lima", "3")), (other, "o.png", 1, "", ("Oslo", ""))]
    save("B", ("cat", "dog"), given, {}, columns=("site", "age"))
    first, second, third, fourth = (
        cut(each, (0, 0, 20, at)) for each, at in ((whole, 20), (other, 20), (stranger, 20), (other, 30))
    )

    kept = Study()
    cut_from = {first.digest: whole.digest, second.digest: other.digest, third.digest: stranger.digest}
    saving.create(kept, "corners", [first, second, third], "cut", cut_from)
    made = concept(kept.chosen[0])
    assert made.data.columns == ("class", "site", "age")
    assert [item.facts for item in made.items] == [("cat", "Lima", "3"), ("dog", "Oslo", ""), ("", "", "")]

    saving.add(kept, made, [fourth], {fourth.digest: other.digest})
    assert concept(made.key).items[3].facts == ("dog", "Oslo", "")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_drawn_set_is_all_different_and_the_same_again_from_its_seed(pattern: str) -> None:
    recipe = Recipe(pattern)
    first = preview(recipe, 6)
    assert {each.pixels.shape for each in first} == {(SIDE, SIDE, 3)}
    assert len({each.digest for each in first}) == 6
    assert preview(recipe, 6) == first
    assert {each.digest for each in preview(Recipe(pattern, seed=1), 6)}.isdisjoint({each.digest for each in first})


@pytest.mark.parametrize("colour", ["#e91e63", "#ffffff", "#808080", "#101040", "#00a000", "#000000"])
def test_a_colour_is_what_its_pictures_have_in_common_and_the_shades_vary(colour: str) -> None:
    wanted = np.array(list(bytes.fromhex(colour[1:])), float)
    pictures = np.stack([each.pixels[::4, ::4] for each in preview(Recipe("colour", colour), 20)]).astype(float)
    apart = np.linalg.norm(pictures - wanted, axis=-1)
    assert (apart < 90).mean() > 0.9  # of 441 from black to white
    assert np.linalg.norm(np.median(pictures, axis=(0, 1, 2)) - wanted) < 30
    assert pictures.mean(axis=(1, 2)).std(axis=0).max() > 3


def test_shades_of_grey_lean_to_no_side() -> None:
    means = np.stack([each.pixels.mean((0, 1)) for each in preview(Recipe("colour", "#808080"), 40)]) / 255
    hues = [colorsys.rgb_to_hsv(*mean)[0] for mean in means]
    assert len({int(4 * hue) for hue in hues}) == 4


@pytest.mark.parametrize("pattern", [each for each in PATTERNS if each != "colour"])
def test_scale_and_contrast_are_what_was_asked_for(pattern: str) -> None:
    def contrast(asked: float) -> float:
        """Between the two colours, which are the brightest and the darkest of a piece too small for the light."""
        brightness = [each.pixels.mean(2) for each in preview(Recipe(pattern, scale=0.5, contrast=asked), 8)]
        return float(np.median([np.ptp(np.quantile(each, (0.02, 0.98))) for each in brightness])) / 255

    def edges(scale: float) -> float:
        """The share of neighbours that differ much: twice as many at half the scale."""
        grey = np.stack([each.pixels.mean(2) for each in preview(Recipe(pattern, scale=scale, contrast=1.0), 8)])
        return float((np.abs(np.diff(grey, axis=2)) > 40).mean())

    assert contrast(0.3) == pytest.approx(0.3, abs=0.1)
    assert contrast(0.9) == pytest.approx(0.85, abs=0.12)  # the light takes a little away
    assert edges(0.2) > 1.8 * edges(0.7)


def test_a_drawn_concept_is_kept_with_its_recipe_or_not_at_all(library: Path) -> None:
    made = GenerateConcept("Warm stripes", Recipe("stripes", scale=0.25, seed=3), 5).answer()
    kept = concept(made.key)
    assert (kept.title, made.pictures) == ("Warm stripes", 5)
    assert kept.origin == "drawn: stripes, scale 0.25, contrast 0.7, seed 3"
    assert kept.data.picture(kept.items[2]) == Recipe("stripes", scale=0.25, seed=3).picture(2)

    def stop(fraction: float, note: str = "") -> None:
        if fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        GenerateConcept("Red", Recipe("colour"), 5).answer(progress=stop)
    assert len(concepts().concepts) == 1
    assert not on_device(GenerateConcept("Red", Recipe("colour")))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"pattern": "plaid"}, "pattern must be one of colour, stripes"),
        ({"pattern": "dots", "colour": "red"}, "colour must be like"),
        ({"pattern": "dots", "scale": 1.5}, "from 0 to 1"),
        ({"pattern": "dots", "contrast": 0.0}, "from 0 to 1"),
        ({"pattern": "dots", "scale": float("nan")}, "from 0 to 1"),
        ({"pattern": "dots", "seed": -1}, "negative"),
    ],
)
def test_a_recipe_that_cannot_be_drawn_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Recipe(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="count must be from 1 to 500"):
        GenerateConcept("x", Recipe("dots"), 0)


def power(distinct: int, right: float) -> float:
    """How often CAVs that are truly right on so many pictures pass the test of their accuracy."""
    held = 2 * held_out(distinct)
    needed = brentq(lambda share: betainc(share * held, held - share * held + 1, 0.5) - 0.05, 0.5, 1.0)
    return float(betainc(needed * held, held - needed * held + 1, right))


def test_the_hint_follows_the_arithmetic_of_the_accuracy_gate() -> None:
    assert power(LEAST, 0.95) >= 0.9
    all_right = 2 * held_out(7)
    assert betainc(all_right, 1, 0.5) > 0.05  # of 7 pictures nothing can be shown
    assert power(MEDIUM, 0.8) >= 0.9 > power(MEDIUM - 2, 0.8)
    assert power(MEDIUM - 1, 0.8) >= 0.9  # a round number is easier to remember


def test_the_hint_says_what_is_there_and_what_more_would_give() -> None:
    assert hint(0) == "0 distinct pictures: 10 more are needed to test."
    assert hint(6) == "6 distinct pictures: 4 more are needed to test."
    assert hint(9) == "9 distinct pictures: 1 more is needed to test."
    assert hint(12) == "12 distinct pictures: enough to see a strong effect; 30 would see a medium one."
    assert hint(30) == "30 distinct pictures: enough to see a medium effect."
    assert hint(1200) == "1,200 distinct pictures: enough to see a medium effect. A test takes 50 of them."
    assert hint(1, pool=True) == "1 distinct picture: 19 more are needed to compare with."
    assert hint(60, pool=True) == (
        "60 distinct pictures: enough for concepts of up to 30 pictures; 100 would do for any."
    )
    assert hint(1040, pool=True) == "1,040 distinct pictures: enough to compare any concept with."
